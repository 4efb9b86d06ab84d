import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { test } from "node:test";
import type { Lists } from "../../crds/config/advise.ts";
import { emptyResources, type Resources } from "../../crds/config/resources.ts";
import { verdict } from "./admission.ts";
import type { AdmittedKind } from "./placement.ts";
import type { AdmissionRequest, Operation } from "./request.ts";
import { sceneOf } from "./scene.ts";

const namespace = "metallb-system";

type Meta = { readonly createdAt?: string; readonly generation?: number; readonly accepted?: boolean };

function pool(
  name: string,
  addresses: readonly string[],
  { createdAt = "2026-01-01T00:00:00Z", generation = 1, accepted }: Meta = {},
) {
  const counters = { assignedIPv4: 0, assignedIPv6: 0, availableIPv4: 0, availableIPv6: 0 };
  const conditions = [
    {
      type: "Accepted",
      status: "True",
      observedGeneration: generation,
      reason: "Valid",
      message: "",
      lastTransitionTime: createdAt,
    },
  ];
  const status = accepted ? { status: { ...counters, conditions } } : {};
  return {
    metadata: { name, namespace, creationTimestamp: createdAt, generation },
    spec: { addresses, avoidBuggyIPs: true },
    ...status,
  };
}

function ask(
  kind: AdmittedKind,
  operation: Operation,
  object: { metadata: { name: string } },
  stored: Partial<Resources>,
  own = namespace,
  known: Lists = new Set(Object.keys(stored) as (keyof Resources)[]),
) {
  const request: AdmissionRequest = {
    uid: "u",
    kind,
    operation,
    namespace: own,
    name: object.metadata.name,
    object: operation === "DELETE" ? undefined : object,
    oldObject: undefined,
    dryRun: false,
  };
  const without = { ...emptyResources, ...stored };
  return verdict(request, sceneOf(request, kind, { namespace, backend: "herald", without, known }));
}

function reasons(answer: ReturnType<typeof ask>): string {
  return answer.allowed ? "" : answer.reasons.join("\n");
}

test("a pool beside others is allowed without a word", () => {
  const stored = { pools: [pool("a", ["10.0.0.0/24"])] };
  deepEqual(ask("IPAddressPool", "CREATE", pool("b", ["10.0.1.0/24", "fc00::/120"]), stored), { allowed: true, warnings: [] });
});

test("an overlap is denied and names both pools, both ranges and the shared addresses", () => {
  const stored = { pools: [pool("layer2", ["10.0.3.100-10.0.3.150"])] };
  const text = reasons(ask("IPAddressPool", "CREATE", pool("zone-a", ["10.0.3.90-10.0.3.120"]), stored));
  for (const part of ['"zone-a"', '"layer2"', '"10.0.3.90-10.0.3.120"', '"10.0.3.100-10.0.3.150"', "10.0.3.100-10.0.3.120"])
    equal(text.includes(part), true, `${part} in ${text}`);
  match(text, /overlaps with already defined CIDR/);
  match(text, /^spec\.addresses\[0\]: /);
});

test("a pool is denied although compile blames the other one", () => {
  const stored = { pools: [pool("young", ["10.0.0.0/24"], { createdAt: "2026-06-01T00:00:00Z" }), pool("old", ["10.9.0.0/24"])] };
  const text = reasons(ask("IPAddressPool", "UPDATE", pool("old", ["10.9.0.0/24", "10.0.0.128/25"]), stored));
  match(text, /pool "young" overlaps with already defined CIDR "10\.0\.0\.128\/25" in pool "old"/);
  doesNotMatch(text, /^spec\./, "the path would be one of the other pool");
});

test("every reason is given, not only the first", () => {
  const stored = { pools: [pool("a", ["10.0.0.0/24"]), pool("b", ["10.0.1.0/24"])] };
  const text = reasons(ask("IPAddressPool", "CREATE", pool("c", ["10.0.0.0/23", "10.0.3.9-10.0.3.1", "10.0.5.1"]), stored));
  for (const part of ['in pool "a"', 'in pool "b"', "10.0.3.9-10.0.3.1", "10.0.5.1"]) equal(text.includes(part), true, part);
});

test("a broken pool holds up neither another pool nor its own repair", () => {
  const broken = pool("a", ["10.0.0.0/24", "nonsense"]);
  equal(ask("IPAddressPool", "CREATE", pool("b", ["10.0.1.0/24"]), { pools: [broken] }).allowed, true);
  equal(ask("IPAddressPool", "UPDATE", pool("a", ["10.0.0.0/24"]), { pools: [broken] }).allowed, true);
});

test("an update that leaves a stored error as it is is allowed, wherever its entry stands now", () => {
  const stored = { pools: [pool("a", ["10.0.0.0/24", "nonsense"])] };
  equal(ask("IPAddressPool", "UPDATE", pool("a", ["nonsense", "10.0.0.0/24"]), stored).allowed, true);
  equal(ask("IPAddressPool", "UPDATE", pool("a", ["10.0.0.0/24", "nonsense", "more nonsense"]), stored).allowed, false);
  equal(ask("IPAddressPool", "UPDATE", pool("a", ["10.0.0.0/24", "nonsense", "nonsense"]), stored).allowed, false);
});

test("a stored pool with hundreds of errors may be mended one by one", () => {
  const nonsense = (count: number) => pool("a", new Array(count).fill("nonsense"));
  equal(ask("IPAddressPool", "UPDATE", nonsense(299), { pools: [nonsense(300)] }).allowed, true);
  equal(ask("IPAddressPool", "UPDATE", nonsense(101), { pools: [nonsense(100)] }).allowed, false);
});

test("a stored overlap may shrink or stay, whoever is blamed for it, but not grow", () => {
  const a = pool("a", ["10.0.0.0/24"], { accepted: true, createdAt: "2026-06-01T00:00:00Z" });
  const stored = { pools: [a, pool("b", ["10.0.0.0/25"])] };
  const update = (addresses: string[]) =>
    ask("IPAddressPool", "UPDATE", pool("a", addresses, { ...a.metadata, generation: 2 }), stored);
  equal(update(["10.0.0.0/24"]).allowed, true);
  equal(update(["10.0.0.64/26"]).allowed, true);
  equal(update(["10.0.0.64/26", "10.7.0.0/24"]).allowed, true);
  const other = { pools: [pool("a", ["10.0.0.64/26"]), pool("b", ["10.0.0.0/25"])] };
  equal(ask("IPAddressPool", "UPDATE", pool("a", ["10.0.0.0/26"]), other).allowed, false, "other addresses are shared now");
});

test("a pool that overlaps itself is denied, and may be mended in steps", () => {
  equal(ask("IPAddressPool", "CREATE", pool("a", ["10.0.0.0/24", "10.0.0.128/25"]), {}).allowed, false);
  const stored = { pools: [pool("a", ["10.0.0.0/24", "10.0.0.128/25"])] };
  equal(ask("IPAddressPool", "UPDATE", pool("a", ["10.0.0.0/24", "10.0.0.192/26"]), stored).allowed, true);
  equal(ask("IPAddressPool", "UPDATE", pool("a", ["10.0.0.0/24", "10.0.0.0/25"]), stored).allowed, false);
});

test("a pool that names one range thousands of times is denied, in a hundred sentences at most", () => {
  const answer = ask("IPAddressPool", "CREATE", pool("a", new Array(3000).fill("10.0.0.0/8")), {});
  equal(!answer.allowed && answer.reasons.length, 100);
});

test("a pool of a hundred thousand entries is judged like any other", () => {
  const entries = Array.from({ length: 100_000 }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}/32`);
  equal(ask("IPAddressPool", "CREATE", pool("a", entries), {}).allowed, true);
  equal(ask("IPAddressPool", "CREATE", pool("a", [...entries, "10.0.0.7/32"]), {}).allowed, false);
  const nulls = { metadata: { name: "a", namespace }, spec: { addresses: new Array(100_000).fill(null) } };
  equal(ask("IPAddressPool", "CREATE", nulls, {}).allowed, false);
});

test("creation outside of the operator's namespace is denied, with what else is wrong", () => {
  const foreign = ask("IPAddressPool", "CREATE", pool("a", ["10.0.0.1"]), {}, "default");
  match(reasons(foreign), /^resource must be created in metallb-system namespace\n.*10\.0\.0\.1/s);
});

test("an update outside of the operator's namespace is allowed with a warning", () => {
  const stored = { pools: [pool("a", ["10.0.0.0/24"])] };
  const answer = ask("IPAddressPool", "UPDATE", pool("b", ["10.0.0.0/24"]), stored, "default");
  equal(answer.allowed, true);
  match(answer.warnings.join(), /only objects in namespace metallb-system are read/);
});

test("an L2Advertisement with a selector that cannot be read is denied", () => {
  const bad = { metadata: { name: "l2", namespace }, spec: { ipAddressPools: ["a", "a"] } };
  match(reasons(ask("L2Advertisement", "CREATE", bad, {})), /spec\.ipAddressPools\[1\]/);
});

test("an L2Advertisement that names a pool not there yet is allowed with a warning", () => {
  const early = { metadata: { name: "l2", namespace }, spec: { ipAddressPools: ["later"] } };
  const answer = ask("L2Advertisement", "CREATE", early, { pools: [] });
  equal(answer.allowed, true);
  match(answer.warnings.join(), /"later"/);
  deepEqual(ask("L2Advertisement", "CREATE", early, {}).warnings, [], "pools that were not read may well exist");
});

for (const kind of ["BGPPeer", "BGPAdvertisement", "Community", "BFDProfile"] as const)
  test(`a valid ${kind} is allowed, in the operator's namespace only`, () => {
    const spec = kind === "BGPPeer" ? { myASN: 64512, peerASN: 64513, peerAddress: "10.0.0.1" } : {};
    const object = {
      apiVersion: kind === "BGPPeer" ? "metallb.io/v1beta2" : "metallb.io/v1beta1",
      kind,
      metadata: { name: "x", namespace },
      spec,
    };
    const answer = ask(kind, "CREATE", object, {});
    equal(answer.allowed, true);
    match(reasons(ask(kind, "CREATE", object, {}, "default")), /resource must be created in metallb-system namespace/);
  });

test("a number that does not fit its width is a 400", () => {
  const object = { metadata: { name: "x", namespace }, spec: { localPref: -1 } };
  const answer = ask("BGPAdvertisement", "CREATE", object, {});
  equal(!answer.allowed && answer.code, 400);
});

test("deprecated disableMP is a warning on creation, and does not skip the other checks", () => {
  const object = {
    metadata: { name: "x", namespace },
    spec: { myASN: 64512, peerASN: 64513, peerAddress: "10.0.0.1", disableMP: true },
  };
  match(ask("BGPPeer", "CREATE", object, {}).warnings.join(), /disableMP/);
  equal(ask("BGPPeer", "CREATE", object, {}, "default").allowed, false);
});

test("a BFDProfile in use cannot be deleted; anything else can", () => {
  const bgpPeers = [{ metadata: { name: "router-1" }, spec: { bfdProfile: "fast" } }, { metadata: { name: "router-2" } }];
  const named = (name: string) => ({ metadata: { name } });
  match(
    reasons(ask("BFDProfile", "DELETE", named("fast"), { bgpPeers })),
    /failed to delete BFDProfile "fast": used by BGPPeer "router-1"/,
  );
  equal(ask("BFDProfile", "DELETE", named("slow"), { bgpPeers }).allowed, true);
  equal(ask("BFDProfile", "DELETE", named("fast"), { bgpPeers }, "default").allowed, true);
  equal(ask("IPAddressPool", "DELETE", named("fast"), { bgpPeers }).allowed, true);
});
