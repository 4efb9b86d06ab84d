import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import type { BfdProfile } from "../../crds/config/snapshot.ts";
import { parseAddress } from "../../crds/net/address.ts";
import type { BfdRequest } from "../../speaker/bfd/session-request.ts";
import type { BfdNotice, BfdStatus } from "../../speaker/runtime/bfd-report.ts";
import { type BfdLine, decodeLine, encodeLine } from "./bfd-line.ts";

const run = promisify(execFile);

export type Timed<Value> = Value & { readonly at: number };

/** Two hosts on one link, ours and a router, with addresses of both families; and a process of ours with BFD. */
export class BfdGround {
  readonly directory: string;
  readonly notices: Timed<BfdNotice>[] = [];
  sessions: readonly BfdStatus[] = [];
  readonly #name = `bfd-${process.pid}`;
  readonly #processes: ChildProcess[] = [];
  #bfd: ChildProcess | undefined;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Makes the ground, runs `body`, and removes everything whatever happens. */
  static async with(body: (ground: BfdGround) => Promise<void>): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), "bfd-"));
    await chmod(directory, 0o777);
    const ground = new BfdGround(directory);
    try {
      await ground.#setUp();
      await body(ground);
    } finally {
      await ground.#tearDown();
    }
  }

  /** Runs a command on the router. */
  async onRouter(program: string, ...args: string[]): Promise<string> {
    return (await run("ip", ["netns", "exec", `${this.#name}-b`, program, ...args])).stdout;
  }

  /** Starts a daemon on the router; it ends with the ground. */
  daemon(program: string, ...args: string[]): void {
    this.#processes.push(this.#spawn("b", program, ...args));
  }

  async file(name: string, text: string): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, text);
    await chmod(path, 0o666);
    return path;
  }

  /** Starts our process, or tells it what is wanted now. */
  want(...requests: readonly BfdRequest[]): void {
    this.#bfd ??= this.#startBfd();
    this.#bfd.stdin?.write(`${encodeLine(requests)}\n`);
  }

  /** Our process ends as the speaker does. */
  async leave(): Promise<void> {
    const bfd = this.#bfd;
    this.#bfd = undefined;
    bfd?.stdin?.end();
    while (bfd !== undefined && bfd.exitCode === null) await wait(10);
  }

  /** Nothing passes any more, and neither end is told. @returns when, by the clock of the notices. */
  async cut(): Promise<number> {
    const drop = ["add table inet cut", ...["input", "forward"].map((hook) => `add chain inet cut ${hook} ${dropping(hook)}`)];
    const at = Number(process.hrtime.bigint() / 1_000n) / 1_000;
    for (const side of ["a", "b"]) await run("ip", ["netns", "exec", `${this.#name}-${side}`, "nft", drop.join("; ")]);
    return at;
  }

  /** @returns the first one behind `after` that fits. */
  async notice(fits: (notice: BfdNotice) => boolean, seconds: number, after = 0): Promise<Timed<BfdNotice>> {
    for (let i = 0; i < seconds * 100; i += 1) {
      const found = this.notices.find((notice) => notice.at >= after && fits(notice));
      if (found !== undefined) return found;
      await wait(10);
    }
    throw new Error(`not in ${seconds} s; the sessions are ${encodeLine(this.sessions)}`);
  }

  async #setUp(): Promise<void> {
    const [a, b] = [`${this.#name}-a`, `${this.#name}-b`];
    for (const name of [a, b]) await run("ip", ["netns", "add", name]);
    await run("ip", ["-n", a, "link", "add", "va", "type", "veth", "peer", "name", "vb", "netns", b]);
    for (const [name, device, last] of [
      [a, "va", "1"],
      [b, "vb", "2"],
    ] as const) {
      await run("ip", ["-n", name, "address", "add", `192.0.2.${last}/24`, "dev", device]);
      await run("ip", ["-n", name, "address", "add", `2001:db8::${last}/64`, "dev", device, "nodad"]);
      for (const link of ["lo", device]) await run("ip", ["-n", name, "link", "set", link, "up"]);
    }
    await this.onRouter("sysctl", "-qw", "net.ipv4.ip_forward=1");
  }

  async #tearDown(): Promise<void> {
    await this.leave().catch(() => undefined);
    for (const child of this.#processes) child.kill("SIGTERM");
    for (const child of this.#processes) while (child.exitCode === null && child.signalCode === null) await wait(10);
    for (const side of ["a", "b"]) await run("ip", ["netns", "del", `${this.#name}-${side}`]).catch(() => undefined);
    await rm(this.directory, { recursive: true, force: true });
  }

  #spawn(side: "a" | "b", program: string, ...args: string[]): ChildProcess {
    const stdio = ["pipe", "pipe", "inherit"] as const;
    return spawn("ip", ["netns", "exec", `${this.#name}-${side}`, program, ...args], { stdio: [...stdio] });
  }

  #startBfd(): ChildProcess {
    const child = this.#spawn("a", process.execPath, new URL("bfd-process.ts", import.meta.url).pathname);
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on("line", (text) => {
        const line = decodeLine<BfdLine>(text);
        if (line.type === "bfd") this.sessions = line.sessions;
        else this.notices.push(line);
      });
    return child;
  }
}

function dropping(hook: string): string {
  return `{ type filter hook ${hook} priority 0; policy drop; }`;
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

/** Intervals of both ways. */
export function every(ms: number, more: Partial<BfdProfile> = {}): Partial<BfdProfile> {
  return { transmitIntervalMs: ms, receiveIntervalMs: ms, detectMultiplier: 3, ...more };
}
