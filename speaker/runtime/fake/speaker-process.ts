import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { kubeconfigOf } from "../../../operator/framework/fake/kubeconfig.ts";
import type { NamespacePair } from "../../native/fake/network-namespaces.ts";
import type { ApiCommand } from "./api-process.ts";

const run = promisify(execFile);
const apiScript = fileURLToPath(new URL("./api-process.ts", import.meta.url));
const speakerScript = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** A whole speaker in namespace a, with CAP_NET_RAW alone, and its API server beside it. */
export class SpeakerProcess {
  readonly #pair: NamespacePair;
  readonly #api: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #directory: string;
  #speaker: ChildProcess | undefined;
  output = "";

  private constructor(pair: NamespacePair, api: ChildProcess, lines: Interface, directory: string) {
    this.#pair = pair;
    this.#api = api;
    this.#answers = lines[Symbol.asyncIterator]();
    this.#directory = directory;
  }

  static async prepare(pair: NamespacePair): Promise<SpeakerProcess> {
    await pair.ip("a", "link", "set", "lo", "up");
    const api = spawn("ip", ["netns", "exec", pair.nameOf("a"), process.execPath, apiScript], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (api.stdout === null) throw new Error("no output");
    const directory = await mkdtemp(join(tmpdir(), "herald-speaker-"));
    const world = new SpeakerProcess(pair, api, createInterface({ input: api.stdout }), directory);
    const port = await world.#answer();
    await writeFile(join(directory, "kubeconfig"), kubeconfigOf(String(port)));
    return world;
  }

  command(command: ApiCommand): void {
    this.#api.stdin?.write(`${JSON.stringify(command)}\n`);
  }

  async names(plural: string): Promise<readonly string[]> {
    this.command({ names: plural });
    return JSON.parse(await this.#answer()) as readonly string[];
  }

  start(): void {
    const flags = ["--namespace=metallb-system", "--node-name=n1", "--pod-name=speaker-n1", "--port=0"];
    const command = ["setpriv", "--bounding-set=-all,+net_raw", process.execPath, speakerScript, ...flags];
    const env = { ...process.env, KUBECONFIG: join(this.#directory, "kubeconfig"), HERALD_TEST_HOOKS: "1" };
    this.#speaker = spawn("ip", ["netns", "exec", this.#pair.nameOf("a"), ...command], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#speaker.stdout, this.#speaker.stderr]) {
      stream?.on("data", (octets: Buffer) => {
        this.output += octets.toString();
      });
    }
  }

  /** Status code of a probe; 0 when nobody answers. */
  async probe(path: string): Promise<number> {
    const curl = ["curl", "-s", "-m", "1", "-o", "/dev/null", "-w", "%{http_code}", `http://127.0.0.1:17472${path}`];
    const { stdout } = await run("ip", ["netns", "exec", this.#pair.nameOf("a"), ...curl]).catch(() => ({ stdout: "0" }));
    return Number(stdout);
  }

  signal(name: NodeJS.Signals): void {
    this.#speaker?.kill(name);
  }

  /** Exit code once the speaker has ended; throws after 10 s. */
  async ended(): Promise<number | null> {
    const speaker = this.#speaker;
    if (speaker === undefined) throw new Error("not started");
    if (speaker.exitCode !== null) return speaker.exitCode;
    await Promise.race([
      once(speaker, "exit"),
      wait(10_000, undefined, { ref: false }).then(() => Promise.reject(new Error("still runs"))),
    ]);
    return speaker.exitCode;
  }

  async close(): Promise<void> {
    this.#speaker?.kill("SIGKILL");
    this.#api.kill("SIGKILL");
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #answer(): Promise<string> {
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("the API server has ended");
    return value;
  }
}
