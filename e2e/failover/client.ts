import { ownLink } from "../../speaker/native/fake/link.ts";
import { ArpClient } from "./arp-client.ts";
import type { ClientLine, ClientOrder } from "./client-order.ts";
import { connectOnce, keepOpen } from "./tcp-client.ts";
import { monotonicMs } from "./timeline.ts";

/**
 * The client on the segment: runs in its network namespace until its standard input ends, and writes what it sees to standard
 * output, a line each.
 */
const order = JSON.parse(process.argv[2] ?? "{}") as ClientOrder;
const lines: ClientLine[] = [];
const emit = (line: ClientLine): void => void lines.push(line);
const arp = new ArpClient(ownLink("eth0"), order.watched, emit);
let stopping = false;

every(order.askEveryMs, (turn) => {
  for (let index = 0; index < order.askedPerTick; index++) ask(turn * order.askedPerTick + index);
});
if (order.connectTo.length > 0)
  every(order.connectEveryMs, (turn) => connectOnce(order.connectTo[turn % order.connectTo.length] ?? "", emit));
for (const address of order.keepOpenTo)
  for (let index = 0; index < order.keepOpenEach; index++) keepOpen(address, emit, () => stopping);
every(100, flush);
process.stdin.on("end", () => {
  stopping = true;
  flush();
  process.stdout.write("", () => process.exit(0));
});
process.stdin.resume();

function ask(turn: number): void {
  const address = order.asked[turn % order.asked.length];
  if (address !== undefined) arp.ask(address);
}

/** Calls `task` at a steady rate, and makes up for what a busy machine made it miss by at most one call. */
function every(ms: number, task: (turn: number) => void): void {
  let turn = 0;
  let due = monotonicMs();
  const tick = (): void => {
    const late = monotonicMs() - due;
    if (late > 20) emit(["late", late]);
    task(turn++);
    due = Math.max(due + ms, monotonicMs());
    setTimeout(tick, Math.max(0, due - monotonicMs()));
  };
  tick();
}

function flush(): void {
  if (lines.length > 0)
    process.stdout.write(
      `${lines
        .splice(0)
        .map((line) => JSON.stringify(line))
        .join("\n")}\n`,
    );
}
