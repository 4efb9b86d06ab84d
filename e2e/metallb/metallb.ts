import { join } from "node:path";
import { must } from "../lab/command.ts";
import { projectDir } from "../lab/start.ts";
import { type Container, type ManifestObject, manifestObjects, withPods } from "../workload.ts";

/** What `scripts/metallb-binaries.sh` finds or builds: paths of this machine. */
type Release = { readonly METALLB_CONTROLLER: string; readonly METALLB_SPEAKER: string; readonly METALLB_MANIFEST: string };

/**
 * MetalLB's own manifest with its two programs, built from its Go module, in place of the images: a Deployment and a DaemonSet
 * with the labels, ServiceAccounts and roles of its release. Built once: minutes.
 * @throws {Error} that names what is missing.
 */
export async function metallbObjects(): Promise<readonly ManifestObject[]> {
  const release = await findRelease();
  const objects = withPods(manifestObjects(release.METALLB_MANIFEST), (pod, kind) => {
    const program = kind === "Deployment" ? release.METALLB_CONTROLLER : release.METALLB_SPEAKER;
    const volume = { name: "program", hostPath: { path: program } };
    const containers = pod.containers.map((container) => running(container, `/program/${container.name}`));
    return { ...pod, containers, volumes: [...(pod.volumes ?? []), volume] };
  });
  return objects.map((object) => widened(object) as ManifestObject);
}

async function findRelease(): Promise<Release> {
  const answer = await must("bash", [join(projectDir, "scripts/metallb-binaries.sh")]);
  const lines = answer.split("\n").filter((line) => line.includes("="));
  return Object.fromEntries(lines.map((line) => line.split("=", 2))) as Release;
}

/** A container of the lab that runs the Pod's program. */
function running(container: Container, path: string): Container {
  const mount = { name: "program", mountPath: path, readOnly: true };
  const volumeMounts = [...(container.volumeMounts ?? []), mount];
  return { ...container, image: "herald-lab/bare", command: [path], volumeMounts };
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
