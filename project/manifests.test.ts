import { deepEqual, equal, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Container, installManifests, type Manifest } from "./manifests.ts";
import { root } from "./sources.ts";

const manifests = installManifests();

function find(kind: string, name: string): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  equal(found.length, 1, `${kind} ${name}`);
  return found[0] as Manifest;
}

const workloads = [
  { manifest: find("Deployment", "controller"), container: "controller", command: "/controller" },
  { manifest: find("DaemonSet", "speaker"), container: "speaker", command: "/speaker" },
];

function only({ manifest }: (typeof workloads)[number]): Container {
  const containers = manifest.spec?.template?.spec.containers ?? [];
  equal(containers.length, 1);
  return containers[0] as Container;
}

test("install.yaml is what config/ renders to now", () => {
  const { stdout, stderr } = spawnSync("bash", ["scripts/render-install.sh", "-"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  equal(readFileSync(`${root}config/install.yaml`, "utf8"), stdout, `run "make install-yaml" ${stderr}`);
});

test("every CRD of crds/manifests is in install.yaml, nine in all", () => {
  equal(manifests.filter(({ kind }) => kind === "CustomResourceDefinition").length, 9);
});

test("no object occurs twice", () => {
  const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`);
  deepEqual(names.length, new Set(names).size);
});

test("objects have MetalLB's names and namespace", () => {
  const namespaced = ["ServiceAccount", "Deployment", "DaemonSet", "Role", "RoleBinding", "Secret", "ConfigMap", "Service"];
  const names = manifests
    .filter(({ kind }) => namespaced.includes(kind))
    .map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name].join(" "));
  deepEqual(names.sort(), [
    "ConfigMap metallb-system metallb-excludel2",
    "DaemonSet metallb-system speaker",
    "Deployment metallb-system controller",
    "Role metallb-system controller",
    "Role metallb-system pod-lister",
    "RoleBinding metallb-system controller",
    "RoleBinding metallb-system pod-lister",
    "Secret metallb-system metallb-webhook-cert",
    "Service metallb-system metallb-webhook-service",
    "ServiceAccount metallb-system controller",
    "ServiceAccount metallb-system speaker",
  ]);
});

test("the namespace admits privileged Pods", () => {
  for (const mode of ["enforce", "audit", "warn"])
    equal(find("Namespace", "metallb-system").metadata.labels?.[`pod-security.kubernetes.io/${mode}`], "privileged");
});

for (const workload of workloads) {
  const { manifest, container, command } = workload;
  const template = manifest.spec?.template;

  test(`${container}: labels, selector and container name are MetalLB's, the annotation is ours`, () => {
    const labels = { app: "metallb", component: container };
    deepEqual(template?.metadata.labels, labels);
    deepEqual(manifest.spec?.selector, { matchLabels: labels });
    equal(only(workload).name, container);
    deepEqual(only(workload).command, [command]);
    equal(template?.metadata.annotations?.["herald-lb.io/generation"], "1");
  });

  test(`${container}: 10 s to stop, a read-only root file system, no way to gain privileges`, () => {
    equal(template?.spec.terminationGracePeriodSeconds, 10);
    equal(only(workload).securityContext?.readOnlyRootFilesystem, true);
    equal(only(workload).securityContext?.allowPrivilegeEscalation, false);
    deepEqual(only(workload).securityContext?.capabilities?.drop, ["ALL"]);
  });

  test(`${container}: who looks for metrics, flags, ports and probes finds them where MetalLB has them`, () => {
    const { "prometheus.io/port": port, "prometheus.io/scrape": scrape } = template?.metadata.annotations ?? {};
    deepEqual([port, scrape], ["9120", "true"]);
    deepEqual(only(workload).args, ["--port=9120", "--log-level=info"]);
    equal(manifest.spec?.revisionHistoryLimit, 3);
    equal(template?.spec.serviceAccountName, container);
    deepEqual(template?.spec.nodeSelector, { "kubernetes.io/os": "linux" });
    equal(only(workload).ports?.find(({ name }) => name === "metricshttps")?.containerPort, 9120);
    const { livenessProbe: live, readinessProbe: ready } = only(workload);
    deepEqual([live?.httpGet?.path, live?.httpGet?.port], ["/healthz", 17472]);
    deepEqual([ready?.httpGet?.path, ready?.httpGet?.port], ["/readyz", 17472]);
    deepEqual([live?.initialDelaySeconds, live?.periodSeconds, live?.timeoutSeconds, live?.failureThreshold], [10, 10, 1, 3]);
  });

  test(`${container}: METALLB_BGP_TYPE is left unset`, () => {
    deepEqual(
      (only(workload).env ?? []).filter(({ name }) => name === "METALLB_BGP_TYPE"),
      [],
    );
  });
}

test("the operator is not root and has no capability; the speaker is root with NET_RAW and SYS_NICE", () => {
  const [operator, speaker] = workloads;
  ok(operator !== undefined && speaker !== undefined);
  const { runAsNonRoot, runAsUser, fsGroup } = operator.manifest.spec?.template?.spec.securityContext ?? {};
  deepEqual([runAsNonRoot, runAsUser, fsGroup], [true, 65_534, 65_534]);
  equal(only(operator).securityContext?.capabilities?.add, undefined);
  equal(only(speaker).securityContext?.runAsUser, 0);
  deepEqual(only(speaker).securityContext?.capabilities?.add, ["NET_RAW", "SYS_NICE"]);
  equal(speaker.manifest.spec?.template?.spec.hostNetwork, true);
});

test("the operator knows its Pod, the Secret to make and the Deployment that owns it, and serves webhooks with their certificate", () => {
  const { template } = find("Deployment", "controller").spec ?? {};
  const [container] = template?.spec.containers ?? [];
  deepEqual(container?.env, [
    { name: "METALLB_POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    { name: "METALLB_ML_SECRET_NAME", value: "memberlist" },
    { name: "METALLB_DEPLOYMENT", value: "controller" },
  ]);
  equal(container?.ports?.find(({ name }) => name === "webhook-server")?.containerPort, 9443);
  deepEqual(template?.spec.volumes, [{ name: "cert", secret: { secretName: "metallb-webhook-cert", defaultMode: 420 } }]);
  equal(container?.volumeMounts?.find(({ name }) => name === "cert")?.mountPath, "/tmp/k8s-webhook-server/serving-certs");
});

test("the webhooks' Service leads to every Pod with MetalLB's label component=controller", () => {
  const { selector, ports } = find("Service", "metallb-webhook-service").spec ?? {};
  deepEqual([selector, ports], [{ component: "controller" }, [{ port: 443, targetPort: 9443 }]]);
});

test("every role is bound to the ServiceAccounts that it is for", () => {
  const bindings = manifests.filter(({ kind }) => kind === "RoleBinding" || kind === "ClusterRoleBinding");
  const bound = bindings.map(({ roleRef, subjects = [] }) => {
    const accounts = subjects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
    return `${roleRef?.kind} ${roleRef?.name}: ${accounts.join(", ")}`;
  });
  const account = (name: string): string => `ServiceAccount metallb-system/${name}`;
  deepEqual(bound.sort(), [
    `ClusterRole metallb-system:controller: ${account("controller")}`,
    `ClusterRole metallb-system:speaker: ${account("speaker")}`,
    `Role controller: ${account("controller")}`,
    `Role pod-lister: ${account("controller")}, ${account("speaker")}`,
  ]);
  for (const name of ["controller", "speaker"]) deepEqual(find("ServiceAccount", name).metadata.labels, { app: "metallb" });
});

test("two replicas of the operator", () => equal(find("Deployment", "controller").spec?.replicas, 2));

test("the webhook configuration and the certificate ship empty: the operator fills both", () => {
  equal(find("ValidatingWebhookConfiguration", "metallb-webhook-configuration").webhooks, undefined);
  equal(find("Secret", "metallb-webhook-cert").data, undefined);
});

test("the image starts what the manifests command", () => {
  for (const { command } of workloads)
    ok(readFileSync(`${root}image${command}`, "utf8").match(/^#!\/bin\/sh\n(#.*\n|export [A-Z_]+=\S+\n)*exec /) !== null);
});
