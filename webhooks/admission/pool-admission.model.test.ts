import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { intersect } from "../../crds/net/address-set.ts";
import { type Claim, isSettled } from "./claim.ts";
import { isEmptySet, poolAddresses } from "./pool-addresses.ts";
import { decidePool } from "./pool-admission.ts";
import type { AdmissionRequest } from "./request.ts";

/*
 * Every interleaving of writes that several replicas answer: each write reads the claims, lists the pools, decides and stores
 * its claim if nobody wrote in between, and is then stored by the API server, or given up by it, at any later time. Time
 * stands still, as no write outlives its claim.
 */
const namespace = "metallb-system";

type Pool = {
  readonly metadata: { readonly name: string; readonly uid: string; readonly generation: number };
  readonly spec: { readonly addresses: readonly string[] };
};
type Step = "begin" | "read" | "list" | "decide" | "store" | "take-back" | "end";

type Write = {
  readonly name: string;
  readonly addresses: readonly string[] | "delete";
  readonly step: Step;
  readonly onto?: Pool | undefined;
  readonly object?: Pool;
  readonly claims?: readonly Claim[];
  readonly version?: number;
  readonly pools?: readonly Pool[];
  readonly outcome?: "stored" | "given up" | "denied" | "conflict";
};

type World = {
  readonly pools: readonly Pool[];
  readonly claims: readonly Claim[];
  readonly version: number;
  readonly writes: readonly Write[];
};

/** Every state that the next step of write `index` may lead to. */
function successors(world: World, index: number): readonly World[] {
  const write = world.writes[index];
  if (write === undefined || write.step === "end") return [];
  const put = (changes: Partial<Write>, rest: Partial<World> = {}): World => ({
    ...world,
    ...rest,
    writes: world.writes.with(index, { ...write, ...changes }),
  });
  switch (write.step) {
    case "begin":
      return [begin(world, write, put)];
    case "read":
      return [put({ step: "list", claims: world.claims, version: world.version })];
    case "list":
      return [put({ step: "decide", pools: world.pools })];
    case "decide":
      return [decided(world, index, write, put)];
    case "store":
      return [put({ step: "end", outcome: "given up" }), stored(world, write, put)];
    case "take-back":
      return [put({ step: "end" }), put({ step: "end" }, { claims: settledAway(world, index), version: world.version + 1 })];
  }
}

type Put = (changes: Partial<Write>, rest?: Partial<World>) => World;

function begin(world: World, write: Write, put: Put): World {
  const onto = world.pools.find((pool) => pool.metadata.name === write.name);
  if (write.addresses === "delete")
    return put({ step: "end", outcome: "stored" }, { pools: world.pools.filter((pool) => pool !== onto) });
  const uid = onto?.metadata.uid ?? `uid-${write.name}-${world.writes.indexOf(write)}`;
  const metadata = { name: write.name, uid, generation: (onto?.metadata.generation ?? 0) + 1 };
  return put({ step: "read", onto, object: { metadata, spec: { addresses: write.addresses } } });
}

function decided(world: World, index: number, write: Write, put: Put): World {
  const request: AdmissionRequest = {
    uid: `ask-${index}`,
    kind: "IPAddressPool",
    operation: write.onto === undefined ? "CREATE" : "UPDATE",
    namespace,
    name: write.name,
    object: write.object,
    oldObject: write.onto,
    dryRun: false,
  };
  const { verdict, record } = decidePool(
    request,
    { namespace, backend: "herald" },
    { claims: write.claims ?? [], pools: write.pools ?? [] },
    0,
  );
  if (!verdict.allowed) return put({ step: "end", outcome: "denied" });
  if (record === undefined) return put({ step: "store" });
  if (write.version !== world.version) return put({ step: "read" });
  return put({ step: "store" }, { claims: record, version: world.version + 1 });
}

/** As the API server does: onto the object that the request was made from, and nothing else. */
function stored(world: World, write: Write, put: Put): World {
  const present = world.pools.find((pool) => pool.metadata.name === write.name);
  if (present !== write.onto || write.object === undefined) return put({ step: "end", outcome: "conflict" });
  const others = world.pools.filter((pool) => pool !== present);
  return put({ step: "take-back", outcome: "stored" }, { pools: [...others, write.object] });
}

function settledAway(world: World, index: number): readonly Claim[] {
  return world.claims.filter((claim) => claim.id !== `ask-${index}` || !isSettled(claim, world.pools));
}

/** All final states that some interleaving leads to; `explored` collects every state on the way. */
function* ends(world: World, explored = new Set<string>(), next = successors): Generator<World> {
  const key = JSON.stringify(world);
  if (explored.has(key)) return;
  explored.add(key);
  const worlds = world.writes.flatMap((_, index) => next(world, index));
  if (worlds.length === 0) yield world;
  for (const each of worlds) yield* ends(each, explored, next);
}

function start(pools: readonly Pool[], writes: readonly (readonly [string, readonly string[] | "delete"])[]): World {
  return {
    pools,
    claims: [],
    version: 1,
    writes: writes.map(([name, addresses]) => ({ name, addresses, step: "begin" as const })),
  };
}

function pool(name: string, addresses: readonly string[]): Pool {
  return { metadata: { name, uid: `uid-${name}`, generation: 1 }, spec: { addresses } };
}

function overlap(pools: readonly Pool[]): boolean {
  return pools.some((a, at) => pools.slice(at + 1).some((b) => !isEmptySet(intersect(poolAddresses(a), poolAddresses(b)))));
}

const never: readonly (readonly [string, World])[] = [
  [
    "two creates",
    start(
      [],
      [
        ["a", ["10.0.0.0/24"]],
        ["b", ["10.0.0.128/25"]],
      ],
    ),
  ],
  [
    "two growing updates",
    start(
      [pool("a", ["10.1.0.0/24"]), pool("b", ["10.2.0.0/24"])],
      [
        ["a", ["10.0.0.0/24"]],
        ["b", ["10.0.0.0/25"]],
      ],
    ),
  ],
  [
    "a create and a growing update",
    start(
      [pool("a", ["10.1.0.0/24"])],
      [
        ["a", ["10.1.0.0/24", "10.0.0.0/24"]],
        ["b", ["10.0.0.9-10.0.0.9"]],
      ],
    ),
  ],
  [
    "a create where another pool shrinks and is written again",
    start(
      [pool("a", ["10.0.0.0/24"])],
      [
        ["a", ["10.1.0.0/24"]],
        ["b", ["10.0.0.0/24"]],
      ],
    ),
  ],
  [
    "two creates of one name with different ranges",
    start(
      [pool("z", ["10.9.0.0/24"])],
      [
        ["a", ["10.0.0.0/24"]],
        ["a", ["10.1.0.0/24"]],
      ],
    ),
  ],
  [
    "three creates",
    start(
      [],
      [
        ["a", ["10.0.0.0/24"]],
        ["b", ["10.0.0.128/25", "10.0.1.0/24"]],
        ["c", ["10.0.1.9-10.0.1.9"]],
      ],
    ),
  ],
  [
    "a growing update, the deletion of its pool and a create",
    start(
      [pool("a", ["10.1.0.0/24"])],
      [
        ["a", ["10.0.0.0/24"]],
        ["a", "delete"],
        ["b", ["10.0.0.0/23"]],
      ],
    ),
  ],
  [
    "a create where another pool is deleted",
    start(
      [pool("a", ["10.0.0.0/24"])],
      [
        ["a", "delete"],
        ["b", ["10.0.0.0/24"]],
      ],
    ),
  ],
];
for (const [name, world] of never)
  test(`${name}: no interleaving stores two overlapping pools`, () => {
    const explored = new Set<string>();
    for (const end of ends(world, explored)) equal(overlap(end.pools), false, JSON.stringify(end));
    equal(explored.size > 10, true, `${explored.size} states`);
  });

test("of two overlapping creates one is always admitted", () => {
  for (const end of ends(
    start(
      [],
      [
        ["a", ["10.0.0.0/24"]],
        ["b", ["10.0.0.0/24"]],
      ],
    ),
  ))
    equal(
      end.writes.some(({ outcome }) => outcome === "stored" || outcome === "given up"),
      true,
      JSON.stringify(end),
    );
});

test("two creates that do not overlap are both admitted in every interleaving", () => {
  for (const end of ends(
    start(
      [],
      [
        ["a", ["10.0.0.0/24"]],
        ["b", ["10.0.1.0/24"]],
      ],
    ),
  ))
    deepEqual(
      end.writes.filter(({ outcome }) => outcome === "denied"),
      [],
    );
});

test("without claims the model finds two overlapping pools", () => {
  const blind = (world: World, index: number) => successors(world, index).map((next) => ({ ...next, claims: [], version: 1 }));
  const twins = start(
    [],
    [
      ["a", ["10.0.0.0/24"]],
      ["b", ["10.0.0.0/24"]],
    ],
  );
  equal(
    [...ends(twins, new Set(), blind)].some(({ pools }) => overlap(pools)),
    true,
  );
});
