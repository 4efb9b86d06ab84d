import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { brief, compiled, object, pool } from "../fixture/objects.ts";

function fits(entry: string, spec: object) {
  const pools = [pool("p", [entry]), pool("other", ["172.16.0.0/16"])];
  return compiled({ pools, bgpAdvertisements: [object("ad", spec)] });
}

const refused = (field: string) => [`error AggregationMisfit ad spec.${field}`];
const cases = [
  { entry: "10.0.0.0/24", spec: { aggregationLength: 24 }, said: [] },
  { entry: "10.0.0.0/24", spec: { aggregationLength: 23 }, said: refused("aggregationLength") },
  { entry: "10.0.0.5/32", spec: { aggregationLength: 31 }, said: refused("aggregationLength") },
  // A range needs one block that is large enough: 10.0.0.0/24 and a few single addresses.
  { entry: "10.0.0.0-10.0.1.2", spec: { aggregationLength: 24 }, said: [] },
  { entry: "10.0.0.1-10.0.0.254", spec: { aggregationLength: 26 }, said: [] },
  { entry: "10.0.0.1-10.0.0.254", spec: { aggregationLength: 25 }, said: refused("aggregationLength") },
  { entry: "2001:db8::/64", spec: { aggregationLengthV6: 64, aggregationLength: 8 }, said: refused("aggregationLength") },
  { entry: "2001:db8::/64", spec: { aggregationLengthV6: 64, aggregationLength: 16 }, said: [] },
  { entry: "2001:db8::/64", spec: { aggregationLengthV6: 63 }, said: refused("aggregationLengthV6") },
  { entry: "2001:db8::/64", spec: { aggregationLengthV6: 0, ipAddressPools: ["other"] }, said: [] },
];
for (const { entry, spec, said } of cases)
  test(`${JSON.stringify(spec)} ${said.length === 0 ? "fits" : "does not fit"} beside ${entry}`, () => {
    deepEqual(brief(fits(entry, spec).findings), said);
  });

test("the advertisement is blamed and set aside, in MetalLB's words; the pool stands, however young it is", () => {
  const { snapshot, findings } = compiled({
    pools: [pool("young", ["10.0.0.0/28", "2001:db8::/126"], { createdAt: "2026-09-01T00:00:00Z" })],
    bgpAdvertisements: [object("ad", { aggregationLength: 26, aggregationLengthV6: 120 })],
  });
  deepEqual([snapshot.pools.length, snapshot.pools[0]?.bgp], [1, []]);
  const [v4, v6] = findings;
  match(
    v4?.message ?? "",
    /invalid aggregation length 26: prefix 28 in this pool is more specific than the aggregation length for addresses 10\.0\.0\.0\/28/,
  );
  match(v6?.message ?? "", /invalid aggregation length 120: prefix 126 in this pool .* for addresses 2001:db8::\/126/);
  deepEqual(
    v4?.others.map(({ kind, name }) => `${kind} ${name}`),
    ["IPAddressPool young"],
  );
});

test("only the entries that do not fit are named", () => {
  const pools = [pool("p", ["10.0.0.0/24", "10.1.0.0/25", "10.2.0.0/16"])];
  const { findings } = compiled({ pools, bgpAdvertisements: [object("ad", { aggregationLength: 24 })] });
  deepEqual(findings.length, 1);
  match(findings[0]?.message ?? "", /for addresses 10\.1\.0\.0\/25 \(pool "p"\)/);
});

test("a pool that is not selected is not compared", () => {
  const pools = [pool("small", ["10.0.0.0/28"]), pool("large", ["10.1.0.0/16"])];
  const bgpAdvertisements = [object("ad", { ipAddressPools: ["large"], aggregationLength: 24 })];
  deepEqual(brief(compiled({ pools, bgpAdvertisements }).findings), []);
});

test("at most 20 misfits of one advertisement are listed", () => {
  const pools = Array.from({ length: 30 }, (_, index) => pool(`p${index}`, [`10.0.${index}.0/28`]));
  deepEqual(compiled({ pools, bgpAdvertisements: [object("ad", { aggregationLength: 24 })] }).findings.length, 20);
});
