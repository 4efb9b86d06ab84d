import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { ContainerRefusal, environmentOf, expand, type PodFacts, privilegesOf } from "./container-spec.ts";
import type { Container, Pod } from "./objects.ts";

const pod: Pod = {
  metadata: { name: "speaker-x", namespace: "metallb-system", labels: { app: "metallb" } },
  spec: { nodeName: "n2", containers: [], securityContext: { runAsUser: 65534, fsGroup: 65534, runAsNonRoot: true } },
};
const facts: PodFacts = { pod, podIPs: ["10.244.2.2", "fd00:10:244:2::2"], hostIPs: ["172.30.0.12"] };

function container(more: Partial<Container> = {}): Container {
  return { name: "c", image: "i", ...more };
}

test("dropping ALL and adding one leaves that one capability", () => {
  const capabilities = { drop: ["ALL"], add: ["NET_RAW"] };
  deepEqual(privilegesOf(pod, container({ securityContext: { capabilities } })).capabilities, ["NET_RAW"]);
});

test("a container that drops nothing has the runtime's default capabilities, NET_ADMIN not among them", () => {
  const { capabilities } = privilegesOf(pod, container());
  equal(capabilities.includes("NET_RAW"), true);
  equal(capabilities.includes("NET_ADMIN"), false);
});

test("the container's security context goes before the pod's", () => {
  equal(privilegesOf(pod, container()).uid, 65534);
  equal(privilegesOf(pod, container({ securityContext: { runAsUser: 7 } })).uid, 7);
  deepEqual(privilegesOf(pod, container()).supplementaryGroups, [65534]);
});

test("runAsNonRoot refuses user 0", () => {
  throws(() => privilegesOf(pod, container({ securityContext: { runAsUser: 0 } })), ContainerRefusal);
});

test("the environment has the downward fields, keys of Secrets, and earlier variables", async () => {
  const env = await environmentOf(
    container({
      env: [
        { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
        { name: "IPS", valueFrom: { fieldRef: { fieldPath: "status.podIPs" } } },
        { name: "APP", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
        { name: "KEY", valueFrom: { secretKeyRef: { name: "s", key: "k" } } },
        { name: "BOTH", value: "$(NODE)/$(APP)/$(UNKNOWN)" },
      ],
    }),
    facts,
    "10.96.0.1",
    async (kind, { name, key }) => `${kind} ${name} ${key}`,
  );
  deepEqual(
    [env["NODE"], env["IPS"], env["APP"], env["KEY"], env["BOTH"], env["KUBERNETES_SERVICE_HOST"]],
    ["n2", "10.244.2.2,fd00:10:244:2::2", "metallb", "secrets s k", "n2/metallb/$(UNKNOWN)", "10.96.0.1"],
  );
});

test("a key that does not exist keeps the container from starting, unless it is optional", async () => {
  const withKey = (optional: boolean): Container =>
    container({ env: [{ name: "K", valueFrom: { secretKeyRef: { name: "s", key: "k", optional } } }] });
  const lookUp = async (): Promise<undefined> => undefined;
  await rejects(environmentOf(withKey(false), facts, "", lookUp), ContainerRefusal);
  equal("K" in (await environmentOf(withKey(true), facts, "", lookUp)), false);
});

test("$$ is a literal dollar", () => {
  equal(expand("$$(A) $(A)", { A: "x" }), "$(A) x");
});
