import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { BfdProfile } from "../../../crds/config/snapshot.ts";
import { parseAddress } from "../../../crds/net/address.ts";
import type { BfdRequest } from "../../bfd/session-request.ts";
import type { BfdNotice, BfdStatus } from "../bfd/bfd-report.ts";
import { type BfdLine, decodeLine, encodeLine } from "./bfd-line.ts";

export type Timed<Value> = Value & { readonly at: number };

const script = fileURLToPath(new URL("./bfd-process.ts", import.meta.url));

/** BFD as the speaker runs it, in a process of its own inside a network namespace. */
export class BfdHost {
  readonly notices: Timed<BfdNotice>[] = [];
  sessions: readonly BfdStatus[] = [];
  readonly #child: ChildProcess;

  constructor(namespace: string) {
    this.#child = spawn("ip", ["netns", "exec", namespace, process.execPath, script], { stdio: ["pipe", "pipe", "inherit"] });
    if (this.#child.stdout === null) throw new Error("no output");
    createInterface({ input: this.#child.stdout }).on("line", (text) => {
      const line = decodeLine<BfdLine>(text);
      if (line.type === "bfd") this.sessions = line.sessions;
      else this.notices.push(line);
    });
  }

  /** These are all sessions from now on. */
  want(...requests: readonly BfdRequest[]): void {
    this.#child.stdin?.write(`${encodeLine(requests)}\n`);
  }

  /** @returns the first notice at or behind `after` that fits; throws when none comes in time. */
  async notice(fits: (notice: BfdNotice) => boolean, seconds: number, after = 0): Promise<Timed<BfdNotice>> {
    for (let i = 0; i < seconds * 100; i += 1) {
      const found = this.notices.find((notice) => notice.at >= after && fits(notice));
      if (found !== undefined) return found;
      await wait(10);
    }
    throw new Error(`not in ${seconds} s; the sessions are ${encodeLine(this.sessions)}`);
  }

  /** Ends as the speaker does. */
  async leave(): Promise<void> {
    this.#child.stdin?.end();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
  }
}

/** Milliseconds of the clock of notices. */
export function noticeClock(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}

/** A neighbour on the link, with that profile. */
export function neighbour(address: string, profile: Partial<BfdProfile>): BfdRequest {
  const parsed = parseAddress(address);
  if (parsed === undefined) throw new RangeError(address);
  return {
    peer: address,
    endpoint: { type: "address", address: parsed },
    hops: "single",
    profile: { name: "profile", echoMode: false, passiveMode: false, ...profile },
  };
}

/** Both ways as often. */
export function every(ms: number, more: Partial<BfdProfile> = {}): Partial<BfdProfile> {
  return { transmitIntervalMs: ms, receiveIntervalMs: ms, detectMultiplier: 3, ...more };
}
