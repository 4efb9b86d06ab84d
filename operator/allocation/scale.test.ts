import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { Pool } from "../../crds/config/snapshot.ts";
import type { Address } from "../../crds/net/address.ts";
import { compileSelectors } from "../../crds/selector.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { Allocator } from "./allocator.ts";
import { service, summary } from "./fake/services.ts";
import { FreeAddresses } from "./free-address.ts";
import { Holdings } from "./holdings.ts";
import { PoolLedger } from "./pool-ledger.ts";
import { requestOf } from "./request.ts";
import { mayServe } from "./scope.ts";
import type { Tenant } from "./sharing.ts";
import { Tenancy } from "./tenancy.ts";
import { type Room, Waiting } from "./waiting.ts";

const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const none: ReadonlySet<string> = new Set();
const v4 = (bits: number): Address => ({ family: "IPv4", bits: 0x0a000000n + BigInt(bits) });

describe("at 10,000 Services", () => {
  test("the next address of a /8 is found without a look at those in use", () => {
    const free = new FreeAddresses(pool("p", ["10.0.0.0/8"]), "IPv4");
    const used = new Set(times(10_000, (index) => v4(index).bits));
    let looks = 0;
    const isUsed = (bits: bigint): boolean => {
      looks += 1;
      return used.has(bits);
    };
    equal(free.first(isUsed), v4(10_000).bits);
    looks = 0;
    equal(free.first(isUsed), v4(10_000).bits);
    equal(looks, 1);
    used.delete(v4(5_000).bits);
    free.release(v4(5_000).bits);
    looks = 0;
    equal(free.first(isUsed), v4(5_000).bits);
    equal(looks, 1);
  });

  test("a change of one pool counts anew what is held of that pool, and of no other", () => {
    const ledger = new PoolLedger();
    const held = new Map<string, readonly Address[]>();
    let looks = 0;
    const heldBy = (name: string): readonly Address[] => {
      looks += 1;
      return held.get(name) ?? [];
    };
    const large = pool("large", ["10.0.0.0/16"]);
    const small = pool("small", ["10.1.0.0/30"]);
    ledger.usePools(snapshot(large, small), heldBy);
    for (const [name, address] of [
      ...times(10_000, (index) => [`l${index}`, v4(index)] as const),
      ...times(3, (index) => [`s${index}`, v4(0x10000 + index)] as const),
    ]) {
      held.set(name, [address]);
      ledger.track(name, [address]);
      ledger.count(address, 1n);
    }
    looks = 0;
    deepEqual([...ledger.usePools(snapshot(large, { ...small, autoAssign: false }), heldBy)], ["small"]);
    equal(looks, 3);
    deepEqual([ledger.counters("small")?.assignedIPv4, ledger.counters("large")?.assignedIPv4], [3n, 10_000n]);
    ledger.usePools(snapshot(large, pool("small", ["10.2.0.0/30"])), heldBy);
    deepEqual([ledger.counters("small")?.assignedIPv4, [...ledger.holdersIn("")].length], [0n, 3]);
  });

  test("a change of one pool concerns its holders and no others", () => {
    const allocator = new Allocator("");
    const pools = [pool("large", ["10.0.0.0/16"]), pool("small", ["10.1.0.0/30"])];
    allocator.usePools(snapshot(...pools), none);
    for (let index = 0; index < 500; index++) allocator.decide(service(`l${index}`));
    allocator.decide(service("s", { annotations: { "metallb.io/address-pool": "small" } }));
    deepEqual(allocator.concernedBy(new Set(["small"])), ["default/s"]);
    const moved = service("s", { annotations: { "metallb.io/address-pool": "large" }, published: ["10.1.0.0"] });
    allocator.decide(moved);
    deepEqual(allocator.concernedBy(new Set(["small"])), ["default/s"], "its status still shows it");
    allocator.commit("default/s", 0);
    deepEqual(allocator.concernedBy(new Set(["small"])), []);
    for (let index = 0; index < 499; index++) allocator.forget(`default/l${index}`, 0);
    deepEqual(allocator.concernedBy(new Set(["large"])), ["default/l499", "default/s"]);
  });

  test("an address that becomes free is offered to one of those who wait for its pool", () => {
    const waiting = new Waiting();
    const need = { isAutomatic: true, pools: [], addresses: [], combinations: [["IPv4"] as const], regards: undefined };
    const six = { ...need, combinations: [["IPv6"] as const] };
    const elsewhere = { ...need, isAutomatic: false, pools: ["q"] };
    for (const each of times(3_000, (index) => service(`six${index}`))) waiting.put(requestOf(each), six);
    for (const each of times(3_000, (index) => service(`q${index}`))) waiting.put(requestOf(each), elsewhere);
    for (const each of times(4_000, (index) => service(`w${index}`))) waiting.put(requestOf(each), need);
    let looks = 0;
    const room: Room = {
      pool: pool("p", ["10.0.0.0/24"]),
      free: { IPv4: 1, IPv6: 0 },
      serves: () => {
        looks += 1;
        return true;
      },
    };
    waiting.opened("p", v4(1));
    deepEqual(
      waiting.wake(() => room),
      ["default/w0"],
    );
    ok(looks <= 4, `${looks} looks`);
    looks = 0;
    const team = {
      ...room,
      pool: pool("t", ["10.0.1.0/24"], { scope: { priority: 1, namespaces: new Set(["team"]), serviceSelectors: [] } }),
    };
    waiting.opened("t", v4(256));
    deepEqual(
      waiting.wake(() => team),
      [],
    );
    equal(looks, 0, "nobody of that namespace waits");
  });

  test("an address that becomes free is offered to one of those who share, each under a key of its own", () => {
    const allocator = new Allocator("");
    allocator.usePools(snapshot(pool("p", ["10.0.0.0/32"])), none);
    const sharing = (name: string): Service => service(name, { annotations: { "metallb.io/allow-shared-ip": name } });
    for (let index = 0; index < 1_000; index++) allocator.decide(sharing(`s${index}`));
    allocator.takeChanges();
    allocator.forget("default/s0", 0);
    deepEqual(allocator.takeChanges().woken, ["default/s1"]);
    allocator.decide(sharing("s1"));
    deepEqual(allocator.takeChanges().woken, []);
  });

  test("those whom a pool's selectors leave out are looked at once, not at each address that becomes free", () => {
    const waiting = new Waiting();
    let looks = 0;
    const wait = (name: string, labels: Readonly<Record<string, string>>): void =>
      waiting.put(
        {
          ...requestOf(service(name)),
          get labels() {
            looks += 1;
            return labels;
          },
        },
        { isAutomatic: true, pools: [], addresses: [], combinations: [["IPv4"]], regards: undefined },
      );
    for (let index = 0; index < 5_000; index++) wait(`w${index}`, {});
    const serviceSelectors = compileSelectors([{ matchLabels: { tier: "gold" } }]).selectors;
    const gold = pool("gold", ["10.0.0.0/24"], { scope: { priority: 1, serviceSelectors } });
    const room: Room = { pool: gold, free: { IPv4: 1, IPv6: 0 }, serves: (request) => mayServe(gold, request) };
    const woken = (): readonly string[] => {
      waiting.opened("gold", v4(0));
      return waiting.wake(() => room);
    };
    deepEqual(woken(), []);
    looks = 0;
    deepEqual(woken(), []);
    equal(looks, 0);
    wait("late", { tier: "gold" });
    deepEqual(woken(), ["default/late"]);
    ok(looks <= 4, `${looks} looks`);
    waiting.remove("default/late");
    deepEqual(woken(), []);
    waiting.forgetPools();
    looks = 0;
    deepEqual(woken(), []);
    equal(looks, 5_000, "other pools are in force");
  });

  test("one more tenant of an address is judged without a look at the others", () => {
    const tenancy = new Tenancy();
    let looks = 0;
    for (let index = 0; index < 10_000; index++) {
      const tenant: Tenant = {
        service: `s${index}`,
        sharingKey: "k",
        backendKey: "",
        get ports() {
          looks += 1;
          return [`TCP/${index}`];
        },
      };
      tenancy.add(tenant);
    }
    looks = 0;
    const terms = { sharingKey: "k", backendKey: "" };
    equal(tenancy.clash("x", { ...terms, ports: ["TCP/10000"] }), undefined);
    equal(looks, 0);
    deepEqual(tenancy.clash("x", { ...terms, ports: ["TCP/77"] }), { kind: "port", port: "TCP/77", tenant: "s77" });
  });

  test("Services with one key and one port do not search all addresses of that key", () => {
    const holdings = new Holdings();
    const terms = { sharingKey: "k", backendKey: "", ports: ["TCP/80"] };
    for (let index = 0; index < 10_000; index++) {
      const former = { former: [], contested: [], isForeign: false, isWritten: true, pool: "p" };
      holdings.put({ ...terms, ...former, service: `s${index}`, addresses: [v4(index)] });
    }
    equal([...holdings.sharedBy("x", terms, "IPv4")].length, 0);
    equal([...holdings.sharedBy("x", { ...terms, ports: ["TCP/80", "TCP/81"] }, "IPv4")].length, 0);
    equal([...holdings.sharedBy("x", { ...terms, ports: [] }, "IPv4")].length, 10_000);
    equal([...holdings.sharedBy("x", { ...terms, ports: ["TCP/81"] }, "IPv4")].length, 10_000);
    equal([...holdings.sharedBy("s7", terms, "IPv4")].length, 10_000, "its own address is to be found");
  });

  test("the entries of a pool are counted when it comes in force, not at each address", () => {
    let walks = 0;
    const { entries, ...rest } = pool(
      "p",
      times(500, (index) => `10.0.${index >> 8}.${index & 255}/32`),
    );
    const watched: Pool = {
      ...rest,
      get entries() {
        walks += 1;
        return entries;
      },
    };
    const allocator = new Allocator("");
    allocator.usePools(snapshot(watched), none);
    allocator.decide(service("first"));
    allocator.counters("p");
    walks = 0;
    for (const name of ["a", "b"]) {
      allocator.decide(service(name));
      allocator.commit(`default/${name}`, 0);
      allocator.takeChanges();
      allocator.counters("p");
    }
    allocator.forget("default/a", 0);
    allocator.takeChanges();
    equal(walks, 0);
    deepEqual([allocator.counters("p")?.assignedIPv4, allocator.counters("p")?.availableIPv4], [2n, 498n]);
  });

  test("a Service that finds an address looks at no pool after the one that has it", () => {
    let looks = 0;
    const pools = times(500, (index): Pool => {
      const { draining: _, ...rest } = pool(`p${1_000 + index}`, [`10.${index >> 8}.${index & 255}.0/24`]);
      return {
        ...rest,
        get draining() {
          looks += 1;
          return false;
        },
      };
    });
    const allocator = new Allocator("");
    allocator.usePools(snapshot(...pools), none);
    looks = 0;
    equal(summary(allocator.decide(service("a"))), "assign 10.0.0.0 from p1000");
    equal(looks, 1);
  });

  test("a change of one pool concerns none of those who wait for another that they name", () => {
    const allocator = new Allocator("");
    allocator.usePools(snapshot(pool("full", ["10.0.0.0/32"]), pool("other", ["10.1.0.0/32"])), none);
    const named = (name: string): Service => service(name, { annotations: { "metallb.io/address-pool": "full" } });
    for (let index = 0; index < 1_000; index++) allocator.decide(named(`w${index}`));
    deepEqual(allocator.concernedBy(new Set(["other"])), []);
    equal(allocator.concernedBy(new Set(["full"])).length, 1_000);
  });

  test("a Service is not compared with the pools of other namespaces", () => {
    let looks = 0;
    const foreign = times(1_000, (index): Pool => {
      const scope = { priority: 1, namespaces: new Set([`n${index}`]), serviceSelectors: [] };
      const entries = pool("", [`fd00:${(index + 1).toString(16)}::/120`]);
      return {
        ...entries,
        name: `p${index}`,
        get draining() {
          looks += 1;
          return false;
        },
        scope,
      };
    });
    const allocator = new Allocator("");
    allocator.usePools(snapshot(...foreign, pool("general", ["10.0.0.0/24"])), none);
    looks = 0;
    equal(summary(allocator.decide(service("a"))), "assign 10.0.0.0 from general");
    equal(looks, 0);
    equal(
      summary(allocator.decide(service("a", { namespace: "n7", spec: { clusterIPs: ["fd00:96::1"] } }))),
      "assign fd00:8:: from p7",
    );
    ok(looks <= 2, `${looks} looks`);
  });
});
