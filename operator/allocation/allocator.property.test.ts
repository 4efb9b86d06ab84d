import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { snapshot } from "../../crds/config/fixture/pools.ts";
import { formatAddress } from "../../crds/net/address.ts";
import { contains } from "../../crds/net/address-set.ts";
import { publishedTexts } from "./decide.ts";
import { configurations, history, key, type Step } from "./fake/history.ts";
import { service, summary } from "./fake/services.ts";
import { isInLimbo, isValid } from "./fake/validity.ts";
import { World } from "./fake/world.ts";
import { requestOf } from "./request.ts";
import { clashOf } from "./sharing.ts";

const numRuns = Number(process.env["HERALD_HISTORIES"] ?? "300");

const readable = configurations[0] ?? { pools: snapshot(), unreadable: new Set<string>() };

function play(steps: readonly Step[], check: (world: World) => void = () => {}): World {
  const world = new World(readable);
  for (const each of steps) {
    each.run(world);
    check(world);
  }
  return world;
}

const law = (name: string, check: (steps: readonly Step[]) => void): void =>
  void test(name, () =>
    fc.assert(
      fc.property(history, (steps) => check(steps)),
      { numRuns },
    ),
  );

law("no history publishes an address twice outside the rules of sharing", (steps) => {
  const world = play(steps);
  world.arrive();
  world.configure(readable); // of what nobody can judge nothing is taken
  world.settle();
  equal(world.conflict(), undefined);
});

law("an address that is given is shown by nobody else, unless both may share it", (steps) => {
  const world = play([]);
  for (const each of steps) {
    const shown = new Map([...world.services].map(([name, of]) => [name, publishedTexts(of)]));
    const seenBefore = new Map(world.seen);
    each.run(world);
    if (each.text.startsWith("late") || each.text.startsWith("restore")) continue;
    for (const [name, of] of world.services) {
      const fresh = publishedTexts(of).filter((text) => !shown.get(name)?.includes(text));
      for (const [other, then] of seenBefore) {
        const their = world.services.get(other);
        if (other === name || their === undefined || !publishedTexts(their).some((text) => fresh.includes(text))) continue;
        const terms = [then, world.seen.get(other) ?? then].map(requestOf);
        const mayShare = terms.some((theirs) => clashOf(name, requestOf(of), [theirs]) === undefined);
        ok(mayShare, `${each.text}: ${name} took what ${other} shows`);
      }
    }
  }
});

law("what is valid stays, and so does what nobody can judge", (steps) => {
  const world = play([]);
  for (const each of [...steps, ...["a", "b", "c", "d", "e", "f"].map(decided)]) {
    const kept = [...world.services].filter(([, of]) => isValid(world, of) || isInLimbo(world, of));
    each.run(world);
    if (!each.text.startsWith("decide")) continue;
    for (const [name, of] of kept) {
      const now = world.services.get(name);
      const texts = now === undefined ? [] : publishedTexts(now);
      ok(
        publishedTexts(of).every((text) => texts.includes(text)),
        `${each.text}: ${name} had ${publishedTexts(of)} and has ${texts}`,
      );
    }
  }
});

function decided(name: string): Step {
  return { text: `decide default/${name} true`, run: (world) => void world.decide(`default/${name}`, true) };
}

law("counters equal a recount after every step", (steps) => {
  play(steps, (world) => {
    const inUse = world.inUse();
    for (const each of world.pools.pools) {
      const counters = world.allocator.counters(each.name);
      const mine = inUse.filter((address) => contains(each.addresses, address));
      equal(counters?.assignedIPv4, BigInt(mine.filter(({ family }) => family === "IPv4").length));
      equal(counters?.assignedIPv6, BigInt(mine.filter(({ family }) => family === "IPv6").length));
    }
  });
});

law("what is known of pools is what a new process would find", (steps) => {
  const world = play(steps);
  world.settle();
  const facts = () => world.pools.pools.map(({ name }) => [world.allocator.counters(name), kept(world, name)]);
  const before = facts();
  world.restart();
  deepEqual(facts(), before);
});

function kept(world: World, pool: string): readonly string[] {
  return (world.allocator.reservations(pool) ?? [])
    .map((each) => `${formatAddress(each.address)} ${each.service} ${each.until}`)
    .sort();
}

test("a decision is repeated, not changed, when nothing changed", () => {
  fc.assert(
    fc.property(history, key, (steps, name) => {
      const world = play(steps);
      const first = world.decide(name, false);
      const again = world.decide(name, false);
      equal(first && summary(first), again && summary(again));
    }),
    { numRuns },
  );
});

test("after a restart every settled Service keeps what it had, whatever the order of adoption", () => {
  fc.assert(
    fc.property(history, fc.func(fc.nat()), (steps, rank) => {
      const world = play(steps);
      world.settle();
      const before = new Map(world.services);
      world.restart((services) => [...services].sort((a, b) => rank(a.metadata.name) - rank(b.metadata.name)));
      for (const name of before.keys()) world.decide(name, true);
      for (const [name, of] of before) if (of.status?.loadBalancer?.ingress?.length) deepEqual(world.services.get(name), of);
    }),
    { numRuns },
  );
});

law("an address that is kept for a deleted Service goes to nobody else until its time is over", (steps) => {
  const world = play([]);
  for (const each of steps) {
    const reserved = world.pools.pools.flatMap(({ name }) => world.allocator.reservations(name) ?? []);
    const held = new Set(world.inUse().map(formatAddress));
    const shown = new Map([...world.services].map(([name, of]) => [name, publishedTexts(of)]));
    each.run(world);
    if (!each.text.startsWith("decide")) continue;
    for (const [name, of] of world.services) {
      const fresh = publishedTexts(of).filter((text) => !shown.get(name)?.includes(text));
      const stolen = reserved.filter(
        ({ address }) => fresh.includes(formatAddress(address)) && !held.has(formatAddress(address)),
      );
      const rightful = stolen.filter(({ service }) => service === name).map(({ address }) => formatAddress(address));
      deepEqual(
        stolen.map(({ address }) => formatAddress(address)).filter((text) => !rightful.includes(text)),
        [],
        each.text,
      );
    }
  }
});

law("nobody who waits is overlooked: who is not woken would get nothing", (steps) => {
  const world = play([]);
  const wake = (): void => {
    for (let round = 0; round < 50; round++) {
      const { woken } = world.allocator.takeChanges();
      if (woken.length === 0) return;
      for (const name of woken) world.decide(name, true);
    }
    throw new Error("it does not come to rest");
  };
  for (const each of steps) {
    each.run(world);
    if (each.text.startsWith("rest")) world.settle();
    if (each.text.startsWith("configure"))
      for (const name of world.allocator.concernedBy(new Set(["p", "q"]))) world.decide(name, true);
    wake();
  }
  const before = new Map(
    [...world.services].filter(([name]) => world.settled.has(name)).map(([name, of]) => [name, publishedTexts(of).length]),
  );
  for (const [name, count] of before) {
    world.decide(name, true);
    ok(publishedTexts(world.services.get(name) ?? service("none")).length <= count, `${name} would have got more`);
  }
});

test("an automatic address is the first free one of its pool", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const world = play(steps);
      const reserved = world.pools.pools.flatMap(({ name }) => world.allocator.reservations(name) ?? []);
      const used = new Set(
        [...world.inUse(), ...reserved.map(({ address }) => address)].map(({ family, bits }) => `${family} ${bits}`),
      );
      world.put(service("new"));
      const verdict = world.decide("default/new", false);
      if (verdict?.outcome !== "assign") return;
      const [given] = verdict.addresses;
      const chosen = world.pools.poolByName.get(verdict.pool);
      ok(given !== undefined && chosen !== undefined);
      const order = chosen.entries
        .filter(({ range }) => range.family === "IPv4")
        .flatMap(({ range }) => walk(range.first, range.last));
      const free = order.filter((bits) => !used.has(`IPv4 ${bits}`) && !(chosen.avoidBuggyIPs && bits % 256n === 0n));
      equal(given.bits, free[0]);
    }),
    { numRuns },
  );
});

function walk(first: bigint, last: bigint): bigint[] {
  return Array.from({ length: Number(last - first) + 1 }, (_, index) => first + BigInt(index));
}
