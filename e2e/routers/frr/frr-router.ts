import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { must, run } from "../../lab/command.ts";
import { type Daemon, Daemons, type Place } from "../daemons.ts";
import type { Router } from "../router.ts";
import type { RouterDescription } from "../router-description.ts";
import { familyOf } from "../router-description.ts";
import { frrBfd, frrPaths, frrPrefixes, frrSession } from "./frr-answers.ts";
import { bfddConfig, bgpdConfig, frrName } from "./frr-config.ts";

/** Where Debian puts FRR's programs. */
const programs = "/usr/lib/frr";

/** Where the programs see the router's folder: they run as user frr, who may not enter the folders above it. */
const inside = "/mnt";

/** Sees the folder ($1) as {@link inside}; logs of crashes, which FRR always keeps in /var/tmp, are its own. */
const enterFolder = `mount -t tmpfs tmpfs /var/tmp && mount --bind "$1" ${inside} && shift && exec "$@"`;

/** FRR: zebra, which puts routes into the namespace's kernel, bfdd and bgpd. */
export async function startFrr(place: Place, description: RouterDescription): Promise<Router> {
  const { folder } = place;
  await must("chown", ["frr:frr", folder]);
  const configs = { zebra: "log stdout informational\n", bfdd: bfddConfig(description), bgpd: bgpdConfig(description) };
  for (const [name, text] of Object.entries(configs)) writeFileSync(join(folder, `${name}.conf`), text);
  const ask = (...questions: readonly string[]): Promise<string> =>
    must("vtysh", ["--vty_socket", folder, ...questions.flatMap((question) => ["-c", question])]);
  const daemon = (name: keyof typeof configs, more: readonly string[] = []): Daemon => ({
    name,
    command: ["unshare", "--mount", "bash", "-c", enterFolder, "-", folder, `${programs}/${name}`, ...optionsOf(name), ...more],
    isReady: async () => (await run("vtysh", ["--vty_socket", folder, "-d", name, "-c", "show version"])).code === 0,
  });
  const daemons = new Daemons(place, [
    daemon("zebra"),
    daemon("bfdd", ["--bfdctl", `${inside}/bfdd.sock`]),
    daemon("bgpd", description.installs === false ? ["--no_kernel"] : []),
  ]);
  await daemons.start();
  const names = new Map(description.neighbors.map((neighbor) => [neighbor.name, frrName(neighbor)]));
  const byPeer = new Map(description.neighbors.map((neighbor) => [frrName(neighbor), neighbor.name]));
  const peerOf = (neighbor: string): string => names.get(neighbor) ?? neighbor;
  return {
    kind: "frr",
    daemons,
    session: async (neighbor) => frrSession(await ask(`show bgp neighbors ${peerOf(neighbor)} json`)),
    paths: async (prefix) =>
      frrPaths(await ask(`show bgp ${familyOf(prefix)} unicast ${prefix} json`), (peer) => byPeer.get(peer)),
    prefixes: async (family) => frrPrefixes(await ask(`show bgp ${family} unicast json`)),
    bfd: async (neighbor) =>
      frrBfd(await ask("show bfd peers json"), await ask("show bfd peers counters json"), peerOf(neighbor)),
    clear: async (neighbor, how) => {
      await ask(`clear bgp ${peerOf(neighbor)}${how === "refresh" ? " soft in" : ""}`);
    },
    ask,
  };
}

function optionsOf(name: string): readonly string[] {
  const config = ["-f", `${inside}/${name}.conf`, "-i", `${inside}/${name}.pid`];
  return ["--vty_socket", inside, "-z", `${inside}/zserv.api`, "--log", "stdout", ...config];
}
