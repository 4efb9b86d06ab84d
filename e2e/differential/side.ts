import { readFileSync } from "node:fs";
import { join } from "node:path";
import { yamlDocuments } from "../../crds/yaml-documents.ts";
import { must } from "../lab/command.ts";
import type { Lab } from "../lab/lab.ts";
import { stopProcess } from "../lab/process.ts";
import { projectDir } from "../lab/start.ts";
import { readState } from "../lab/state.ts";
import { until } from "../lab/until.ts";
import { pool } from "../manifests.ts";
import { apply, ready } from "../observe.ts";
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

type Container = {
  readonly env?: readonly object[];
  readonly volumeMounts?: readonly object[];
  readonly [field: string]: unknown;
};
type Deployment = {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly Container[]; readonly volumes?: readonly object[] } };
  };
};
type Parsed = { readonly kind?: string } & Partial<Deployment>;

/** Where a lab's container finds a program of this machine. */
const programInContainer = "/program/controller";

/** MetalLB, built from its Go module, with the manifests of its release. */
export const metallb: Side = {
  name: "metallb",
  lateMs: 0,
  objects: async (mode) => {
    const found = Object.fromEntries(
      (await must("bash", [join(projectDir, "scripts/metallb-binary.sh")])).split("\n").map((line) => line.split("=", 2)),
    );
    const binary = String(found["METALLB_CONTROLLER"]);
    const volume = { name: "program", hostPath: { path: binary } };
    const inContainer = (container: Container): Container => ({
      ...container,
      image: "herald-lab/bare",
      command: [programInContainer],
      volumeMounts: [...(container.volumeMounts ?? []), { name: "program", mountPath: programInContainer, readOnly: true }],
    });
    return adapted(String(found["METALLB_MANIFEST"]), mode, inContainer, [volume]).map((object) => widened(object) as object);
  },
};

/** Herald as its manifest installs it, with one replica. */
export const herald: Side = {
  name: "herald",
  objects: async (mode) => adapted(join(projectDir, "config/install.yaml"), mode, (container) => container, []),
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

/** The manifest without the speakers, its controller changed and told the mode. */
function adapted(
  file: string,
  mode: Mode,
  change: (container: Container) => Container,
  volumes: readonly object[],
): readonly object[] {
  const documents = yamlDocuments(readFileSync(file, "utf8")).map((document) => {
    if (!document.ok) throw new Error(`${file}:${document.line}: ${document.reason}`);
    return document.value as Parsed;
  });
  return documents.flatMap((document): readonly Parsed[] => {
    if (document.kind === "DaemonSet") return [];
    if (document.kind !== "Deployment" || document.spec === undefined) return [document];
    const { template } = document.spec;
    const containers = template.spec.containers.map((container) =>
      change({ ...container, env: [...(container.env ?? []), { name: "METALLB_BGP_TYPE", value: mode }] }),
    );
    const podSpec = { ...template.spec, containers, volumes: [...(template.spec.volumes ?? []), ...volumes] };
    return [
      { ...document, spec: { ...document.spec, replicas: 1, template: { ...template, spec: podSpec } } as Deployment["spec"] },
    ];
  });
}

/**
 * MetalLB's definition gives AS numbers 32 signed bits and a maximum beyond them; today's API servers refuse every object of
 * such a kind. With 64 bits they take it as it was meant.
 */
function widened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(widened);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, widened(inner)]));
  return copy["format"] === "int32" && Number(copy["maximum"]) >= 2 ** 31 ? { ...copy, format: "int64" } : copy;
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
