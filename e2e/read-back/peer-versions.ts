import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { bgpPeer, heraldNamespace, listOf } from "../manifests.ts";
import { apply, remove } from "../observe.ts";

type Spec = Readonly<Record<string, unknown>>;

const least = { myASN: 64512, peerASN: 64513, peerAddress: "192.0.2.1" };
/** What the API server sets by itself where v1beta2 says nothing. */
const defaults = { peerPort: 179, disableMP: false, dualStackAddressFamily: false };
const exists = [{ matchExpressions: [{ key: "rack", operator: "Exists" }] }];

/** One BGPPeer, written and read through either version. */
export function testPeerVersions(lab: () => Lab): void {
  const path = (version: string) => `/apis/metallb.io/${version}/namespaces/${heraldNamespace}/bgppeers`;
  const old = (spec: Spec) => ({ ...bgpPeer("router", spec), apiVersion: "metallb.io/v1beta1" });
  const specIn = async (version: string): Promise<Spec> =>
    (await lab().api.get<{ readonly spec: Spec }>(`${path(version)}/router`)).spec;
  const removed = () => remove(lab(), heraldNamespace, "bgppeer/router");

  test("what is not said through v1beta1 is not there through v1beta2, and port 0 is the usual one", async (context) => {
    context.after(removed);
    await apply(lab(), old({ ...least, peerPort: 0 }));
    deepEqual(await specIn("v1beta2"), { ...least, ...defaults });
    deepEqual(await specIn("v1beta1"), { ...least, peerPort: 179 });
  });

  test("what is said through v1beta2 is read through v1beta1 as it was written, as far as v1beta1 goes", async (context) => {
    context.after(removed);
    const both = { ...least, holdTime: "90s", ebgpMultiHop: false, nodeSelectors: exists };
    await apply(lab(), bgpPeer("router", { ...both, vrf: "red" }));
    deepEqual(await specIn("v1beta1"), { ...both, peerPort: 179 });
  });

  test("whoever changes a peer through v1beta1 is told what goes by that", async (context) => {
    context.after(removed);
    await apply(lab(), bgpPeer("router", { ...least, vrf: "red", connectTime: "10s" }));
    const { code, stderr } = await lab().kubectl(["replace", "-f", "-"], listOf([old({ ...least, holdTime: "90s" })]));
    equal(code, 0, stderr);
    match(stderr, /^Warning: spec\.connectTime, spec\.vrf: dropped: metallb\.io\/v1beta1/m);
    deepEqual(await specIn("v1beta2"), { ...least, ...defaults, holdTime: "90s" });
  });
}
