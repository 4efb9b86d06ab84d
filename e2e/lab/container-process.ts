import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { type ContainerLaunch, containerScript } from "./container-script.ts";
import { namespacePath } from "./process.ts";

export type ContainerExit = { readonly code: number; readonly signal: NodeJS.Signals | undefined };

/** One run of a container: a process tree with its own mounts and process ids, in a network namespace. */
export class ContainerProcess {
  readonly #child: ChildProcess;
  /** Resolves when every process of the container is gone. */
  readonly exited: Promise<ContainerExit>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.on("error", () => resolve({ code: 128, signal: undefined }));
      child.on("exit", (code, signal) => resolve({ code: code ?? 137, signal: signal ?? undefined }));
    });
  }

  /** Starts it, output appended to `logFile`. */
  static start(
    launch: ContainerLaunch,
    networkNamespace: string,
    env: Readonly<Record<string, string>>,
    logFile: string,
  ): ContainerProcess {
    mkdirSync(launch.root, { recursive: true });
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, "a", 0o644);
    try {
      const isolated = [
        "unshare",
        "--mount",
        "--propagation=slave", // what is unmounted on the host must not live on in here
        "--pid",
        "--fork",
        "--kill-child=SIGKILL",
        "--",
        "sh",
        "-c",
        containerScript(launch),
      ];
      const command = [`--net=${namespacePath(networkNamespace)}`, "--", ...isolated];
      // A session of its own: where the kernel groups processes by session, containers share the processors as nodes' Pods do,
      // each as much as the next, and a node's network thread does not wait for what other nodes compute.
      return new ContainerProcess(spawn("nsenter", command, { stdio: ["ignore", log, log], env, detached: true }));
    } finally {
      closeSync(log);
    }
  }

  /** Process id of the outermost process: what {@link mainPidOf} wants. */
  get outerPid(): number | undefined {
    return this.#child.pid;
  }

  /** As kubelet stops a container: SIGTERM to its first process, after the grace period SIGKILL to all. */
  async stop(graceMs: number): Promise<void> {
    const pid = mainPidOf(this.#child.pid ?? 0);
    if (graceMs > 0 && pid !== undefined) process.kill(pid, "SIGTERM");
    const timer = setTimeout(() => this.kill(), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  kill(): void {
    // --kill-child does not reach a process that has changed its user: the kernel drops its parent-death signal then.
    const pid = mainPidOf(this.#child.pid ?? 0);
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    this.#child.kill("SIGKILL");
  }
}

/** The host's process id of a container's first process; undefined before it started and after it ended. */
export function mainPidOf(outerPid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${outerPid}/task/${outerPid}/children`, "utf8").trim().split(" ")[0]) || undefined;
  } catch {
    return undefined;
  }
}
