import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mount } from "./container-script.ts";
import type { Limits } from "./limits.ts";

const root = "/sys/fs/cgroup";
const periodUs = 100_000;
const controllers = ["cpu", "memory"] as const;

/** What the kernel did to a group because of its limits. A period is 100 ms. */
export type Restraint = { readonly oomKills: number; readonly throttledPeriods: number; readonly periods: number };

/** The control group of one container that has limits: version 2 or 1, whichever this machine has mounted. */
export class ControlGroup {
  readonly #folders: readonly string[];

  private constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  /** Makes it, or sets the limits of one that is there. A process joins it by writing 0 to each of {@link joinFiles}. */
  static create(name: string, limits: Limits): ControlGroup {
    const group = ControlGroup.of(name);
    if (isVersion2()) writeFileSync(join(root, "cgroup.subtree_control"), controllers.map((each) => `+${each}`).join(" "));
    for (const folder of group.#folders) mkdirSync(folder, { recursive: true });
    const { cpuMillis, memoryBytes } = limits;
    if (cpuMillis !== undefined) group.#limitCpu((cpuMillis * periodUs) / 1000);
    if (memoryBytes !== undefined) group.#write(["memory.max", "memory.limit_in_bytes"], String(memoryBytes));
    return group;
  }

  /** The group of this name, there or not. */
  static of(name: string): ControlGroup {
    return new ControlGroup(parents().map((parent) => join(parent, name)));
  }

  get joinFiles(): readonly string[] {
    return this.#folders.map((folder) => join(folder, "cgroup.procs"));
  }

  /** What a container sees of it, in the folders where all of the machine's groups are outside. */
  get mounts(): readonly Mount[] {
    return this.#folders.map((source, index) => ({
      source,
      target: isVersion2() ? root : join(root, controllers[index] ?? ""),
      readOnly: true,
    }));
  }

  get restraint(): Restraint {
    const kills = this.#read(["memory.events", "memory.oom_control"]);
    const cpu = this.#read(["cpu.stat"]);
    return {
      oomKills: field(kills, "oom_kill"),
      throttledPeriods: field(cpu, "nr_throttled"),
      periods: field(cpu, "nr_periods"),
    };
  }

  /** Its processes must have ended. */
  remove(): void {
    for (const folder of this.#folders) removeFolder(folder);
  }

  #limitCpu(quotaUs: number): void {
    if (isVersion2()) this.#write(["cpu.max"], `${quotaUs} ${periodUs}`);
    else {
      this.#write(["cpu.cfs_period_us"], String(periodUs));
      this.#write(["cpu.cfs_quota_us"], String(quotaUs));
    }
  }

  #write(names: readonly string[], value: string): void {
    const file = this.#find(names);
    if (file === undefined) throw new Error(`this machine's control groups have no ${names.join(" or ")}`);
    writeFileSync(file, value);
  }

  #read(names: readonly string[]): string {
    const file = this.#find(names);
    return file === undefined ? "" : readFileSync(file, "utf8");
  }

  #find(names: readonly string[]): string | undefined {
    const files = this.#folders.flatMap((folder) => names.map((name) => join(folder, name)));
    return files.find((file) => existsSync(file));
  }
}

/** Name of a container's group: begins with {@link groupPrefix}, so that a lab's groups are found again. */
export function groupName(labId: string, podUid: string, container: string): string {
  return `${groupPrefix(labId)}${podUid}-${container}`;
}

/** Removes what a crashed lab left. */
export function removeGroups(labId: string): void {
  for (const parent of parents()) {
    if (!existsSync(parent)) continue;
    for (const name of readdirSync(parent)) if (name.startsWith(groupPrefix(labId))) removeFolder(join(parent, name));
  }
}

function groupPrefix(labId: string): string {
  return `herald-lab-${labId}-`;
}

function isVersion2(): boolean {
  return existsSync(join(root, "cgroup.controllers"));
}

/**
 * Where groups are made. Of version 1 below the group that this process is in, so that its own limits go on holding; of version 2
 * at the top, since a group that has processes may not limit groups below it.
 */
function parents(): readonly string[] {
  if (isVersion2()) return [root];
  const lines = readFileSync("/proc/self/cgroup", "utf8").trim().split("\n");
  return controllers.map((controller) => {
    const line = lines.find((candidate) => candidate.split(":")[1]?.split(",").includes(controller));
    const own = join(root, controller, line?.split(":").slice(2).join(":") ?? "");
    return existsSync(own) ? own : join(root, controller); // in a container the path may be the host's
  });
}

function removeFolder(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // gone already, or a process is still ending: whoever takes the lab down tries again
  }
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
}
