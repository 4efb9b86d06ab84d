import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../../../crds/config/compile.ts";
import { emptyResources, type Resources } from "../../../crds/config/resources.ts";
import { convertBGPPeer } from "../../../crds/convert/bgp-peer.ts";
import { type Kind, kinds, type Manifest } from "./manifest.ts";
import { type Scenario, scenariosOf } from "./scenario.ts";

const scenarios = scenariosOf("test", 2000);
const requests = scenarios.flatMap((scenario) => scenario.requests);

/** A BGPPeer of the older version as the API server stores it. */
function toStorage(manifest: Manifest): object {
  if (manifest.kind !== "BGPPeer" || manifest.apiVersion.endsWith("v1beta2")) return manifest;
  const converted = convertBGPPeer(manifest, "v1beta2");
  ok(converted.ok);
  return converted.object as object;
}

function resources(manifests: readonly Manifest[]): Resources {
  const of = (kind: Kind): readonly object[] => manifests.filter((manifest) => manifest.kind === kind).map(toStorage);
  const nodes = ["n1", "n2", "n3"].map((name) => ({ metadata: { name, labels: { "kubernetes.io/hostname": name } } }));
  return {
    ...emptyResources,
    nodes,
    pools: of("IPAddressPool"),
    l2Advertisements: of("L2Advertisement"),
    bgpAdvertisements: of("BGPAdvertisement"),
    bgpPeers: of("BGPPeer"),
    bfdProfiles: of("BFDProfile"),
    communities: of("Community"),
  };
}

const errorsIn = ({ mode, base }: Scenario): readonly string[] =>
  compile(resources(base), { backend: mode })
    .findings.filter(
      ({ severity, code, object }) => severity === "error" && !(code === "NativeUnsupported" && object.kind === "BFDProfile"),
    )
    .map(({ code, object, message }) => `${code} ${object.name}: ${message}`);

test("the same seed makes the same scenarios, another seed others", () => {
  deepEqual(scenariosOf("test", 100), scenariosOf("test", 100));
  notDeepEqual(scenariosOf("test", 100), scenariosOf("other", 100));
});

test("as many writes are tried as were asked for, for both modes alike", () => {
  equal(requests.length, 2000);
  equal(scenariosOf("test", 70).flatMap((scenario) => scenario.requests).length, 70);
  const native = scenarios.filter(({ mode }) => mode === "native").flatMap((scenario) => scenario.requests);
  equal(native.length, 1000);
});

test("stored objects are valid", () => {
  for (const scenario of scenarios) deepEqual(errorsIn(scenario), [], `scenario ${scenario.id}`);
});

test("a spoiled pool leaves an error, and the scenario has it in both modes", () => {
  const spoiled = scenarios.filter((scenario) => scenario.spoiled.length > 0);
  deepEqual(new Set(spoiled.map(({ mode }) => mode)), new Set(["native", "frr"]));
  for (const scenario of spoiled) {
    const base = scenario.base.map(
      (each) => scenario.spoiled.find(({ metadata }) => metadata.name === each.metadata.name) ?? each,
    );
    ok(errorsIn({ ...scenario, base }).length > 0, `scenario ${scenario.id}`);
  }
});

test("within one operation of a scenario each object is written at most once", () => {
  for (const scenario of scenarios) {
    const written = scenario.requests.map(({ operation, manifest }) => `${operation} ${manifest.kind}/${manifest.metadata.name}`);
    equal(new Set(written).size, written.length);
  }
});

test("every kind is written, about half of the writes without a fault, and every fault occurs", () => {
  for (const kind of kinds) ok(requests.filter(({ manifest }) => manifest.kind === kind).length > 40, kind);
  const faultless = requests.filter(({ faults }) => faults.length === 0).length / requests.length;
  ok(faultless > 0.4 && faultless < 0.7, `${faultless}`);
  ok(new Set(requests.flatMap(({ manifest, faults }) => faults.map((fault) => `${manifest.kind} ${fault}`))).size > 60);
});
