import { spawnSync } from "node:child_process";
import { setTimeout } from "node:timers/promises";

/**
 * `make demo`: a cluster on this machine, Herald in it, a Service with an address, and a client that reaches it. Every
 * command is printed before it runs. It may be run again while the cluster is up.
 */
const lab = ["node", "e2e/lab/main.ts"] as const;

const look = `"${lab.join(" ")} kubectl -n metallb-system get pods" says more, and so do the logs below /tmp/herald-lab/lab/logs.`;

/** Runs in the open and stops the demo when it fails. `shown`: what a user would type. */
function step(title: string, command: readonly string[], shown: string = command.join(" ")): void {
  console.log(`\n# ${title}\n$ ${shown}`);
  const [program = "", ...args] = command;
  const { status, error } = spawnSync(program, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`that failed${error === undefined ? "" : `: ${error.message}`}. ${look}`);
}

/** Standard output, or undefined when the command failed. */
function answerOf(command: readonly string[]): string | undefined {
  const [program = "", ...args] = command;
  const { status, stdout } = spawnSync(program, args, { stdio: ["ignore", "pipe", "ignore"], encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

function kubectl(title: string, ...args: readonly string[]): void {
  step(title, [...lab, "kubectl", ...args], `kubectl ${args.join(" ")}`);
}

function isUp(): boolean {
  return (answerOf([...lab, "status"]) ?? "")
    .split("\n")
    .some((line) => line.startsWith("lab: ") && line.includes("KUBECONFIG="));
}

/** Asks every half second until `ask` has an answer. */
async function waitFor<T>(what: string, seconds: number, ask: () => T | undefined): Promise<T> {
  for (let attempt = 0; attempt < seconds * 2; attempt++) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await setTimeout(500);
  }
  throw new Error(`${what}: not within ${seconds} s. ${look}`);
}

/** A Service's addresses, once it has both. */
function addressesOf(service: string): readonly string[] | undefined {
  const path = "jsonpath={.status.loadBalancer.ingress[*].ip}";
  const ips = (answerOf([...lab, "kubectl", "get", "service", service, "-o", path]) ?? "").split(" ").filter((ip) => ip !== "");
  return ips.length === 2 ? ips : undefined;
}

/** Asks every address from a machine of the lab, in the open. */
async function reach(machine: string, title: string, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    const command = [...lab, "exec", machine, "curl", "-sS", "--max-time", "5", urlOf(address)];
    await waitFor(`an answer from ${address}`, 30, () => answerOf(command));
    step(title, command);
  }
}

function urlOf(address: string): string {
  return `http://${address.includes(":") ? `[${address}]` : address}/hostname`;
}

async function main(): Promise<void> {
  if (isUp()) console.log("The lab is up already: the demo goes on in it.");
  else step("A Kubernetes cluster on this machine: three nodes, a router and a client, each a network namespace", [...lab, "up"]);

  kubectl("Herald, as it is installed anywhere", "apply", "-f", "config/install.yaml");
  kubectl("... is running", "-n", "metallb-system", "rollout", "status", "deployment/controller", "--timeout=90s");
  kubectl("... on every node", "-n", "metallb-system", "rollout", "status", "daemonset/speaker", "--timeout=90s");
  kubectl("A pool of addresses, and how to announce them", "apply", "-f", "examples/address-pool.yaml");
  kubectl("Three pods and a Service of type LoadBalancer", "apply", "-f", "examples/web.yaml");
  kubectl("... are running", "rollout", "status", "deployment/web", "--timeout=90s");
  const given = await waitFor("addresses for Service web", 30, () => addressesOf("web"));
  kubectl("The Service has its addresses", "get", "service", "web");
  await reach("c", "The client, a machine of the same segment, asks that address", given);
  kubectl("Which node answers for it", "-n", "metallb-system", "get", "servicel2statuses");
  const routed = await route();
  console.log(next(given[0] ?? "ADDRESS", routed[0] ?? "ADDRESS"));
}

/** The same by BGP. @returns the addresses. */
async function route(): Promise<readonly string[]> {
  step("The router learns BGP, and another client is put behind it", ["node", "e2e/routers/main.ts"]);
  kubectl(
    "The router as a peer, a pool of addresses that only it knows, and a Service that wants one",
    "apply",
    "-f",
    "examples/bgp.yaml",
  );
  const given = await waitFor("addresses for Service web-routed", 30, () => addressesOf("web-routed"));
  await reach("far", "The client behind the router asks that address", given);
  const family = (address: string): string => (address.includes(":") ? "-6" : "-4");
  for (const address of given)
    step("The router's way there: all nodes", [...lab, "exec", "r", "ip", family(address), "route", "show", address]);
  kubectl("Which nodes tell which peers", "-n", "metallb-system", "get", "servicebgpstatuses");
  return given;
}

function next(address: string, routed: string): string {
  return `
The cluster stays up. What to try next:

  export KUBECONFIG=$(${lab.join(" ")} status | sed -n 's/^lab: .*KUBECONFIG=//p')
  kubectl describe service web                                     # the events say which address, from where, by which node
  ${lab.join(" ")} exec c curl ${urlOf(address)}    # again, and again: all three pods answer
  ${lab.join(" ")} exec c ip neigh                         # the MAC address that the client learned
  kubectl -n metallb-system get pods -o wide                       # delete the speaker that announces: another takes over
  ${lab.join(" ")} exec far curl ${urlOf(routed)}    # by the router: every node takes its share
  kubectl -n metallb-system describe bgppeer router                # its conditions: how many sessions are up, and why not
  kubectl explain ipaddresspool.spec

make lab-down removes it: processes, namespaces, files.`;
}

try {
  await main();
} catch (error) {
  console.error(`\ndemo: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
