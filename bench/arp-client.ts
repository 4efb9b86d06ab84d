import { parseAddress } from "../crds/net/address.ts";
import { afPacketTaps } from "../speaker/native/af-packet.ts";
import { ownLink } from "../speaker/native/fake/link.ts";

/**
 * Runs in the client's namespace, driven by JSON lines on standard input:
 * `{"first": "192.0.2.1"}` asks every 2 ms until somebody answers, and prints the time of the answer;
 * `{"steady": "192.0.2.1", "count": 1000, "everyMs": 5}` asks so many times and prints the latencies.
 * Times are milliseconds since the epoch with fractions, so that they compare with those of other processes.
 */
const link = ownLink("eth0");
const ipv4 = link.addresses.find(({ family }) => family === "IPv4")?.address;
if (ipv4 === undefined) throw new Error(`${link.name} has no IPv4 address`);
const sender = [...link.mac, ...octetsOf(ipv4)];
const waiting = new Map<string, (at: number) => void>();
const tap = afPacketTaps.open(link, "arp", {
  onFrame: (frame) => {
    if (frame[21] === 2) waiting.get(frame.subarray(28, 32).join("."))?.(now());
  },
  onClosed: (reason) => {
    throw new Error(reason);
  },
});

function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Broadcast ARP request from the client's own address. */
function request(target: string): Uint8Array {
  if (parseAddress(target)?.family !== "IPv4") throw new Error(`${target} is no IPv4 address`);
  const head = [...Array(6).fill(0xff), ...link.mac, 0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1];
  return Uint8Array.from([...head, ...sender, 0, 0, 0, 0, 0, 0, ...octetsOf(target)]);
}

function octetsOf(ipv4Text: string): readonly number[] {
  return ipv4Text.split(".").map(Number);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function first(target: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  waiting.set(target, resolve);
  const frame = request(target);
  const timer = setInterval(() => tap.send(frame), 2);
  const deadline = pause(20_000).then(() => Number.NaN);
  const at = await Promise.race([promise, deadline]);
  clearInterval(timer);
  waiting.delete(target);
  return at;
}

/** One latency for each request, NaN for those without an answer within a second. */
async function steady(target: string, count: number, everyMs: number): Promise<readonly number[]> {
  const frame = request(target);
  const latencies: number[] = [];
  for (let index = 0; index < count; index++) {
    const { promise, resolve } = Promise.withResolvers<number>();
    waiting.set(target, resolve);
    const sent = now();
    tap.send(frame);
    const timer = setTimeout(() => resolve(Number.NaN), 1000);
    latencies.push((await promise) - sent);
    clearTimeout(timer);
    await pause(everyMs);
  }
  waiting.delete(target);
  return latencies;
}

type Order = { readonly first: string } | { readonly steady: string; readonly count: number; readonly everyMs: number };

let rest = "";
for await (const chunk of process.stdin) {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    const order = JSON.parse(line) as Order;
    const answer = "first" in order ? await first(order.first) : await steady(order.steady, order.count, order.everyMs);
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
tap.close();
