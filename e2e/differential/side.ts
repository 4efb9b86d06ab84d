import { join } from "node:path";
import { installManifest } from "../installed-cluster.ts";
import type { Lab } from "../lab/lab.ts";
import { stopProcess } from "../lab/process.ts";
import { projectDir } from "../lab/start.ts";
import { readState } from "../lab/state.ts";
import { until } from "../lab/until.ts";
import { pool } from "../manifests.ts";
import { metallbObjects } from "../metallb/metallb.ts";
import { apply, ready } from "../observe.ts";
import { type ManifestObject, manifestObjects, withContainers } from "../workload.ts";
import { type Mode, namespace } from "./manifest/manifest.ts";

/** One of the two programs that are compared, and how it comes into a lab: its controller alone, once. */
export type Side = {
  readonly name: "metallb" | "herald";
  readonly objects: (mode: Mode) => Promise<readonly object[]>;
  /** The program that runs, where the objects do not tell it from an earlier one. */
  readonly program?: string;
  /** How much longer than the other it is watched before it counts as quiet. */
  readonly lateMs: number;
};

/** MetalLB's controller with the manifest of its release. */
export const metallb: Side = {
  name: "metallb",
  lateMs: 0,
  objects: async (mode) => adapted(await metallbObjects(), mode),
};

/** Herald as its manifest installs it, with one replica. */
export const herald: Side = {
  name: "herald",
  objects: async (mode) => adapted(manifestObjects(installManifest), mode),
  program: join(projectDir, "dist/operator.mjs"),
  lateMs: 300, // a pool's counters are written half a second after a change
};

/** Installs a side into an empty lab and returns when its webhooks judge. The nodes' kube-proxies are stopped: nothing here needs them. */
export async function install(lab: Lab, side: Side, mode: Mode): Promise<void> {
  await labelNodes(lab);
  await apply(lab, ...(await side.objects(mode)));
  await ready(lab, "deployment/controller", namespace);
  await until(`the webhooks of ${side.name} judge`, 120_000, async () => (await judges(lab, ["10.20.0.0/24"])) && !(await judges(lab, ["10.20.0.1"]))); // biome-ignore format: one sentence
  const proxies = (readState(lab.topology.id)?.processes ?? []).filter(({ name }) => name.startsWith("kube-proxy-"));
  await Promise.all(proxies.map((record) => stopProcess(record, 5000)));
}

/** The manifest without the speakers, its controller once and told the mode. */
function adapted(objects: readonly ManifestObject[], mode: Mode): readonly ManifestObject[] {
  const withMode = withContainers(objects, (container) => {
    return { ...container, env: [...(container.env ?? []), { name: "METALLB_BGP_TYPE", value: mode }] };
  });
  return withMode
    .filter(({ kind }) => kind !== "DaemonSet")
    .map((object) => (object.kind === "Deployment" ? { ...object, spec: { ...object.spec, replicas: 1 } } : object));
}

/** Labels for node selectors to match. */
async function labelNodes({ api, nodes }: Lab): Promise<void> {
  for (const [index, node] of nodes.entries())
    await api.patch(`/api/v1/nodes/${node}`, { metadata: { labels: { zone: index === 0 ? "a" : "b" } } });
}

/** Whether a pool of these addresses is allowed at present. */
async function judges(lab: Lab, addresses: readonly string[]): Promise<boolean> {
  const probe = JSON.stringify(pool("probe", addresses));
  const { code, stderr } = await lab.kubectl(["create", "--dry-run=server", "-f", "-"], probe);
  if (code !== 0 && !stderr.includes("denied the request")) throw new Error(stderr);
  return code === 0;
}
