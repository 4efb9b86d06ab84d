import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { BfdHost, noticeClock } from "../../speaker/runtime/fake/bfd-host.ts";

const run = promisify(execFile);

/** Two hosts on one link, ours and a router, with addresses of both families. */
export class BfdGround {
  readonly directory: string;
  readonly #name = `bfd-${process.pid}`;
  readonly #daemons: ChildProcess[] = [];
  readonly #hosts: BfdHost[] = [];

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Makes the ground, runs `body` with BFD on our side, and removes everything whatever happens. */
  static async with(body: (ground: BfdGround, ours: BfdHost) => Promise<void>): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), "bfd-"));
    await chmod(directory, 0o777);
    const ground = new BfdGround(directory);
    try {
      await ground.#setUp();
      await body(ground, ground.host("a"));
    } finally {
      await ground.#tearDown();
    }
  }

  /** BFD of ours on one side: a, or the router's, b. */
  host(side: "a" | "b"): BfdHost {
    const host = new BfdHost(`${this.#name}-${side}`);
    this.#hosts.push(host);
    return host;
  }

  /** Runs a command on the router. */
  async onRouter(program: string, ...args: string[]): Promise<string> {
    return (await run("ip", ["netns", "exec", `${this.#name}-b`, program, ...args])).stdout;
  }

  /** Starts a daemon on the router; it ends with the ground. */
  daemon(program: string, ...args: string[]): void {
    const command = ["netns", "exec", `${this.#name}-b`, program, ...args];
    this.#daemons.push(spawn("ip", command, { stdio: ["ignore", "ignore", "inherit"] }));
  }

  async file(name: string, text: string): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, text);
    await chmod(path, 0o666);
    return path;
  }

  /** Nothing passes any more, and neither end is told. @returns when, by the clock of the notices. */
  async cut(): Promise<number> {
    const drop = ["add table inet cut", ...["input", "forward"].map((hook) => `add chain inet cut ${hook} ${dropping(hook)}`)];
    const at = noticeClock();
    for (const side of ["a", "b"]) await run("ip", ["netns", "exec", `${this.#name}-${side}`, "nft", drop.join("; ")]);
    return at;
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
      // Each returns the other's echo packets: Kubernetes' nodes forward, and so do routers.
      await run("ip", ["netns", "exec", name, "sysctl", "-qw", "net.ipv4.ip_forward=1"]);
    }
  }

  async #tearDown(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.leave()));
    for (const daemon of this.#daemons) daemon.kill("SIGTERM");
    for (const daemon of this.#daemons) while (daemon.exitCode === null && daemon.signalCode === null) await wait(10);
    for (const side of ["a", "b"]) await run("ip", ["netns", "del", `${this.#name}-${side}`]).catch(() => undefined);
    await rm(this.directory, { recursive: true, force: true });
  }
}

function dropping(hook: string): string {
  return `{ type filter hook ${hook} priority 0; policy drop; }`;
}
