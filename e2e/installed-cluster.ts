import { ok } from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before } from "node:test";
import type { TestCluster } from "./cluster.ts";
import { kindCluster } from "./kind/kind-cluster.ts";
import type { Lab } from "./lab/lab.ts";
import { projectDir } from "./lab/start.ts";
import { startTestLab, type TestLab, type TestLabOptions } from "./lab/with-lab.ts";
import { heraldNamespace } from "./manifests.ts";
import { ready } from "./observe.ts";

/** The manifest that users apply. */
export const installManifest = join(projectDir, "config/install.yaml");

/**
 * A cluster with Herald running, for the tests of one file: a lab of its own, or the kind cluster whose kubeconfig
 * HERALD_E2E_KUBECONFIG names. Registers node:test hooks; the answer is valid within tests.
 */
export function installedCluster(): () => TestCluster {
  const kubeconfig = process.env["HERALD_E2E_KUBECONFIG"];
  if (kubeconfig === undefined) return installedLab();
  const cluster = kindCluster(kubeconfig);
  before(() => waitUntilInstalled(cluster));
  return () => cluster;
}

/** As {@link installedCluster}, for tests that pull cables and kill processes: always a lab. */
export function installedLab(options: TestLabOptions = {}): () => Lab {
  const lab = bareLab(options);
  before(async () => {
    await install(lab());
    await waitUntilInstalled(lab());
  });
  return lab;
}

/** A lab without Herald; the logs of a file in which a test fails are kept. */
export function bareLab(options: TestLabOptions = {}): () => Lab {
  let current: TestLab | undefined;
  before(async () => {
    current = await startTestLab(options);
  });
  afterEach((context) => {
    if ("passed" in context && !context.passed) console.error(`the lab's logs so far: ${current?.keepLogs()}`);
  });
  after(() => current?.stop());
  return () => {
    if (current === undefined) throw new Error("the lab is not up outside tests");
    return current.lab;
  };
}

/** Applies the manifest as a user does. Nothing is waited for. */
export async function install(cluster: TestCluster): Promise<void> {
  const { code, stderr } = await cluster.kubectl(["apply", "-f", installManifest]);
  ok(code === 0, stderr);
}

/** Waits until every process of Herald is ready. */
export async function waitUntilInstalled(cluster: TestCluster): Promise<void> {
  await ready(cluster, "deployment/controller", heraldNamespace);
  await ready(cluster, "daemonset/speaker", heraldNamespace);
}
