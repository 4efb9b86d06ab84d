import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { brief, compiled, object, pool } from "../fixture/objects.ts";

const community = (name: string, aliases: readonly object[], createdAt?: string) =>
  object(name, { communities: aliases }, createdAt === undefined ? {} : { createdAt });
const alias = (name: string, value: string) => ({ name, value });

/** What an advertisement with these communities has, and what is found. */
function resolved(texts: readonly string[], ...communities: readonly object[]) {
  const bgpAdvertisements = [object("ad", { communities: texts })];
  const { snapshot, findings } = compiled({ pools: [pool("p", ["10.0.0.0/24"])], bgpAdvertisements, communities });
  return { values: snapshot.pools[0]?.bgp[0]?.communities, findings };
}

test("an alias stands for its value, in any Community object", () => {
  const { values, findings } = resolved(
    ["slow", "big"],
    community("a", [alias("slow", "65000:100")]),
    community("b", [alias("big", "large:1:2:3")]),
  );
  deepEqual(values, [
    { type: "large", globalAdministrator: 1, localData1: 2, localData2: 3 },
    { type: "standard", value: 65000 * 65536 + 100 },
  ]);
  deepEqual(findings, []);
});

const broken = [
  { value: "65536:1", fragment: /invalid community value: invalid section/ },
  { value: "1:x", fragment: /invalid community value: invalid section/ },
  { value: "huge:1:2:3", fragment: /expected community to be of format large/ },
  { value: "large:1:2:4294967296", fragment: /invalid community value: invalid section/ },
  { value: "no-export", fragment: /invalid community format/ },
  { value: "1:2:3", fragment: /invalid community format/ },
  { value: "", fragment: /invalid community format/ },
];
for (const { value, fragment } of broken)
  test(`an alias for ${JSON.stringify(value)} sets its object aside`, () => {
    const { findings } = compiled({ communities: [community("c", [alias("x", "1:2"), alias("y", value)])] });
    deepEqual(brief(findings), ["error CommunityInvalid c spec.communities[1].value"]);
    match(findings[0]?.message ?? "", fragment);
  });

test("a name that reads as another community stands for its value, with a warning", () => {
  const { values, findings } = resolved(["65000:1"], community("c", [alias("65000:1", "65000:2")]));
  deepEqual(values, [{ type: "standard", value: 65000 * 65536 + 2 }]);
  deepEqual(brief(findings), ["warning CommunityMisleading c spec.communities[0].name"]);
  match(findings[0]?.message ?? "", /"65000:1" reads as a community, and stands for 65000:2 wherever it is written/);
});

for (const [name, value] of [
  ["65000:1", "65000:1"],
  ["large:1:2:3", "large:1:2:3"],
  ["1:2:3", "65000:1"],
  ["slow", "65000:1"],
] as const)
  test(`of the name ${name} for ${value} nothing is said`, () => {
    deepEqual(compiled({ communities: [community("c", [alias(name, value)])] }).findings, []);
  });

test("an object set aside defines nothing", () => {
  const { findings } = resolved(["x"], community("c", [alias("x", "1:2"), alias("y", "bad")]));
  deepEqual(brief(findings), [
    "pending CommunityUnknown ad spec.communities[0]",
    "error CommunityInvalid c spec.communities[1].value",
  ]);
});

for (const [early, late] of [
  ["a", "b"],
  ["b", "a"],
] as const)
  test(`a name defined in two objects: the later object is set aside, not the one that is called "${early}"`, () => {
    const { values, findings } = resolved(
      ["x", "y"],
      community(late, [alias("y", "2:2"), alias("x", "9:9")], "2026-02-01T00:00:00Z"),
      community(early, [alias("x", "1:1")], "2026-01-01T00:00:00Z"),
    );
    deepEqual(values, [{ type: "standard", value: 65537 }]);
    deepEqual(brief(findings), [
      "pending CommunityUnknown ad spec.communities[1]",
      `error CommunityDuplicate ${late} spec.communities[1].name`,
    ]);
    match(findings[1]?.message ?? "", new RegExp(`duplicate definition of community "x": Community "${early}"`));
  });

test("a name defined twice in one object sets it aside", () => {
  const { findings } = compiled({ communities: [community("c", [alias("x", "1:1"), alias("x", "1:1")])] });
  deepEqual(brief(findings), ["error CommunityDuplicate c spec.communities[1].name"]);
  match(findings[0]?.message ?? "", /duplicate definition of community/);
});

test("an object set aside for one name costs no third object its place", () => {
  const { values, findings } = resolved(
    ["b"],
    community("1", [alias("a", "1:1")], "2026-01-01T00:00:00Z"),
    community("2", [alias("a", "1:2"), alias("b", "1:3")], "2026-01-02T00:00:00Z"),
    community("3", [alias("b", "1:4")], "2026-01-03T00:00:00Z"),
  );
  deepEqual(values, [{ type: "standard", value: 65540 }]);
  deepEqual(brief(findings), ["error CommunityDuplicate 2 spec.communities[0].name"]);
});

test("the empty name is a name like any other", () => {
  deepEqual(resolved([""], community("c", [{ value: "1:1" }])).values, [{ type: "standard", value: 65537 }]);
  const twice = compiled({ communities: [community("a", [{ value: "1:1" }]), community("b", [{ name: "", value: "1:2" }])] });
  deepEqual(brief(twice.findings), ["error CommunityDuplicate b spec.communities[0].name"]);
});

test("an object without a name defines nothing", () => {
  const nameless = { spec: { communities: [{ name: "x", value: "1:1" }] } };
  deepEqual(brief(resolved(["x"], nameless).findings), [
    "pending CommunityUnknown ad spec.communities[0]",
    "error SchemaViolation  metadata.name",
  ]);
});

test("an alias hides the value that is written like it", () => {
  deepEqual(resolved(["1:1"], community("c", [alias("1:1", "2:2")])).values, [{ type: "standard", value: 2 * 65537 }]);
});
