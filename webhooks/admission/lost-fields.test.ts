import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { emptyResources } from "../../crds/config/resources.ts";
import { verdict } from "./admission.ts";
import { lostFields } from "./lost-fields.ts";
import type { AdmissionRequest } from "./request.ts";
import { sceneOf } from "./scene.ts";

const namespace = "metallb-system";
const base = { myASN: 1, peerASN: 2, peerAddress: "10.0.0.1" };
const peer = (spec: object) => ({
  apiVersion: "metallb.io/v1beta2",
  kind: "BGPPeer",
  metadata: { name: "p", namespace },
  spec: { ...base, ...spec },
});

/** A peer that is stored with `before` is written with `after`; through v1beta1 the API server knows of the former no more. */
function change(before: object, after: object, more: Partial<AdmissionRequest> = {}) {
  const request: AdmissionRequest = {
    uid: "u",
    kind: "BGPPeer",
    writtenAs: "v1beta1",
    operation: "UPDATE",
    namespace,
    name: "p",
    object: peer(after),
    oldObject: peer({}),
    dryRun: false,
    ...more,
  };
  const other = { ...peer({ vrf: "blue" }), metadata: { name: "other", namespace } };
  return { request, stored: { ...emptyResources, bgpPeers: [other, peer(before)] } };
}

const lost = ({ request, stored }: ReturnType<typeof change>): readonly string[] => lostFields(request, stored);

test("fields that a change through v1beta1 drops are named, all at once", () => {
  const [said = "", ...more] = lost(change({ vrf: "red", passwordSecret: { name: "s" } }, { holdTime: "90s" }));
  match(said, /^spec\.passwordSecret, spec\.vrf: dropped: metallb\.io\/v1beta1.* write the BGPPeer as metallb\.io\/v1beta2/);
  deepEqual(more, []);
});

test("kubectl is told of them, and the change goes through", () => {
  const { request, stored: without } = change({ vrf: "red" }, {});
  const { allowed, warnings } = verdict(
    request,
    sceneOf(request, "BGPPeer", { namespace, backend: "herald", without, known: new Set() }),
  );
  deepEqual([allowed, warnings.filter((text) => text.includes("spec.vrf: dropped")).length], [true, 1]);
});

const silent: readonly (readonly [rule: string, change: ReturnType<typeof change>])[] = [
  ["what was never set", change({}, { holdTime: "90s" })],
  ["a default that is not written out", change({ disableMP: false, dualStackAddressFamily: false }, {})],
  ["a field that both versions have", change({ holdTime: "90s" }, {})],
  ["what goes in a version that has it", change({ vrf: "red" }, {}, { writtenAs: "v1beta2" })],
  ["a change whose version is not told", change({ vrf: "red" }, {}, { writtenAs: "" })],
  ["a new peer", change({ vrf: "red" }, {}, { operation: "CREATE", oldObject: undefined })],
  ["a peer that is not there", change({ vrf: "red" }, {}, { name: "q" })],
  ["a peer that goes", change({ vrf: "red" }, {}, { operation: "DELETE", object: undefined })],
];
for (const [rule, given] of silent) test(`nothing is said of ${rule}`, () => deepEqual(lost(given), []));
