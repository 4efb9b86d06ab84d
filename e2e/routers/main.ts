import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { Lab } from "../lab/lab.ts";
import { namespacePath } from "../lab/process.ts";
import { readState } from "../lab/state.ts";
import { namespacePrefix } from "../lab/topology.ts";
import { FarClient } from "./far-client.ts";
import { nodeNeighbors } from "./node-neighbors.ts";
import { startRouter } from "./start-router.ts";

/** As the YAML in examples/ has them. */
const [routerAs, nodesAs] = [64512, 64513];

/** `node e2e/routers/main.ts [--id lab]`: BIRD on the lab's router, for all nodes, and a client behind it. Both go with the lab. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { id: { type: "string", default: "lab" } } });
  const { id } = values;
  const state = readState(id);
  if (state === undefined) throw new Error(`there is no lab "${id}": put one up with "node e2e/lab/main.ts up --id ${id}"`);
  if (existsSync(namespacePath(`${namespacePrefix(id)}far`))) {
    console.log("The router speaks BGP already.");
    return;
  }
  const lab = new Lab(state);
  await FarClient.plugIn(lab);
  const neighbors = nodeNeighbors(lab.topology, nodesAs);
  await startRouter(lab, "r", "bird", { autonomousSystem: routerAs, routerId: "172.30.0.1", neighbors });
  console.log(`BIRD speaks for AS ${routerAs} on machine r; machine "far" is behind it.`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
