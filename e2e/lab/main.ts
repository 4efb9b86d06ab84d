import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { missingPrerequisite } from "./prerequisites.ts";
import { namespacePath } from "./process.ts";
import { bringUp } from "./start.ts";
import { kubeconfigPath, labIds, logDir, readState } from "./state.ts";
import { takeDown } from "./stop.ts";
import { type Family, namespacePrefix } from "./topology.ts";

const usage = `usage: node e2e/lab/main.ts COMMAND [--id lab] [options]
  up      [--nodes 3] [--family dual|ipv4|ipv6]   put a lab up
  down    [--all]                                 take it down; --all: every lab of this machine
  exec    MACHINE COMMAND...                      run a command on a machine: n1..nN, c (client), r (router), cp, sw (the segment)
  kubectl ARGUMENTS...                            kubectl against the lab
  status                                          what is up`;

/** Exit status of the command line. */
async function main(argv: readonly string[]): Promise<number> {
  const { own, passed } = split(argv);
  const { values, positionals } = parseArgs({
    args: [...own],
    allowPositionals: true,
    options: {
      id: { type: "string", default: "lab" },
      nodes: { type: "string", default: "3" },
      family: { type: "string", default: "dual" },
      all: { type: "boolean", default: false },
    },
  });
  const lack = missingPrerequisite();
  if (lack !== undefined) throw new Error(lack);
  switch (positionals[0]) {
    case "up":
      return up(values.id, Number(values.nodes), familyOf(values.family));
    case "down":
      for (const id of values.all ? labIds() : [values.id]) await takeDown(id);
      return 0;
    case "exec":
      return enter(values.id, passed);
    case "kubectl":
      return kubectl(values.id, passed);
    case "status":
      return status();
  }
  console.error(usage);
  return 2;
}

/** Parts the words for the lab from those of the command that `exec` and `kubectl` pass on. */
function split(argv: readonly string[]): { readonly own: readonly string[]; readonly passed: readonly string[] } {
  const verb = argv.findIndex((word) => word === "exec" || word === "kubectl");
  if (verb === -1) return { own: argv, passed: [] };
  const end = argv[verb + 1] === "--id" ? verb + 3 : verb + 1;
  return { own: argv.slice(0, end), passed: argv.slice(end) };
}

async function up(id: string, nodes: number, family: Family): Promise<number> {
  const startedAt = Date.now();
  let interrupted = false;
  const interrupt = (): void => {
    if (interrupted) return;
    interrupted = true;
    console.error("interrupted: taking the lab down again");
    void takeDown(id).then(() => process.exit(130));
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    await bringUp({ id, nodes, family, nodeMonitorGraceSeconds: 50 });
  } catch (error) {
    if (interrupted) await new Promise(() => {}); // the exit is under way
    throw error;
  }
  const flag = id === "lab" ? "" : ` --id ${id}`;
  console.log(`The lab is up after ${((Date.now() - startedAt) / 1000).toFixed(1)} s: ${nodes} nodes, a router, a client.

  export KUBECONFIG=${kubeconfigPath(id)}
  kubectl get nodes
  node e2e/lab/main.ts exec${flag} c curl http://ADDRESS/     # as the client on the segment
  ls ${logDir(id)}                               # every process's log; pods/NAMESPACE/POD/CONTAINER.log
  node e2e/lab/main.ts down${flag}`);
  return 0;
}

function enter(id: string, [machine, ...command]: readonly string[]): number {
  if (machine === undefined || command.length === 0) throw new Error(usage);
  requireLab(id);
  return spawn("nsenter", [`--net=${namespacePath(`${namespacePrefix(id)}${machine}`)}`, "--", ...command]);
}

function kubectl(id: string, args: readonly string[]): number {
  return spawn(requireLab(id), ["--kubeconfig", kubeconfigPath(id), ...args]);
}

/** Path of kubectl. */
function requireLab(id: string): string {
  const state = readState(id);
  if (state === undefined) throw new Error(`there is no lab "${id}": put one up with "node e2e/lab/main.ts up --id ${id}"`);
  return state.kubectl;
}

function status(): number {
  for (const id of labIds()) {
    const state = readState(id);
    if (state === undefined) console.log(`${id}: incomplete; "node e2e/lab/main.ts down --id ${id}" clears it`);
    else console.log(`${id}: ${state.nodes} nodes, ${state.family}, KUBECONFIG=${kubeconfigPath(id)}`);
  }
  return 0;
}

function familyOf(text: string): Family {
  if (text === "dual" || text === "ipv4" || text === "ipv6") return text;
  throw new Error(`--family ${text}: it is dual, ipv4 or ipv6`);
}

function spawn(program: string, args: readonly string[]): number {
  return spawnSync(program, args, { stdio: "inherit" }).status ?? 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
