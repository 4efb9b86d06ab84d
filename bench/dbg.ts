import { setTimeout as sleep } from "node:timers/promises";
import { faults } from "../e2e/failover/fault-catalogue.ts";
import { Ground } from "../e2e/failover/ground.ts";
import { heraldPods, logOf } from "../e2e/herald-pods.ts";
import { withWholeHerald } from "./bench-cluster.ts";

const names = process.argv.slice(2);
await withWholeHerald({ nodes: 3 }, async (cluster) => {
  const ground = await Ground.prepare(cluster.lab);
  await sleep(3000);
  for (const name of names) {
    const fault = (faults as any)[name];
    console.log("=====", name);
    const before = new Map<string, number>();
    for (const pod of await heraldPods(cluster.lab, "speaker")) before.set(pod.name, logOf(cluster.lab, pod).length);
    const result = await ground.round(fault, { lastsMs: fault.lastsMs, afterMs: 3000 });
    const { timeline, ...rest } = result as any;
    console.log(JSON.stringify(rest));
    for (const pod of await heraldPods(cluster.lab, "speaker")) {
      console.log("---", pod.node, pod.name);
      console.log(
        logOf(cluster.lab, pod)
          .slice(before.get(pod.name) ?? 0)
          .slice(0, 6000),
      );
    }
  }
  await ground.stop();
});
