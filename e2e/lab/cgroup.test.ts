import { deepEqual, equal } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { ControlGroup, groupName, removeGroups } from "./cgroup.ts";

const lab = `unit${process.pid}`;

/** Runs a shell script in the group. @returns its exit status, or the signal that ended it. */
function runIn(group: ControlGroup, script: string): string {
  const join = group.joinFiles.map((file) => `echo 0 > ${file}`).join("; ");
  try {
    execFileSync("sh", ["-c", `${join}; ${script}`], { stdio: "ignore" });
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
