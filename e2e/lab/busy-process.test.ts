import { equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { ControlGroup, groupName, type Restraint } from "./cgroup.ts";

const program = new URL("./busy-process.ts", import.meta.url).pathname;

/** What the kernel did to a busy process in the two seconds after its start. */
async function restraintOf(name: string, cpuMillis: number): Promise<Restraint> {
  const group = ControlGroup.create(groupName(`unit${process.pid}`, name, "c"), { cpuMillis });
  try {
    const joining = group.joinFiles.map((file) => `echo 0 > ${file}`).join("; ");
    const command = `${joining}; exec ${process.execPath} ${program} 2000 ${cpuMillis / 10}`;
    const child = spawn("sh", ["-c", command], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    await once(child.stdout, "data");
    const before = group.restraint;
    const [code] = await exited;
    equal(code, 0);
    const { periods, throttledPeriods, oomKills } = group.restraint;
    return { periods: periods - before.periods, throttledPeriods: throttledPeriods - before.throttledPeriods, oomKills };
  } finally {
    group.remove();
  }
}

test("the kernel hardly ever stops a process that paces itself, however much it has to do", async () => {
  const { periods, throttledPeriods } = await restraintOf("paced", 200);
  ok(periods > 0);
  ok(throttledPeriods <= periods / 4, `${throttledPeriods} of ${periods} periods`);
});
