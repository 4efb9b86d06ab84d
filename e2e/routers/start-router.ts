import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "../lab/lab.ts";
import { missingRouterProgram } from "../lab/prerequisites.ts";
import { logDir, stateDir } from "../lab/state.ts";
import { hostsOf } from "../lab/topology.ts";
import { startBird } from "./bird/bird-router.ts";
import type { Place } from "./daemons.ts";
import { startFrr } from "./frr/frr-router.ts";
import { startGobgp } from "./gobgp/gobgp-router.ts";
import type { Router, RouterKind } from "./router.ts";
import type { RouterDescription } from "./router-description.ts";

const starters: Readonly<Record<RouterKind, (place: Place, description: RouterDescription) => Promise<Router>>> = {
  frr: startFrr,
  bird: startBird,
  gobgp: startGobgp,
};

export const routerKinds: readonly RouterKind[] = ["frr", "bird", "gobgp"];

/**
 * Starts a router on a machine of the lab (`r`, a node, ...), at most one at a time on each. It goes with the lab, however that
 * ends, or with its {@link Router.daemons}.
 * @throws {Error} in one sentence when its program is missing or cannot do what is described.
 */
export async function startRouter(
  lab: Pick<Lab, "topology">,
  machine: string,
  kind: RouterKind,
  description: RouterDescription,
): Promise<Router> {
  const lack = missingRouterProgram(kind);
  if (lack !== undefined) throw new Error(lack);
  const host = hostsOf(lab.topology).find(({ name }) => name === machine);
  if (host === undefined) throw new Error(`the lab has no machine "${machine}"`);
  const folder = join(stateDir(lab.topology.id), "routers", `${machine}-${kind}`);
  mkdirSync(folder, { recursive: true });
  const logFile = join(logDir(lab.topology.id), `router-${machine}-${kind}.log`);
  return starters[kind]({ namespace: host.namespace, folder, logFile }, description);
}
