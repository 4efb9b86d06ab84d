import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../../crds/types/kubernetes.ts";
import { metallbPods } from "./metallb-presence.ts";

const pod = (name: string, labels: Record<string, string>, phase: string, annotations: Record<string, string> = {}): Pod => ({
  metadata: { name, labels, annotations },
  status: { phase },
});

test("MetalLB's Pods are those with its labels and without Herald's annotation, as long as they run", () => {
  const pods = [
    pod("manifests", { app: "metallb", component: "controller" }, "Running"),
    pod("chart", { "app.kubernetes.io/name": "metallb" }, "Running"),
    pod("on-a-lost-node", { app: "metallb" }, "Unknown"),
    pod("ours", { app: "metallb" }, "Running", { "herald-lb.io/generation": "1" }),
    pod("not-started", { app: "metallb" }, "Pending"),
    pod("done", { app: "metallb" }, "Succeeded"),
    pod("foreign", { app: "nginx" }, "Running"),
  ];
  deepEqual(metallbPods(pods), ["chart", "manifests", "on-a-lost-node"]);
});
