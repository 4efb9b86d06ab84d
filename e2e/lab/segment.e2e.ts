import { equal, notEqual, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { namespacesOf } from "./network.ts";
import { labIds } from "./state.ts";
import { until } from "./until.ts";

const script = `const { startTestSegment } = await import(${JSON.stringify(join(import.meta.dirname, "with-lab.ts"))});
  const { startRouter } = await import(${JSON.stringify(join(import.meta.dirname, "../routers/start-router.ts"))});
  const segment = await startTestSegment({ nodes: 1 });
  const router = await startRouter(segment, "r", "bird", { autonomousSystem: 65001, routerId: "172.30.0.1", neighbors: [] });
  console.log(segment.topology.id, router.daemons.pids.get("bird"));
  setInterval(() => {}, 1000);`;

for (const how of ["SIGTERM", "SIGKILL"] as const)
  test(`a segment goes with its routers when its test ends by ${how}`, async () => {
    const owner = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const [said] = await once(owner.stdout, "data");
    const [id = "", pid = ""] = String(said).trim().split(" ");
    const isRouterAlive = (): boolean => existsSync(`/proc/${pid}/exe`);
    ok(isRouterAlive());
    notEqual(namespacesOf(id).length, 0);
    owner.kill(how);
    await until("the segment is gone", 20_000, async () => !labIds().includes(id));
    equal(namespacesOf(id).length, 0);
    equal(isRouterAlive(), false);
  });
