import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { rangesOf } from "../net/address-set.ts";
import { formatRange, rangesOverlap } from "../net/range.ts";
import { type Adopted, adopt } from "./adopt.ts";
import { compareFindings } from "./problem.ts";
import { emptyResources } from "./resources.ts";

function pool(name: string, addresses: readonly string[], generation = 1, createdAt = "2026-01-01T00:00:00Z"): object {
  return { metadata: { name, generation, creationTimestamp: createdAt }, spec: { addresses } };
}

/** Adopts one list of pools after the other. */
function history(...steps: readonly (readonly object[])[]): Adopted {
  return (
    steps.reduce<Adopted | undefined>((previous, pools) => adopt(previous, { ...emptyResources, pools }), undefined) ??
    adopt(undefined, emptyResources)
  );
}

function meaning({ snapshot }: Adopted): Readonly<Record<string, string>> {
  return Object.fromEntries(snapshot.pools.map(({ name, addresses }) => [name, rangesOf(addresses).map(formatRange).join(" ")]));
}

function blamed({ findings }: Adopted): readonly string[] {
  return findings.filter(({ severity }) => severity === "error").map(({ object, code }) => `${object.name} ${code}`);
}

test("at the start, an object with an error has no meaning", () => {
  const adopted = history([pool("a", ["typo"]), pool("b", ["10.0.1.0/30"])]);
  deepEqual(meaning(adopted), { b: "10.0.1.0-10.0.1.3" });
  deepEqual(blamed(adopted), ["a AddressInvalid"]);
});

test("an object with an error keeps its last good meaning, and the error is told each time", () => {
  const good = pool("a", ["10.0.0.0/30"]);
  const bad = pool("a", ["typo"], 2);
  const adopted = history([good], [bad], [bad]);
  deepEqual(meaning(adopted), { a: "10.0.0.0-10.0.0.3" });
  equal(adopted.snapshot.pools[0]?.generation, 1);
  deepEqual(blamed(adopted), ["a AddressInvalid"]);
});

test("a mended object has its new meaning", () => {
  const adopted = history([pool("a", ["10.0.0.0/30"])], [pool("a", ["typo"], 2)], [pool("a", ["10.0.5.0/30"], 3)]);
  deepEqual(meaning(adopted), { a: "10.0.5.0-10.0.5.3" });
  deepEqual(blamed(adopted), []);
});

test("a deleted object has no meaning any more", () => {
  deepEqual(meaning(history([pool("a", ["10.0.0.0/30"])], [pool("a", ["typo"], 2)], [])), {});
});

test("one that is deleted and made again with an error has none either", () => {
  deepEqual(meaning(history([pool("a", ["10.0.0.0/30"])], [], [pool("a", ["typo"])])), {});
});

test("a new pool cannot take addresses from the last good meaning of another", () => {
  const adopted = history(
    [pool("a", ["10.0.0.0/30"])],
    [pool("a", ["typo"], 2), pool("b", ["10.0.0.0/24"], 1, "2025-01-01T00:00:00Z")],
  );
  deepEqual(meaning(adopted), { a: "10.0.0.0-10.0.0.3" });
  deepEqual(blamed(adopted), ["a AddressInvalid", "b PoolOverlap"]);
});

test("a pool that grows into the last good meaning of another keeps its own last good meaning", () => {
  const adopted = history(
    [pool("a", ["10.0.0.0/30"]), pool("b", ["10.0.1.0/30"])],
    [pool("a", ["typo"], 2), pool("b", ["10.0.0.0/23"], 2)],
  );
  deepEqual(meaning(adopted), { a: "10.0.0.0-10.0.0.3", b: "10.0.1.0-10.0.1.3" });
  deepEqual(blamed(adopted), ["a AddressInvalid", "b PoolOverlap"]);
});

test("when the mistake is mended, what was set aside because of it comes into force", () => {
  const b = pool("b", ["10.0.0.0/30"]);
  const adopted = history([pool("a", ["10.0.0.0/30"])], [pool("a", ["typo"], 2), b], [pool("a", ["10.0.9.0/30"], 3), b]);
  deepEqual(meaning(adopted), { a: "10.0.9.0-10.0.9.3", b: "10.0.0.0-10.0.0.3" });
  deepEqual(blamed(adopted), []);
});

test("an edit that makes two pools overlap leaves both as they were", () => {
  const adopted = history(
    [pool("a", ["10.0.0.0/30"]), pool("b", ["10.0.1.0/30"])],
    [pool("a", ["10.0.0.0/30"]), pool("b", ["10.0.0.0/23"], 2, "2020-01-01T00:00:00Z")],
  );
  deepEqual(meaning(adopted), { a: "10.0.0.0-10.0.0.3", b: "10.0.1.0-10.0.1.3" });
  ok(blamed(adopted).includes("a PoolOverlap") || blamed(adopted).includes("b PoolOverlap"));
});

test("an edit that makes two pools overlap is blamed on the one that was edited, though it be the elder", () => {
  const untouched = pool("a", ["10.0.0.0/30"]);
  const elder = (addresses: readonly string[], generation: number) => pool("b", addresses, generation, "2020-01-01T00:00:00Z");
  deepEqual(blamed(history([untouched, elder(["10.0.1.0/30"], 1)], [untouched, elder(["10.0.0.0/23"], 2)])), ["b PoolOverlap"]);
});

test("an advertisement with an error keeps its last good meaning too", () => {
  const pools = [pool("a", ["10.0.0.0/30"])];
  const ad = (spec: object) => ({ metadata: { name: "x" }, spec });
  const first = adopt(undefined, { ...emptyResources, pools, l2Advertisements: [ad({ interfaces: ["eth0"] })] });
  const second = adopt(first, { ...emptyResources, pools, l2Advertisements: [ad({ nodeSelectors: [{}, {}] })] });
  deepEqual(
    second.snapshot.pools[0]?.l2.map(({ interfaces }) => interfaces),
    [["eth0"]],
  );
  deepEqual(blamed(second), ["x SelectorDuplicate"]);
});

test("what the last good meaning of an object depends on is always of the present", () => {
  const labelled = (labels: object) => [{ metadata: { name: "n1", labels } }];
  const ad = (spec: object) => ({ metadata: { name: "x" }, spec });
  const pools = [pool("a", ["10.0.0.0/30"])];
  const chosen = { nodeSelectors: [{ matchLabels: { on: "yes" } }] };
  const first = adopt(undefined, { ...emptyResources, pools, nodes: labelled({ on: "yes" }), l2Advertisements: [ad(chosen)] });
  const second = adopt(first, { ...emptyResources, pools, nodes: labelled({}), l2Advertisements: [ad({ interfaces: 3 })] });
  deepEqual(
    second.snapshot.pools[0]?.l2.map(({ nodes }) => [...nodes]),
    [[]],
  );
});

test("what is said is about the present object, and nothing about the last good one in its place", () => {
  const adopted = history([pool("a", ["10.0.0.0/30"])], [pool("a", ["typo"], 2)]);
  deepEqual(
    history([pool("a", ["10.0.0.0/30"])]).findings.map(({ severity, field }) => `${severity} ${field}`),
    ["warning spec.addresses[0]"],
  );
  deepEqual(
    adopted.findings.map(({ severity, field }) => `${severity} ${field}`),
    ["error spec.addresses[0]"],
  );
});

test("findings come in one order, whatever is kept", () => {
  const before = ["a", "b", "c"].map((name, index) => pool(name, [`10.0.${index}.0/30`]));
  const after = [pool("c", ["typo"], 2), pool("b", ["10.0.0.0/16"], 2), pool("a", ["typo"], 2), pool("d", ["typo"])];
  const { findings } = history(before, after);
  ok(findings.length > 4);
  deepEqual(findings, findings.toSorted(compareFindings));
});

test("objects without a generation are not taken for the same because they have one uid", () => {
  const bare = (addresses: readonly string[]) => ({ metadata: { name: "a", uid: "u" }, spec: { addresses } });
  const adopted = history([bare(["10.0.0.0/30"])], [bare(["typo"])]);
  deepEqual(meaning(adopted), { a: "10.0.0.0-10.0.0.3" });
  deepEqual(blamed(adopted), ["a AddressInvalid"]);
});

/** Steps of a life: each a list of pools, right or wrong, one for each name. */
const steps = fc.array(
  fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("a", "b", "c", "d"),
      generation: fc.integer({ min: 1, max: 3 }),
      createdAt: fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
      accepted: fc.boolean(),
      addresses: fc.array(fc.constantFrom("typo", "10.0.0.0/30", "10.0.0.2-10.0.0.5", "10.0.0.4/30", "10.0.0.0/29"), {
        maxLength: 2,
      }),
    }),
    { selector: ({ name }) => name },
  ),
  { minLength: 1, maxLength: 5 },
);

test("whatever happens to the others, a pool that is in force stays so while it exists, and no two share an address", () => {
  fc.assert(
    fc.property(steps, (life) => {
      let adopted: Adopted | undefined;
      for (const step of life) {
        const pools = step.map(({ name, addresses, generation, createdAt, accepted }) => ({
          ...pool(name, addresses, generation, createdAt),
          status: { conditions: [{ type: "Accepted", status: accepted ? "True" : "False", observedGeneration: generation }] },
        }));
        const before = [...(adopted?.snapshot.poolByName.keys() ?? [])];
        adopted = adopt(adopted, { ...emptyResources, pools });
        for (const name of before)
          equal(
            adopted.snapshot.poolByName.has(name),
            step.some((each) => each.name === name),
            name,
          );
        const inForce = adopted.snapshot.pools.flatMap(({ addresses }) => rangesOf(addresses));
        for (const [index, range] of inForce.entries())
          ok(!inForce.slice(index + 1).some((other) => rangesOverlap(range, other)));
        for (const { name } of step)
          ok(adopted.snapshot.poolByName.has(name) || blamed(adopted).some((text) => text.startsWith(name)), name);
      }
    }),
    { numRuns: 500 },
  );
});

test("an object whose present version is not in force is always blamed", () => {
  fc.assert(
    fc.property(steps, (life) => {
      const adopted = history(
        ...life.map((step) => step.map(({ name, addresses, generation }) => pool(name, addresses, generation))),
      );
      const present = life.at(-1) ?? [];
      for (const { name, addresses } of present) {
        const inForce = adopted.snapshot.poolByName.get(name)?.entries.map(({ text }) => text);
        const isPresent = inForce !== undefined && inForce.join() === addresses.join();
        ok(isPresent || blamed(adopted).some((text) => text.startsWith(name)), name);
      }
    }),
    { numRuns: 500 },
  );
});
