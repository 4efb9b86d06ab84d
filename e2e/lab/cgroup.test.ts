import { deepEqual, equal } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ControlGroup, groupName, removeGroups } from "./cgroup.ts";
import { containerScript } from "./container-script.ts";

const lab = `unit${process.pid}`;

/** A container without anything of its own. */
const bare = {
  projectDir: import.meta.dirname,
  mounts: [],
  uid: 0,
  gid: 0,
  supplementaryGroups: [],
  capabilities: [],
  allowPrivilegeEscalation: false,
  readOnlyRoot: true,
};

/** Runs a shell script in the group. @returns its exit status, or the signal that ended it. */
function runIn(group: ControlGroup, script: string): string {
  const joining = group.joinFiles.map((file) => `echo 0 > ${file}`).join("; ");
  try {
    execFileSync("sh", ["-c", `${joining}; ${script}`], { stdio: "ignore" });
    return "0";
  } catch (error) {
    const { status, signal } = error as { readonly status: number | null; readonly signal: string | null };
    return String(status ?? signal);
  }
}

test("a process that takes more memory than its group may have is killed, and that is counted", () => {
  const group = ControlGroup.create(groupName(lab, "a", "c"), { memoryBytes: 32 * 2 ** 20 });
  equal(runIn(group, `exec ${process.execPath} -e 'Buffer.alloc(2 ** 27, 1)'`), "SIGKILL");
  equal(group.restraint.oomKills, 1);
  group.remove();
});

test("a process that takes more time than its group may have is held up, and that is counted", () => {
  const group = ControlGroup.create(groupName(lab, "b", "c"), { cpuMillis: 50 });
  equal(runIn(group, "exec timeout 0.5 sh -c 'while :; do :; done'"), "124");
  const { throttledPeriods, periods } = group.restraint;
  equal(throttledPeriods > 0 && throttledPeriods <= periods, true);
  group.remove();
});

test("what a lab left goes with it, and another lab's groups stay", () => {
  const [own, other] = [
    ControlGroup.create(groupName(lab, "c", "c"), {}),
    ControlGroup.create(groupName(`${lab}x`, "c", "c"), {}),
  ];
  removeGroups(lab);
  deepEqual(
    [own, other].map(({ joinFiles }) => joinFiles.every((file) => existsSync(file))),
    [false, true],
  );
  removeGroups(`${lab}x`);
});

test("a container sees the limits of its own group, where every container sees them, and cannot change them", () => {
  const group = ControlGroup.create(groupName(lab, "d", "c"), { cpuMillis: 50, memoryBytes: 64 * 2 ** 20 });
  const root = mkdtempSync(join(tmpdir(), "herald-lab-root-"));
  const see = "cat cpu.max memory.max cpu/cpu.cfs_quota_us memory/memory.limit_in_bytes";
  const change = "for file in cpu.weight cpu/cpu.shares; do echo 512 > $file && echo changed; done";
  const program = ["sh", "-c", `cd /sys/fs/cgroup; exec 2> /dev/null; ${see}; ${change}; true`];
  const script = containerScript({ ...bare, root, program, joinFiles: group.joinFiles, groupMounts: group.mounts });
  const seen = execFileSync("unshare", ["--mount", "--pid", "--fork", "sh", "-c", script], { encoding: "utf8" });
  deepEqual(seen.trim().replace("5000 100000", "5000").split("\n"), ["5000", String(64 * 2 ** 20)]);
  rmdirSync(root);
  group.remove();
});
