import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { must } from "../../e2e/lab/command.ts";
import { namespacePath } from "../../e2e/lab/process.ts";
import { stateDir } from "../../e2e/lab/state.ts";
import type { Topology } from "../../e2e/lab/topology.ts";

/** Longest time between two packets of sessions that are up, in milliseconds, by `FROM > TO`. */
export type Pauses = ReadonlyMap<string, number>;

/** Reads what tcpdump says of a capture of BFD's control packets. Other states than up begin anew: those packets are a second apart. */
export function pausesIn(text: string): Pauses {
  const longest = new Map<string, number>();
  const before = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, seconds, from, to] = /^(\d+\.\d+) .*?IP (\S+)\.\d+ > (\S+)\.3784: /.exec(line) ?? [];
    if (seconds === undefined) continue;
    const [session, at] = [`${from} > ${to}`, Number(seconds) * 1000];
    const last = before.get(session);
    if (!line.includes("State Up")) {
      before.delete(session);
      continue;
    }
    before.set(session, at);
    if (last !== undefined) longest.set(session, Math.max(longest.get(session) ?? 0, at - last));
  }
  return longest;
}

/** What passes the segment's bridge, each packet once; the kernel says when. */
export class PacketRecord {
  readonly #file: string;
  readonly #tcpdump: ChildProcess;

  constructor({ id, segment }: Topology) {
    this.#file = join(stateDir(id), "bfd.pcap");
    const command = ["tcpdump", "-Z", "root", "-i", "any", "-Q", "in", "-s", "96", "-w", this.#file, "udp dst port 3784"];
    this.#tcpdump = spawn("nsenter", [`--net=${namespacePath(segment)}`, "--", ...command], { stdio: "ignore" });
  }

  /** Ends the record. */
  async pauses(): Promise<Pauses> {
    this.#tcpdump.kill("SIGTERM");
    if (this.#tcpdump.exitCode === null && this.#tcpdump.signalCode === null) await once(this.#tcpdump, "exit");
    return pausesIn(await must("tcpdump", ["-n", "-tt", "-r", this.#file]));
  }
}
