import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { Pool } from "../../crds/config/snapshot.ts";
import { compileSelectors } from "../../crds/selector.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { Allocator } from "./allocator.ts";
import { dualStack, service, summary } from "./fake/services.ts";

const names = (count: number, prefix: string): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const of = (name: string): string => `default/${name}`;

/** An allocator whose pools are full of `held`, and in which `waiting` wait. */
function full(pools: readonly Pool[], held: readonly Service[], waiting: readonly Service[]): Allocator {
  const allocator = new Allocator("");
  allocator.usePools(snapshot(...pools), new Set());
  for (const each of held) equal(allocator.decide(each).outcome, "assign");
  for (const each of waiting) equal(allocator.decide(each).unmet.length > 0, true, each.metadata.name);
  deepEqual(allocator.takeChanges().woken, []);
  return allocator;
}

const p = pool("p", ["10.0.0.0/30", "fd00::/126"]);
const six = (name: string): Service => service(name, { spec: { clusterIPs: ["fd00:96::1"] } });
const held = [...names(4, "h").map((name) => service(name)), ...names(4, "s").map(six)];

describe("an address that becomes free wakes", () => {
  test("as many as it can help, the longest waiting first", () => {
    const allocator = full(
      [p],
      held,
      names(50, "w").map((name) => service(name)),
    );
    allocator.forget(of("h1"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w0")]);
    deepEqual(allocator.takeChanges().woken, [], "w0 was woken for it already");
    allocator.forget(of("h2"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w1")]);
    equal(summary(allocator.decide(service("w0"))), "assign 10.0.0.1 from p");
    equal(summary(allocator.decide(service("w1"))), "assign 10.0.0.2 from p");
    deepEqual(allocator.takeChanges().woken, []);
  });

  test("as many as it can help, of an IPv6 pool too", () => {
    const allocator = full([p], held, names(50, "w").map(six));
    for (const [holder, woken] of [
      ["s1", "w0"],
      ["s2", "w1"],
      ["s3", "w2"],
    ] as const) {
      allocator.forget(of(holder), 0);
      deepEqual(allocator.takeChanges().woken, [of(woken)]);
    }
  });

  test("one, when it is the only one though more are in use than its pool may give by now", () => {
    const small = pool("p", ["10.0.0.0/30"]);
    const allocator = full(
      [small],
      names(4, "h").map((name) => service(name)),
      names(2, "w").map((name) => service(name)),
    );
    allocator.usePools(snapshot({ ...small, avoidBuggyIPs: true }), new Set());
    allocator.forget(of("h3"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w0")]);
  });

  test("those of its family", () => {
    const allocator = full([p], held, [six("w6"), service("w4"), service("wd", { spec: dualStack("PreferDualStack") })]);
    allocator.forget(of("h0"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w4")]);
    allocator.forget(of("s0"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w6")]);
    allocator.decide(six("w6"));
    allocator.decide(service("w4"));
    allocator.forget(of("s1"), 0);
    deepEqual(allocator.takeChanges().woken, [of("wd")], "one family is enough for it");
  });

  test("who needs two only when both are there", () => {
    const allocator = full([p], held, [service("w", { spec: dualStack("RequireDualStack") })]);
    allocator.forget(of("h0"), 0);
    deepEqual(allocator.takeChanges().woken, []);
    allocator.forget(of("s0"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w")]);
  });

  test("who lacks a second family in its pool, and for who requires both also one with a pair elsewhere", () => {
    const four = pool("q", ["10.1.0.0/32", "fd01::/128"]);
    const holders = [...held, service("q4"), six("q6")];
    const allocator = full([p, four], holders, []);
    allocator.forget(of("h0"), 0);
    const prefer = service("prefer", { spec: dualStack("PreferDualStack"), published: ["10.0.0.0"] });
    equal(summary(allocator.decide(prefer)), "keep 10.0.0.0 from p unmet:SecondFamilyUnavailable");
    allocator.takeChanges();
    for (const name of ["q4", "q6"]) allocator.forget(of(name), 0);
    deepEqual(allocator.takeChanges().woken, [], "all of its addresses come from one pool");
    allocator.forget(of("s0"), 0);
    deepEqual(allocator.takeChanges().woken, [of("prefer")]);

    const other = full([p, four], holders, []);
    other.forget(of("h0"), 0);
    const require = service("require", { spec: dualStack("RequireDualStack"), published: ["10.0.0.0"] });
    equal(summary(other.decide(require)), "keep 10.0.0.0 from p unmet:SecondFamilyUnavailable");
    other.takeChanges();
    for (const name of ["q4", "q6"]) other.forget(of(name), 0);
    deepEqual(other.takeChanges().woken, [of("require")]);
    equal(summary(other.decide(require)), "assign 10.1.0.0,fd01:: from q");
  });

  test("who waits for it in two ways once", () => {
    const allocator = full([p], held, []);
    allocator.forget(of("h0"), 0);
    const require = service("require", { spec: dualStack("RequireDualStack"), published: ["10.0.0.0"] });
    equal(summary(allocator.decide(require)), "keep 10.0.0.0 from p unmet:SecondFamilyUnavailable");
    allocator.decide(six("w6"));
    allocator.takeChanges();
    for (const name of ["s0", "s1"]) allocator.forget(of(name), 0);
    deepEqual(allocator.takeChanges().woken, [of("require"), of("w6")]);
  });

  test("the next one when a woken one is deleted, asks for something else, or gets it elsewhere", () => {
    const waiting = names(4, "w").map((name) => service(name));
    const q = pool("q", ["10.1.0.0/32"]);
    const allocator = full([p, q], [...held, service("hq")], waiting);
    allocator.forget(of("h0"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w0")]);
    allocator.forget(of("w0"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w1")]);
    allocator.decide(service("w1", { annotations: { "metallb.io/address-pool": "nope" } }));
    deepEqual(allocator.takeChanges().woken, [of("w2")]);
    allocator.forget(of("hq"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w2")], "it may take either");
    equal(summary(allocator.decide(service("w2"))), "assign 10.0.0.0 from p");
    deepEqual(allocator.takeChanges().woken, [of("w3")]);
    equal(summary(allocator.decide(service("w3"))), "assign 10.1.0.0 from q");
  });

  test("nobody again that was woken in vain, until something else becomes free", () => {
    const allocator = full([p], held, [service("w")]);
    allocator.forget(of("h0"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w")]);
    equal(summary(allocator.decide(service("quick"))), "assign 10.0.0.0 from p");
    equal(summary(allocator.decide(service("w"))), "pending unmet:NoAvailableIPs");
    deepEqual(allocator.takeChanges().woken, []);
    allocator.forget(of("quick"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w")]);
  });

  test("who shares whenever others leave an address or change their ports, beside the next in line", () => {
    const sharing = (name: string, port: number): Service =>
      service(name, { annotations: { "metallb.io/allow-shared-ip": "k" }, spec: { ports: [{ port }] } });
    const holders = [...names(3, "h").map((name) => service(name)), sharing("a", 80), sharing("b", 81)];
    const allocator = full([p], holders, [service("w"), sharing("c", 81)]);
    allocator.forget(of("b"), 0);
    deepEqual(allocator.takeChanges().woken, [of("c")], "no address is free");
    equal(summary(allocator.decide(sharing("c", 81))), "assign 10.0.0.3 from p");
  });

  test("one of those who share, and then those who may join it", () => {
    const sharing = (name: string, port: number, key: string): Service =>
      service(name, { annotations: { "metallb.io/allow-shared-ip": key }, spec: { ports: [{ port }] } });
    const one = pool("one", ["10.0.0.1/32"]);
    const [first, second, other] = [sharing("first", 80, "k"), sharing("second", 81, "k"), sharing("other", 82, "m")];
    const allocator = full([one], [service("h")], [first, other, second]);
    allocator.forget(of("h"), 0);
    deepEqual(allocator.takeChanges().woken, [of("first")]);
    equal(summary(allocator.decide(first)), "assign 10.0.0.1 from one");
    deepEqual(allocator.takeChanges().woken, [of("second")]);
    equal(summary(allocator.decide(second)), "assign 10.0.0.1 from one");
    deepEqual(allocator.takeChanges().woken, []);
  });

  test("those who may join one that now has their key", () => {
    const keyed = (name: string, port: number, key: string): Service =>
      service(name, { annotations: { "metallb.io/allow-shared-ip": key }, spec: { ports: [{ port }] } });
    const one = pool("one", ["10.0.0.1/32"]);
    const named = { "metallb.io/allow-shared-ip": "k", "metallb.io/address-pool": "one" };
    const waiting = [keyed("automatic", 81, "k"), service("named", { annotations: named, spec: { ports: [{ port: 82 }] } })];
    const elsewhere = { "metallb.io/allow-shared-ip": "k", "metallb.io/address-pool": "two" };
    const outside = service("elsewhere", { annotations: elsewhere, spec: { ports: [{ port: 84 }] } });
    const two = service("t", { annotations: { "metallb.io/address-pool": "two" } });
    const pools = [one, pool("two", ["10.0.0.2/32"], { autoAssign: false })];
    const allocator = full(pools, [keyed("h", 80, "m"), two], [...waiting, outside, keyed("other", 83, "n")]);
    allocator.decide(keyed("h", 80, "k"));
    deepEqual(allocator.takeChanges().woken, [of("automatic"), of("named")]);
  });

  test("who asks for that very address, and nobody who asks for another", () => {
    const wanting = (name: string, address: string): Service =>
      service(name, { annotations: { "metallb.io/loadBalancerIPs": address } });
    const allocator = full([p], held, [wanting("x", "10.0.0.0"), wanting("y", "10.0.0.1"), wanting("z", "10.0.0.1")]);
    allocator.forget(of("h1"), 0);
    deepEqual(allocator.takeChanges().woken, [of("y"), of("z")]);
    allocator.decide(wanting("y", "10.0.0.1"));
    allocator.forget(of("y"), 0);
    deepEqual(allocator.takeChanges().woken, [of("z")]);
    allocator.forget(of("z"), 0);
    allocator.forget(of("h0"), 0);
    deepEqual(allocator.takeChanges().woken, [of("x")]);
  });

  test("who named its pool, also where autoAssign is off, before those who did not", () => {
    const manual = { ...p, autoAssign: false };
    const named = (name: string): Service => service(name, { annotations: { "metallb.io/address-pool": "p" } });
    const holders = names(4, "h").map(named);
    const allocator = full([manual], holders, [service("any"), named("w")]);
    allocator.forget(of("h0"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w")]);
  });

  test("nobody while its pool drains, and nobody whom the pool does not serve", () => {
    const scope = { priority: 1, namespaces: new Set(["team"]), serviceSelectors: [] };
    const team = (name: string): Service => service(name, { namespace: "team" });
    const allocator = full([{ ...p, scope }], names(4, "h").map(team), [service("outside"), team("w"), team("w1")]);
    allocator.forget("team/h0", 0);
    deepEqual(allocator.takeChanges().woken, ["team/w"]);
    allocator.usePools(snapshot({ ...p, scope, draining: true }), new Set());
    allocator.forget("team/h1", 0);
    deepEqual(allocator.takeChanges().woken, []);
  });
});

test("those of several namespaces whom a pool serves are woken in the order of their arrival", () => {
  const { selectors: serviceSelectors } = compileSelectors([{ matchLabels: { tier: "gold" } }]);
  const scope = { priority: 1, namespaces: new Set(["a", "b"]), serviceSelectors };
  const gold = (name: string, namespace: string): Service => service(name, { namespace, labels: { tier: "gold" } });
  const waiting = [gold("w0", "b"), gold("w1", "a"), gold("w2", "b")];
  const allocator = full(
    [{ ...p, scope }],
    names(4, "h").map((name) => gold(name, "a")),
    waiting,
  );
  for (const expected of ["b/w0", "a/w1", "b/w2"]) {
    allocator.forget(`a/h${expected.at(-1)}`, 0);
    deepEqual(allocator.takeChanges().woken, [expected]);
  }
});

test("an address that became free in a pool which is gone by then wakes nobody", () => {
  const allocator = full([p], held, [service("w")]);
  allocator.forget(of("h0"), 0);
  allocator.usePools(snapshot(), new Set());
  deepEqual(allocator.takeChanges().woken, []);
});

describe("a Service that waits", () => {
  test("keeps its place in the line when it is decided again", () => {
    const allocator = full([p], held, [service("w0"), service("w1")]);
    allocator.decide(service("w0"));
    allocator.forget(of("h0"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w0")]);
  });

  test("leaves the line when it stops being a LoadBalancer, or one of ours", () => {
    const allocator = full([p], held, [service("w0"), service("w1"), service("w2")]);
    allocator.decide(service("w0", { spec: { type: "ClusterIP" } }));
    allocator.decide(service("w1", { spec: { loadBalancerClass: "other" } }));
    allocator.forget(of("h0"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w2")]);
  });

  test("and then asks for something else goes to the end of the line", () => {
    const allocator = full([p], held, [service("w0"), service("w1")]);
    allocator.decide(service("w0", { labels: { now: "other" } }));
    allocator.forget(of("h0"), 0);
    deepEqual(allocator.takeChanges().woken, [of("w1")]);
  });

  test("for a pool that it names is concerned by that pool alone, also when it names another than before", () => {
    const named = (name: string): Service => service("w", { annotations: { "metallb.io/address-pool": name } });
    const allocator = full([p], held, [named("p")]);
    deepEqual(allocator.concernedBy(new Set(["q"])), []);
    equal(allocator.concernedBy(new Set(["p"])).includes(of("w")), true);
    allocator.decide(named("nope"));
    deepEqual(allocator.concernedBy(new Set(["q"])), []);
    deepEqual(allocator.concernedBy(new Set(["nope"])), [of("w")]);
    allocator.decide(named("nada"));
    deepEqual([allocator.concernedBy(new Set(["nope"])), allocator.concernedBy(new Set(["nada"]))], [[], [of("w")]]);
  });

  test("for an address is concerned by every pool, as any may come to hold it; one that asks nonsense by none", () => {
    const asking = (text: string): Service => service("w", { annotations: { "metallb.io/loadBalancerIPs": text } });
    const allocator = full([p], held, [asking("192.0.2.1")]);
    deepEqual(allocator.concernedBy(new Set(["q"])), [of("w")]);
    allocator.decide(asking("nonsense"));
    deepEqual(allocator.concernedBy(new Set(["q"])), []);
  });

  test("for any pool is concerned by every change of pools, since its reasons speak of each of them", () => {
    const allocator = full([p], held, [service("w0")]);
    deepEqual(allocator.concernedBy(new Set(["q"])), [of("w0")]);
    deepEqual(
      [...allocator.concernedBy(new Set(["p"]))].sort(),
      [...held.map(({ metadata }) => of(metadata.name)), of("w0")].sort(),
    );
    allocator.forget(of("w0"), 0);
    deepEqual(allocator.concernedBy(new Set(["q"])), []);
  });
});
