import type { ContainerLaunch } from "./container-script.ts";
import type { Container, EnvVar, KeyReference, Pod, SecurityContext } from "./objects.ts";

/** A container that cannot be started as it is specified: becomes its waiting reason, as kubelet shows it. */
export class ContainerRefusal extends Error {
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Looks up a key of a Secret or ConfigMap of the pod's namespace; undefined when it does not exist. */
export type KeyLookup = (kind: "secrets" | "configmaps", reference: KeyReference) => Promise<string | undefined>;

export type PodFacts = { readonly pod: Pod; readonly podIPs: readonly string[]; readonly hostIPs: readonly string[] };

/** What containerd grants a container that drops nothing. */
const defaultCapabilities = [
  ..."CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE".split(
    " ",
  ),
];

export type Privileges = Pick<
  ContainerLaunch,
  "uid" | "gid" | "supplementaryGroups" | "capabilities" | "allowPrivilegeEscalation" | "readOnlyRoot"
>;

/** User, groups and capabilities of a container; its own security context goes before the pod's. */
export function privilegesOf(pod: Pod, container: Container): Privileges {
  const context: SecurityContext = { ...pod.spec.securityContext, ...container.securityContext };
  const uid = context.runAsUser ?? 0;
  if (context.runAsNonRoot === true && uid === 0)
    throw new ContainerRefusal("CreateContainerConfigError", "container has runAsNonRoot and image will run as root");
  const { add = [], drop = [] } = context.capabilities ?? {};
  const kept = drop.includes("ALL") ? [] : defaultCapabilities.filter((name) => !drop.includes(name));
  return {
    uid,
    gid: context.runAsGroup ?? 0,
    supplementaryGroups: context.fsGroup === undefined ? [] : [context.fsGroup],
    capabilities: [...new Set([...kept, ...add.map((name) => name.replace(/^CAP_/, ""))])],
    allowPrivilegeEscalation: context.allowPrivilegeEscalation !== false,
    readOnlyRoot: context.readOnlyRootFilesystem === true,
  };
}

/** The container's environment: PATH, HOSTNAME, the API server's address, then its own variables in order. */
export async function environmentOf(
  container: Container,
  facts: PodFacts,
  apiServiceAddress: string,
  lookUp: KeyLookup,
): Promise<Readonly<Record<string, string>>> {
  const { pod } = facts;
  const env: Record<string, string> = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOSTNAME: pod.spec.hostNetwork === true ? (pod.spec.nodeName ?? "") : pod.metadata.name,
    KUBERNETES_SERVICE_HOST: apiServiceAddress,
    KUBERNETES_SERVICE_PORT: "443",
    KUBERNETES_SERVICE_PORT_HTTPS: "443",
  };
  for (const variable of container.env ?? []) {
    const value = await variableOf(variable, facts, env, lookUp);
    if (value !== undefined) env[variable.name] = value;
  }
  return env;
}

/** Replaces `$(NAME)` as Kubernetes does: known names only, `$$(` is a literal `$(`. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([A-Za-z0-9_.-]+)\)/g, (whole, name: string | undefined) =>
    name === undefined ? "$" : (env[name] ?? whole),
  );
}

/** The value of a downward API field, undefined for one that kubelets do not know. */
export function fieldOf(path: string, { pod, podIPs, hostIPs }: PodFacts): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed !== null) return pod.metadata[keyed[1] === "labels" ? "labels" : "annotations"]?.[keyed[2] ?? ""] ?? "";
  switch (path) {
    case "metadata.name":
      return pod.metadata.name;
    case "metadata.namespace":
      return pod.metadata.namespace ?? "default";
    case "metadata.uid":
      return pod.metadata.uid ?? "";
    case "spec.nodeName":
      return pod.spec.nodeName ?? "";
    case "spec.serviceAccountName":
      return pod.spec.serviceAccountName ?? "default";
    case "status.podIP":
      return podIPs[0] ?? "";
    case "status.podIPs":
      return podIPs.join(",");
    case "status.hostIP":
      return hostIPs[0] ?? "";
    case "status.hostIPs":
      return hostIPs.join(",");
  }
  return undefined;
}

async function variableOf(
  variable: EnvVar,
  facts: PodFacts,
  env: Readonly<Record<string, string>>,
  lookUp: KeyLookup,
): Promise<string | undefined> {
  const from = variable.valueFrom;
  if (from === undefined) return expand(variable.value ?? "", env);
  if (from.fieldRef !== undefined) {
    const value = fieldOf(from.fieldRef.fieldPath, facts);
    if (value !== undefined) return value;
    throw new ContainerRefusal("CreateContainerConfigError", `unknown field ${from.fieldRef.fieldPath}`);
  }
  const [kind, reference] = from.secretKeyRef
    ? (["secrets", from.secretKeyRef] as const)
    : (["configmaps", from.configMapKeyRef] as const);
  if (reference === undefined) throw new ContainerRefusal("CreateContainerConfigError", `${variable.name} has no source`);
  const value = await lookUp(kind, reference);
  if (value === undefined && reference.optional !== true)
    throw new ContainerRefusal("CreateContainerConfigError", `key "${reference.key}" of ${kind} "${reference.name}" not found`);
  return value;
}
