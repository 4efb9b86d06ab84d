// Run as a process of its own by operator-process.test.ts, in an empty network namespace: starts the operator beside an API
// server in memory, waits for what the order says, looks around, stops it, and prints what it saw as JSON.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import { FakeApi } from "../framework/fake/fake-api.ts";
import { HttpApiServer } from "../framework/fake/http-api-server.ts";
import { kubeconfigOf } from "../framework/fake/kubeconfig.ts";

/** What to start, and what to wait for before looking around; nothing: the operator is to end by itself. */
export type Order = {
  readonly args: readonly string[];
  /** Of the environment. */
  readonly bgpType?: string;
  /** Make no Pod of the operator's name. */
  readonly withoutPod?: boolean;
  /** Wait until these ports are served. */
  readonly ports?: readonly number[];
  /** Wait until these objects exist, as `plural/name`. */
  readonly objects?: readonly string[];
};

export type Report = {
  readonly code: number | null;
  readonly output: string;
  /** `host port` of everything that listens. */
  readonly listening: readonly string[];
  /** `verb plural` of everything that was written, each once. */
  readonly writes: readonly string[];
};

const namespace = "metallb-system";
const name = "controller-1";
const deployments = { group: "apps", version: "v1", plural: "deployments", kind: "Deployment" };
const kinds = [...Object.values(resourceTypes), deployments];
const patienceMs = 45_000;

const order = JSON.parse(process.argv[2] ?? "{}") as Order;
const api = new FakeApi(() => Date.now());
const server = new HttpApiServer(api, kinds);
const directory = mkdtempSync(join(tmpdir(), "herald-operator-"));
try {
  process.stdout.write(JSON.stringify(await report()));
} finally {
  rmSync(directory, { recursive: true });
  await server.stop();
}
process.exit();

async function report(): Promise<Report> {
  execFileSync("ip", ["link", "set", "lo", "up"]);
  if (order.withoutPod !== true) api.put(resourceTypes.pods, { metadata: { namespace, name, uid: "pod" } });
  await server.start(undefined);
  const operator = start();
  const output: Buffer[] = [];
  for (const stream of [operator.stdout, operator.stderr]) stream.on("data", (octets: Buffer) => output.push(octets));
  const ended = once(operator, "exit");
  const { ports = [], objects = [] } = order;
  const isThere = async () =>
    (await Promise.all(ports.map((port) => isServed("127.0.0.1", port)))).every(Boolean) && objects.every(exists);
  const givenUp = Date.now() + patienceMs;
  const waits = ports.length + objects.length > 0;
  while (waits && operator.exitCode === null && Date.now() < givenUp && !(await isThere())) await wait(50);
  const listening = waits ? await everythingServed() : [];
  if (waits) operator.kill("SIGTERM");
  const overdue = setTimeout(() => operator.kill("SIGKILL"), patienceMs);
  await ended;
  clearTimeout(overdue);
  const written = api.requests.filter(({ verb }) => ["create", "patch", "apply", "delete"].includes(verb));
  const writes = [...new Set(written.map(({ verb, type }) => `${verb} ${type.plural}`))].sort();
  return { code: operator.exitCode, output: Buffer.concat(output).toString(), listening, writes };
}

function start() {
  const kubeconfig = join(directory, "kubeconfig");
  writeFileSync(kubeconfig, kubeconfigOf(server.port));
  const script = fileURLToPath(new URL("../main.ts", import.meta.url));
  const flags = [`--kubeconfig=${kubeconfig}`, `--namespace=${namespace}`, `--pod-name=${name}`, ...order.args];
  const env = { ...process.env, ...(order.bgpType === undefined ? {} : { METALLB_BGP_TYPE: order.bgpType }) };
  return spawn(process.execPath, [script, ...flags], { env, stdio: ["ignore", "pipe", "pipe"] });
}

function exists(path: string): boolean {
  const [plural = "", object = ""] = path.split("/");
  const type = kinds.find((kind) => kind.plural === plural);
  return type !== undefined && api.peek(type, { namespace, name: object }) !== undefined;
}

async function everythingServed(): Promise<readonly string[]> {
  const ports = listeningPorts().filter((port) => port !== server.port);
  const places = ports.flatMap((port) => ["127.0.0.1", "::1"].map((host) => ({ host, port })));
  const served = await Promise.all(places.map(({ host, port }) => isServed(host, port)));
  return places.filter((_place, index) => served[index]).map(({ host, port }) => `${host} ${port}`);
}

/** Of this network namespace, by the kernel's tables. */
function listeningPorts(): readonly number[] {
  const listen = "0A";
  const rows = ["tcp", "tcp6"].flatMap((table) => readFileSync(`/proc/net/${table}`, "utf8").split("\n").slice(1));
  const fields = rows.map((row) => row.trim().split(/\s+/));
  const ports = fields
    .filter(([, , , state]) => state === listen)
    .map(([, local = ""]) => Number.parseInt(local.split(":")[1] ?? "", 16));
  return [...new Set(ports)].sort((a, b) => a - b);
}

function isServed(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
