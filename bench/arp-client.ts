import { setTimeout as pause } from "node:timers/promises";
import { openArpSocket } from "../e2e/arp-socket.ts";
import { runBeforeOrdinaryThreads } from "../speaker/native/thread-priority.ts";

/**
 * Runs in the client's namespace, driven by JSON lines on standard input:
 * `{"first": "192.0.2.1"}` asks every 2 ms until somebody answers, and prints the time of the answer;
 * `{"steady": "192.0.2.1", "count": 1000, "everyMs": 5}` asks so many times, each after the last answer, and prints the latencies;
 * `{"load": ["192.0.2.1"], "count": 1000, "perSecond": 1000}` asks for one after the other at that rate whatever the answers do;
 * `{"flood": ["192.0.2.1"], "perSecond": 20000, "seconds": 20}` asks and waits for nothing, and prints how many the kernel took.
 * Times are milliseconds since the epoch with fractions, so that they compare with those of other processes.
 */
type Order =
  | { readonly first: string }
  | { readonly steady: string; readonly count: number; readonly everyMs: number }
  | { readonly load: readonly string[]; readonly count: number; readonly perSecond: number }
  | { readonly flood: readonly string[]; readonly perSecond: number; readonly seconds: number };

/** A request that waits: by the address asked for, and by who asks where several requests may be open. */
const waiting = new Map<string, (at: number) => void>();
const socket = openArpSocket(({ address, asker }) => waiting.get(`${address} ${asker}`)?.(now()));
const network = socket.address.slice(0, socket.address.lastIndexOf(".") + 1);
/** Addresses of the lab's segment that nobody has: 99 requests for one address may be open. */
const askers = Array.from({ length: 99 }, (_, index) => `${network}${101 + index}`);

function now(): number {
  return performance.timeOrigin + performance.now();
}

function keyOf(target: string, asker = socket.address): string {
  return `${target} ${asker}`;
}

async function first(target: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  waiting.set(keyOf(target), resolve);
  const frame = socket.request(target);
  const timer = setInterval(() => socket.send(frame), 2);
  const deadline = pause(20_000).then(() => Number.NaN);
  const at = await Promise.race([promise, deadline]);
  clearInterval(timer);
  waiting.delete(keyOf(target));
  return at;
}

/**
 * One latency for each request, NaN for those without an answer within a second. This process runs before others meanwhile: what
 * is measured is how long the answer took, and not how long the client then waited for a processor.
 */
async function steady(target: string, count: number, everyMs: number): Promise<readonly number[]> {
  const reason = runBeforeOrdinaryThreads(1);
  if (reason !== undefined) throw new Error(`latencies would be those of the client: ${reason}`);
  const frame = socket.request(target);
  const latencies: number[] = [];
  for (let index = 0; index < count; index++) {
    const { promise, resolve } = Promise.withResolvers<number>();
    waiting.set(keyOf(target), resolve);
    const sent = now();
    socket.send(frame);
    const timer = setTimeout(() => resolve(Number.NaN), 1000);
    latencies.push((await promise) - sent);
    clearTimeout(timer);
    await pause(everyMs);
  }
  waiting.delete(keyOf(target));
  return latencies;
}

/** As {@link steady}, but the rate does not wait for answers. */
async function load(targets: readonly string[], count: number, perSecond: number): Promise<readonly number[]> {
  const latencies = Array.from({ length: count }, () => Number.NaN);
  await paced(count, perSecond, (index) => {
    const target = targets[index % targets.length] ?? "";
    const asker = askers[index % askers.length] ?? "";
    const frame = socket.request(target, asker);
    const sent = now();
    waiting.set(keyOf(target, asker), (at) => {
      if (Number.isNaN(latencies[index])) latencies[index] = at - sent;
    });
    socket.send(frame);
  });
  await pause(1000);
  waiting.clear();
  return latencies;
}

async function flood(targets: readonly string[], perSecond: number, seconds: number): Promise<number> {
  const frames = targets.map((target) => socket.request(target));
  let taken = 0;
  await paced(perSecond * seconds, perSecond, (index) => {
    const frame = frames[index % frames.length];
    if (frame !== undefined && socket.send(frame)) taken++;
  });
  return taken;
}

/** Calls `task` with 0 … count − 1, as many by each millisecond as the rate asks for. */
async function paced(count: number, perSecond: number, task: (index: number) => void): Promise<void> {
  const start = performance.now();
  let next = 0;
  while (next < count) {
    const due = Math.min(count, Math.floor(((performance.now() - start) * perSecond) / 1000) + 1);
    while (next < due) task(next++);
    await pause(1);
  }
}

function obey(order: Order): Promise<number | readonly number[]> {
  if ("first" in order) return first(order.first);
  if ("steady" in order) return steady(order.steady, order.count, order.everyMs);
  if ("load" in order) return load(order.load, order.count, order.perSecond);
  return flood(order.flood, order.perSecond, order.seconds);
}

let rest = "";
for await (const chunk of process.stdin) {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) process.stdout.write(`${JSON.stringify(await obey(JSON.parse(line) as Order))}\n`);
}
socket.close();
