import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Daemons, type Place } from "../daemons.ts";
import type { Router } from "../router.ts";
import type { RouterDescription } from "../router-description.ts";
import { birdBfd, birdPaths, birdPrefixes, birdSession, isRestarting } from "./bird-answers.ts";
import { birdConfig } from "./bird-config.ts";
import { askBird } from "./bird-control.ts";

/** BIRD, which puts the routes into the namespace's kernel itself. */
export async function startBird(place: Place, description: RouterDescription): Promise<Router> {
  const [config, control] = [join(place.folder, "bird.conf"), join(place.folder, "bird.ctl")];
  writeFileSync(config, birdConfig(description));
  const ask = async (question: string): Promise<string> => {
    const { text, failed } = await askBird(control, question);
    if (failed) throw new Error(`BIRD, asked to ${question}: ${text}`);
    return text;
  };
  const command = ["bird", "-f", "-c", config, "-s", control, "-P", join(place.folder, "bird.pid")];
  const isReady = async (): Promise<boolean> => !(await askBird(control, "show status")).failed;
  const daemons = new Daemons(place, [{ name: "bird", command, isReady }]);
  await daemons.start();
  const log = (): string => readFileSync(place.logFile, "utf8");
  const protocol = (neighbor: string): Promise<string> => ask(`show protocols all ${neighbor}`);
  const addresses = new Map(description.neighbors.map(({ name, at }) => [name, "address" in at ? at.address : at.interface]));
  return {
    kind: "bird",
    daemons,
    session: async (neighbor) => birdSession(await protocol(neighbor), log(), neighbor),
    paths: async (prefix) => {
      const restarting = new Set<string>();
      for (const { name } of description.neighbors) if (isRestarting(await protocol(name))) restarting.add(name);
      const answer = await askBird(control, `show route ${prefix} all`); // it fails where there is none
      return birdPaths(answer.text, restarting);
    },
    prefixes: async (family) => birdPrefixes(await ask(`show route table master${family.at(-1)} where source = RTS_BGP`)),
    bfd: async (neighbor) => birdBfd(await ask("show bfd sessions"), log(), addresses.get(neighbor) ?? neighbor),
    clear: async (neighbor, how) => {
      await ask(how === "hard" ? `restart ${neighbor}` : `reload in ${neighbor}`);
    },
    ask,
  };
}
