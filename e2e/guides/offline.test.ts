import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Backend } from "../../crds/config/backend.ts";
import { compile } from "../../crds/config/compile.ts";
import { property } from "../../crds/config/identity.ts";
import { emptyResources, type Resources } from "../../crds/config/resources.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { unknownFields } from "../../crds/unknown-fields.ts";
import { Allocator } from "../../operator/allocation/allocator.ts";
import { describe } from "../../operator/allocation/reason.ts";
import { objectsIn, type Placed } from "../../operator/cli/manifest.ts";
import { validate } from "../../operator/cli/validate.ts";
import { verdict } from "../../webhooks/admission/admission.ts";
import { type AdmittedKind, isAdmittedKind } from "../../webhooks/admission/placement.ts";
import type { Verdict } from "../../webhooks/admission/request.ts";
import { sceneOf } from "../../webhooks/admission/scene.ts";
import { type Guide, guides } from "./expected.ts";

const namespace = "metallb-system";
const everyList = new Set(Object.keys(emptyResources) as (keyof Resources)[]);
const text = (file: string) => readFileSync(join(import.meta.dirname, "yaml", `${file}.yaml`), "utf8");
const node = (name: string, labels: object) => ({
  metadata: { name, labels: { "kubernetes.io/os": "linux", ...labels } },
  status: { addresses: [{ type: "InternalIP", address: `10.0.0.${name.slice(1)}` }] },
});
const labelled = [
  node("n1", { "metallb.io/bgp-node": "primary" }),
  node("n2", { "metallb.io/bgp-node": "secondary" }),
  node("n3", {}),
];

type Ours = Placed & { readonly kind: AdmittedKind };
type Answered = { readonly file: string; readonly object: Ours; readonly answer: Verdict };

/** The objects of a file that the webhooks are asked about; of some that run together kubectl sees the last one. */
function ours(file: string): readonly Ours[] {
  const { objects, unreadable } = objectsIn([{ name: file, text: text(file) }]);
  const seen = unreadable.length > 0 ? objects.slice(-1) : objects;
  return seen.filter((each): each is Ours => each.apiVersion.startsWith("metallb.io/") && isAdmittedKind(each.kind));
}

/** What the webhooks say when these guides are followed one after the other; what is refused is not there for the next. */
function follow(which: readonly Guide[], backend: Backend, nodes: readonly object[]): readonly Answered[] {
  let stored: Resources = { ...emptyResources, nodes, secrets: [] };
  const objects = which.flatMap(({ file }) => ours(file).map((object) => ({ file, object })));
  return objects.map(({ file, object }, index) => {
    const { kind, name } = object;
    const asked = { uid: "u", kind, operation: "CREATE", namespace, name, oldObject: undefined, dryRun: false } as const;
    const request = { ...asked, object: createdAt(object.object, index) };
    const scene = sceneOf(request, kind, { namespace, backend, without: stored, known: everyList });
    const answer = verdict(request, scene);
    if (answer.allowed) stored = scene.withRequest;
    return { file, object, answer };
  });
}

/** The API server sets the time of creation before it asks. */
function createdAt(object: unknown, minute: number): unknown {
  const creationTimestamp = new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
  return { ...(object as object), metadata: { ...(property(object, "metadata") as object), creationTimestamp } };
}

const followed = follow(guides, "herald", labelled);
/** The one that has routers; the others' peers are elsewhere. */
const third = guides.filter(({ file }) => file >= "08" && file < "35");

test("the guides hold objects that the webhooks are asked about", () => notEqual(followed.length, 0));

for (const { file, outcome } of guides.filter(({ file }) => ours(file).length > 0))
  test(`${file}: the webhooks give the outcome of the table, ${outcome.type}`, () => {
    const answers = followed.filter((each) => each.file === file);
    const allowed = answers.filter(({ answer }) => answer.allowed);
    if (outcome.type === "applies") {
      deepEqual(
        allowed.map(({ object: { kind, name } }) => `${kind.toLowerCase()}.metallb.io/${name}`),
        outcome.objects,
      );
      return;
    }
    deepEqual(allowed, []);
    const said = answers.map(({ answer }) => (answer.allowed ? "" : answer.reasons.join("\n"))).join("\n");
    for (const words of "words" in outcome ? outcome.words : []) ok(said.includes(words), `"${words}" is not in: ${said}`);
  });

test("no object has a field that kubectl would refuse, the Secret's key included", () => {
  for (const { object } of followed)
    deepEqual(unknownFields(object.kind, object.apiVersion.split("/")[1] ?? "", object.object), [], object.name);
  const peers = followed.filter(({ object: { kind } }) => kind === "BGPPeer").map(({ object }) => JSON.stringify(object.object));
  equal(peers.filter((peer) => peer.includes('"key":"password"')).length, 3);
});

/** Name and reasons of what is refused of the third guide. */
function refusals(backend: Backend, nodes: readonly object[]): ReadonlyMap<string, string> {
  const refused = follow(third, backend, nodes).flatMap(({ object, answer }) =>
    answer.allowed ? [] : [[object.name, answer.reasons.join("\n")] as const],
  );
  return new Map(refused);
}

const overlapping = ["zone-a-pool", "zone-b-pool", "internal-pool"];

test("with FRR's limits two routers are refused beside router-1, each with both names, both sets of nodes and the way out", () => {
  const refused = refusals("frr", labelled);
  deepEqual([...refused.keys()], ["core-router-primary", "core-router-secondary", ...overlapping]);
  const [primary, secondary] = [refused.get("core-router-primary") ?? "", refused.get("core-router-secondary") ?? ""];
  match(primary, /peer 10\.0\.1\.1 already exists, FRR mode doesn't support duplicate BGPPeers selecting the same node/);
  match(primary, /"core-router-primary" is for node n1, BGPPeer "router-1" for node n1, n2, n3: node selectors/);
  match(secondary, /RouterID different from that of BGPPeer "router-1"/);
  match(secondary, /"core-router-secondary" is for node n2, BGPPeer "router-1" for node n1, n2, n3: node selectors/);
});

test("with FRR's limits the same two are refused while no node is known, and none where no node has their labels", () => {
  deepEqual([...refusals("frr", []).keys()], ["core-router-primary", "core-router-secondary", ...overlapping]);
  deepEqual([...refusals("frr", [node("n1", {})]).keys()], overlapping);
});

test("with MetalLB's native engine every peer and profile of the third guide is beyond the limits", () => {
  deepEqual(
    [...refusals("native", labelled).keys()],
    ["router-1", "core-router-primary", "core-router-secondary", ...overlapping],
  );
});

/** What is odd and goes on, in the words that name the way out. */
const warned: readonly (readonly [name: string, says: RegExp])[] = [
  ["default-pool", /no advertisement selects this pool yet/],
  ["bgp-pool", /holds 10\.0\.100\.0.*avoidBuggyIPs/],
  ["router-1", /spec\.sourceAddress: no node that this peer selects has 10\.0\.2\.10/],
  ["router-1", /10\.0\.2\.10 is the router ID of 3 nodes/],
  ["router-1", /secret ref not found/],
  ["production-advertisement", /localPref: it is not sent to external peers.*asPathPrepend or communities instead/],
  ["core-router-primary", /has the same address, and a router keeps only one session of a node/],
  ["zone-aware-advertisement", /names IPAddressPool "zone-a-pool", which does not exist/],
  ["external-pool", /no advertisement selects this pool yet/],
];
for (const [name, says] of warned)
  test(`${name} is admitted with a warning: ${says.source}`, () => {
    const answers = followed.filter(({ object }) => object.name === name).map(({ answer }) => answer.warnings.join("\n"));
    notEqual(answers.length, 0);
    ok(
      answers.some((said) => says.test(said)),
      answers.join("\n"),
    );
  });

test("peers whose label no node has are warned of", () => {
  const answers = follow(third, "herald", [node("n1", {})]).filter(({ object }) => /^core-router/.test(object.name));
  equal(answers.length, 2);
  for (const { answer } of answers) match(answer.warnings.join("\n"), /spec\.nodeSelectors: no node has such labels yet/);
});

const offline = (file: string) => validate([{ name: file, text: text(file) }], { namespace, backend: "herald" });

test("10-nodashes: herald validate names the object that kubectl would lose", () => {
  const said = offline("10-nodashes").filter(({ severity }) => severity === "error");
  match(said[0]?.text ?? "", /would lose L2Advertisement "layer2-advertisement"/);
});

test("02: herald validate says that the old ConfigMap has no effect, and names herald convert", () => {
  match(offline("02").find(({ severity }) => severity === "warning")?.text ?? "", /herald convert/);
});

/** What the Service of a file is told where the pools of these files are, as the API server stores it. */
function told(file: string, pools: readonly string[], lbClass = ""): string {
  const [placed] = objectsIn([{ name: file, text: text(file) }]).objects;
  const stored = placed?.object as Service;
  const service = {
    ...stored,
    metadata: { ...stored.metadata, namespace: "default" },
    spec: { ...stored.spec, clusterIPs: ["10.96.0.1"] },
  };
  const compiled = compile({ ...emptyResources, pools: pools.flatMap((name) => ours(name).map(({ object }) => object)) });
  const allocator = new Allocator(lbClass);
  allocator.usePools(compiled.snapshot, new Set());
  return allocator.decide(service).unmet.map(describe).join("\n");
}

for (const file of ["32", "33"])
  test(`${file}: beside its pool the Service is told which selector does not match it, and the label to add`, () => {
    const wants = "its serviceSelector wants metallb.io/class=internal (add the label metallb.io/class=internal)";
    equal(told(file, ["20"]), `pool "internal-pool" does not serve this Service: ${wants}`);
  });

for (const [file, name] of [
  ["22", "internal"],
  ["30", "external"],
  ["31", "internal"],
] as const)
  test(`${file}: a Service of a class that nobody serves is told so with the way out, and is served with metallb.io/*`, () => {
    match(told(file, ["20", "21"]), new RegExp(`"metallb.io/${name}" is served by nobody: .* --lb-class=metallb.io/${name}`));
    equal(/served by nobody/.test(told(file, ["20", "21"], "metallb.io/*,")), false);
  });

function completed({ completed: what }: Guide): boolean {
  return what !== undefined;
}

test("35 to 39, of which parts were cut out, are marked with what was supplied", () => {
  deepEqual(
    guides.filter(completed).map(({ file }) => file),
    ["35", "36", "37", "38", "39"],
  );
});
