import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../crds/types/kubernetes.ts";
import { namespace, Replicas } from "../operator/fake/replicas.ts";
import type { KubeObject, ResourceType } from "../operator/framework/api/kube-object.ts";
import type { FakeRequest } from "../operator/framework/fake/fake-api.ts";
import { installManifests, type Rule } from "./manifests.ts";

const roles = installManifests().filter(({ kind }) => kind === "Role" || kind === "ClusterRole");
const rulesOf = (...names: readonly string[]): readonly Rule[] =>
  roles.filter(({ kind, metadata }) => names.includes(`${kind} ${metadata.name}`)).flatMap(({ rules = [] }) => rules);

/** Everywhere, and in the own namespace alone. */
const operator = {
  everywhere: rulesOf("ClusterRole metallb-system:controller"),
  own: rulesOf("Role controller", "Role pod-lister"),
};
const speaker = { everywhere: rulesOf("ClusterRole metallb-system:speaker"), own: rulesOf("Role pod-lister") };

/** One verb on one resource; `name` when it is asked of one object. */
type Wish = { readonly group: string; readonly resource: string; readonly verb: string; readonly name?: string };

function grants(rules: readonly Rule[], { group, resource, verb, name }: Wish): boolean {
  return rules.some(
    (rule) =>
      rule.apiGroups?.includes(group) &&
      rule.resources?.includes(resource) &&
      rule.verbs.includes(verb) &&
      (rule.resourceNames === undefined || (name !== undefined && rule.resourceNames.includes(name))),
  );
}

const read = ["get", "list", "watch"];
const all = [...read, "create", "delete", "patch", "update"];
const metallb = "metallb.io";
const admission = "admissionregistration.k8s.io";
const extensions = "apiextensions.k8s.io";
const configuration = ["ipaddresspools", "bgpadvertisements", "l2advertisements", "communities", "bfdprofiles"];
const definitions = [...configuration, "bgppeers", "configurationstates"].map((plural) => `${plural}.metallb.io`);

type Table = readonly (readonly [
  group: string,
  resources: readonly string[],
  verbs: readonly string[],
  names?: readonly string[],
])[];

/** What MetalLB's ClusterRole for its controller grants, without what Kubernetes no longer has. */
const controllerEverywhere: Table = [
  ["", ["services", "namespaces"], read],
  ["", ["nodes"], ["list"]],
  ["", ["services/status"], ["update"]],
  ["", ["events"], ["create", "patch"]],
  [admission, ["validatingwebhookconfigurations"], all, ["metallb-webhook-configuration"]],
  [admission, ["validatingwebhookconfigurations"], ["list", "watch"]],
  [extensions, ["customresourcedefinitions"], all, definitions],
  [extensions, ["customresourcedefinitions"], ["list", "watch"]],
  [metallb, ["configurationstates"], all],
  [metallb, ["configurationstates/status"], ["get", "patch", "update"]],
  ["authentication.k8s.io", ["tokenreviews"], ["create"]],
  ["authorization.k8s.io", ["subjectaccessreviews"], ["create"]],
];
const controllerOwn: Table = [
  ["", ["secrets"], all],
  ["", ["secrets"], ["list"], ["memberlist"]],
  ["apps", ["deployments"], ["get"], ["controller"]],
  [metallb, ["bgppeers"], ["get", "list"]],
  [metallb, configuration, read],
  [metallb, ["ipaddresspools/status"], ["update"]],
];
const podLister: Table = [
  ["", ["pods"], ["get", "list"]],
  ["", ["secrets", "configmaps"], read],
  [metallb, [...configuration, "bgppeers"], read],
  [metallb, ["servicebgpstatuses", "servicebgpstatuses/status"], all],
];
/** Without endpoints, which Herald does not read. */
const speakerEverywhere: Table = [
  [metallb, ["servicel2statuses", "servicel2statuses/status", "configurationstates", "configurationstates/status"], all],
  ["", ["services", "nodes", "namespaces"], read],
  ["discovery.k8s.io", ["endpointslices"], read],
  ["", ["events"], ["create", "patch"]],
  ["authentication.k8s.io", ["tokenreviews"], ["create"]],
  ["authorization.k8s.io", ["subjectaccessreviews"], ["create"]],
];

const tables: readonly (readonly [who: string, rules: readonly Rule[], table: Table])[] = [
  ["the operator has every right of MetalLB's controller in the cluster", operator.everywhere, controllerEverywhere],
  ["the operator has every right of MetalLB's controller in its namespace", operator.own, [...controllerOwn, ...podLister]],
  ["the speaker has every right of MetalLB's speaker in the cluster", speaker.everywhere, speakerEverywhere],
  ["the speaker has every right of MetalLB's speaker in its namespace", speaker.own, podLister],
];
for (const [rule, rules, table] of tables)
  test(rule, () => {
    const missing = table.flatMap(([group, resources, verbs, names = [undefined]]) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          names
            .filter((name) => !grants(rules, { group, resource, verb, ...(name !== undefined && { name }) }))
            .map((name) => `${verb} ${resource} ${name ?? ""}`),
        ),
      ),
    );
    deepEqual(missing, []);
  });

const verbs: { readonly [verb in FakeRequest["verb"]]: string } = {
  get: "get",
  list: "list",
  watch: "watch",
  create: "create",
  patch: "patch",
  apply: "patch",
  delete: "delete",
};

/** Undefined: it is granted. */
function refused({ verb, type, key, body, subresource }: FakeRequest): string | undefined {
  const { group, plural } = type;
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  const scope = key === undefined ? (body as { readonly namespace?: string } | undefined)?.namespace : key.namespace;
  const rules = scope === namespace ? [...operator.everywhere, ...operator.own] : operator.everywhere;
  // A name cannot be granted where there is none yet.
  const name = key === undefined || verb === "create" ? {} : { name: key.name };
  const wish = { group, resource, verb: verbs[verb], ...name };
  return grants(rules, wish) ? undefined : `${wish.verb} ${resource} ${key?.name ?? ""} in ${scope ?? "the cluster"}`;
}

test("whatever the operator asks of the API server is granted to it", async () => {
  const world = new Replicas();
  const put = (type: ResourceType, name: string, spec: object, where: string = namespace) =>
    world.api.put(type, { metadata: { namespace: where, name }, spec } as KubeObject);
  put(resourceTypes.l2advertisements, "l2", {});
  put(resourceTypes.bgpadvertisements, "bgp", {});
  put(resourceTypes.bgppeers, "peer", { myASN: 1, peerASN: 2, peerAddress: "192.0.2.1" });
  put(resourceTypes.bfdprofiles, "bfd", {});
  put(resourceTypes.communities, "c", { communities: [{ name: "a", value: "1:2" }] });
  const balanced = { type: "LoadBalancer", clusterIPs: ["10.96.0.1"], ports: [{ port: 80 }] };
  put(resourceTypes.services, "a", balanced, "default");
  world.start("one");
  await world.run(10_000);
  world.api.remove(resourceTypes.services, { namespace: "default", name: "a" });
  world.api.remove(resourceTypes.ipaddresspools, { namespace, name: "p" });
  put(resourceTypes.services, "b", balanced, "default");
  await world.run(10_000);
  await world.stop();
  const seen = new Set(world.api.requests.map(({ verb, type, subresource }) => `${verb} ${type.plural} ${subresource ?? ""}`));
  for (const expected of ["patch services status", "patch ipaddresspools status", "apply configurationstates status"]) {
    ok(seen.has(expected), `${expected} of ${[...seen].join("; ")}`);
  }
  ok(seen.size > 20, `${seen.size} kinds of requests`);
  deepEqual([...new Set(world.api.requests.flatMap((request) => refused(request) ?? []))], []);
});
