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

  test(`${container}: METALLB_BGP_TYPE is left unset`, () => {
    deepEqual(
      (only(workload).env ?? []).filter(({ name }) => name === "METALLB_BGP_TYPE"),
      [],
    );
  });
}

test("the operator is not root and has no capability; the speaker is root with NET_RAW alone", () => {
  const [operator, speaker] = workloads;
  ok(operator !== undefined && speaker !== undefined);
  equal(operator.manifest.spec?.template?.spec.securityContext?.runAsNonRoot, true);
  equal(only(operator).securityContext?.capabilities?.add, undefined);
  equal(only(speaker).securityContext?.runAsUser, 0);
  deepEqual(only(speaker).securityContext?.capabilities?.add, ["NET_RAW"]);
  equal(speaker.manifest.spec?.template?.spec.hostNetwork, true);
});

test("two replicas of the operator", () => equal(find("Deployment", "controller").spec?.replicas, 2));

test("the webhook configuration and the certificate ship empty: the operator fills both", () => {
  equal(find("ValidatingWebhookConfiguration", "metallb-webhook-configuration").webhooks, undefined);
  equal(find("Secret", "metallb-webhook-cert").data, undefined);
});

test("the image starts what the manifests command", () => {
  for (const { command } of workloads) ok(readFileSync(`${root}image${command}`, "utf8").startsWith("#!/bin/sh\nexec "));
});
