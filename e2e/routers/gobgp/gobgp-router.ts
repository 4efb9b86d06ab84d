import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must, run } from "../../lab/command.ts";
import { Daemons, type Place } from "../daemons.ts";
import type { Router } from "../router.ts";
import type { RouterDescription } from "../router-description.ts";
import { gobgpPaths, gobgpPrefixes, gobgpSession } from "./gobgp-answers.ts";
import { gobgpConfig, routeCommand } from "./gobgp-config.ts";

/** GoBGP. It puts nothing into the kernel. */
export async function startGobgp(place: Place, description: RouterDescription): Promise<Router> {
  const { autonomousSystem, neighbors, originated = [] } = description;
  const [config, socket] = [join(place.folder, "gobgp.json"), join(place.folder, "gobgp.sock")];
  const control = `unix://${socket}`;
  writeFileSync(config, gobgpConfig(description));
  const target = ["--target", control];
  const gobgp = (...words: readonly string[]): Promise<string> => must("gobgp", [...target, ...words]);
  // It died once by itself ("fatal: systemstack called from unexpected goroutine"): the signals by which Go interrupts its goroutines are suspected.
  const command = [
    "env",
    "GODEBUG=asyncpreemptoff=1",
    "gobgpd",
    "-t",
    "json",
    "-f",
    config,
    "--pprof-disable",
    `--api-hosts=${control}`,
  ];
  const isReady = async (): Promise<boolean> => (await run("gobgp", [...target, "global"], { timeoutMs: 2000 })).code === 0;
  const announce = async (): Promise<void> => {
    for (const route of originated) await gobgp(...routeCommand(route, autonomousSystem));
  };
  const daemons = new Daemons(place, [{ name: "gobgpd", command, socket, isReady }], announce);
  await daemons.start();
  const addresses = new Map(neighbors.map(({ name, at }) => [name, "address" in at ? at.address : at.interface]));
  const names = new Map(neighbors.map(({ name, at }) => ["address" in at ? at.address : at.interface, name]));
  const addressOf = (neighbor: string): string => addresses.get(neighbor) ?? neighbor;
  return {
    kind: "gobgp",
    daemons,
    session: async (neighbor) => {
      const address = addressOf(neighbor);
      return gobgpSession(await gobgp("neighbor", address, "-j"), readFileSync(place.logFile, "utf8"), address);
    },
    paths: async (prefix) => {
      const family = prefix.includes(":") ? "ipv6" : "ipv4";
      const { code, stdout } = await run("gobgp", [...target, "global", "rib", "-a", family, prefix, "-j"]);
      return code === 0 ? gobgpPaths(stdout, (address) => names.get(address)) : [];
    },
    prefixes: async (family) => gobgpPrefixes(await gobgp("global", "rib", "-a", family, "-j")),
    bfd: async () => undefined,
    clear: async (neighbor, how) => {
      await gobgp("neighbor", addressOf(neighbor), how === "hard" ? "reset" : "softresetin");
    },
    ask: (question) => gobgp(...question.split(" ")),
  };
}
