import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { Pool } from "../../crds/config/snapshot.ts";
import { formatAddress } from "../../crds/net/address.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { Allocator } from "./allocator.ts";
import { adoptAll, dualStack, service, summary, withVerdict } from "./fake/services.ts";
import { describe as text } from "./reason.ts";
import { serviceKey } from "./request.ts";
import { reservationsPerPool } from "./reservations.ts";

const minute = 60_000;
const p = pool("p", ["10.0.0.0/30", "fd00::/126"], { reserveForMs: 10 * minute });
const wanting = (name: string, address: string): Service =>
  service(name, { annotations: { "metallb.io/loadBalancerIPs": address } });

function allocatorWith(...pools: readonly Pool[]): Allocator {
  const allocator = new Allocator("");
  allocator.usePools(snapshot(...pools), new Set());
  return allocator;
}

function settle(allocator: Allocator, of: Service): Service {
  const written = withVerdict(of, allocator.decide(of));
  allocator.commit(serviceKey(of), 0);
  return written;
}

const keptIn = (allocator: Allocator, name = "p"): readonly string[] =>
  (allocator.reservations(name) ?? []).map(
    ({ address, service, until }) => `${formatAddress(address)} ${service} ${until / minute}`,
  );

describe("an address of a deleted Service", () => {
  test("is kept for its name, and given to it when it comes back", () => {
    const allocator = allocatorWith(p);
    settle(allocator, service("a"));
    settle(allocator, service("b"));
    allocator.forget("default/a", minute);
    deepEqual(keptIn(allocator), ["10.0.0.0 default/a 11"]);
    equal(summary(allocator.decide(service("c"))), "assign 10.0.0.2 from p");
    equal(summary(allocator.decide(service("a", { namespace: "other" }))), "assign 10.0.0.3 from p");
    equal(summary(allocator.decide(service("a"))), "assign 10.0.0.0 from p");
    deepEqual(keptIn(allocator), []);
    equal(allocator.counters("p")?.assignedIPv4, 4n);
  });

  test("is free when its time is over, and wakes who waits for it", () => {
    const allocator = allocatorWith({ ...p, ...pool("p", ["10.0.0.0/32"]), reserveForMs: minute });
    settle(allocator, service("a"));
    allocator.forget("default/a", 0);
    equal(allocator.nextEnd, minute);
    const verdict = allocator.decide(service("b"));
    equal(
      verdict.unmet.map(text).join(),
      "no available IPs: pool p: 0 of 1 IPv4 addresses in use, 1 reserved for deleted Services",
    );
    deepEqual(allocator.takeChanges().woken, [], "what is kept helps nobody else");
    allocator.expire(minute - 1);
    deepEqual(allocator.takeChanges().woken, []);
    allocator.expire(minute);
    const { woken, reserved } = allocator.takeChanges();
    deepEqual([woken, [...reserved]], [["default/b"], ["p"]]);
    equal(summary(allocator.decide(service("b"))), "assign 10.0.0.0 from p");
    equal(allocator.nextEnd, undefined);
  });

  test("is refused to who asks for it, with the reason, and then wakes him", () => {
    const allocator = allocatorWith(p);
    settle(allocator, service("a"));
    allocator.forget("default/a", 0);
    const verdict = allocator.decide(wanting("b", "10.0.0.0"));
    equal(
      verdict.unmet.map(text).join(),
      '"10.0.0.0" is kept until 1970-01-01T00:10:00.000Z for "default/a", which was deleted (annotation herald-lb.io/reserve-for of its pool)',
    );
    allocator.expire(10 * minute);
    deepEqual(allocator.takeChanges().woken, ["default/b"]);
  });

  test("is kept when the Service only stops being a LoadBalancer, from when that is written", () => {
    const allocator = allocatorWith(p);
    const settled = settle(allocator, service("a"));
    allocator.decide({ ...settled, spec: { ...settled.spec, type: "ClusterIP" } });
    deepEqual(keptIn(allocator), []);
    allocator.commit("default/a", 5 * minute);
    deepEqual(keptIn(allocator), ["10.0.0.0 default/a 15"]);
  });

  test("is not kept when the Service has moved to another, or lost it for a reason", () => {
    const allocator = allocatorWith(p);
    const settled = settle(allocator, service("a"));
    const moved = { ...settled, metadata: { ...settled.metadata, annotations: { "metallb.io/loadBalancerIPs": "10.0.0.3" } } };
    equal(summary(allocator.decide(moved)), "assign 10.0.0.3 from p");
    allocator.commit("default/a", 0);
    deepEqual(keptIn(allocator), []);
    const scope = { priority: 1, namespaces: new Set(["team"]), serviceSelectors: [] };
    allocator.usePools(snapshot({ ...p, scope }), new Set());
    allocator.decide(moved);
    allocator.commit("default/a", 0);
    deepEqual(keptIn(allocator), []);
  });

  test("is not kept by a pool without the annotation, nor for a Service that this program gave nothing", () => {
    const allocator = allocatorWith(p, pool("q", ["10.1.0.0/30"]));
    settle(allocator, wanting("a", "10.1.0.1"));
    allocator.forget("default/a", 0);
    const theirs = service("b", { spec: { loadBalancerClass: "other" }, published: ["10.0.0.1"] });
    allocator.decide(theirs);
    allocator.forget("default/b", 0);
    deepEqual([...keptIn(allocator), ...keptIn(allocator, "q")], []);
  });

  test("is kept when it was taken over and the Service goes before it was looked at, unless it is another program's", () => {
    const recorded = { annotations: { "metallb.io/ip-allocated-from-pool": "p" } };
    const ours = service("ours", { ...recorded, published: ["10.0.0.1"] });
    const theirs = service("theirs", { ...recorded, published: ["10.0.0.2"], spec: { loadBalancerClass: "other" } });
    const allocator = new Allocator("");
    adoptAll(allocator, [ours, theirs]);
    allocator.usePools(snapshot(p), new Set());
    for (const name of ["ours", "theirs"]) allocator.forget(`default/${name}`, 0);
    deepEqual(keptIn(allocator), ["10.0.0.1 default/ours 10"]);
  });

  test("is not kept while others share it, and for all who left when the last one goes", () => {
    const shared = (name: string, port: number): Service =>
      service(name, { annotations: { "metallb.io/allow-shared-ip": "k" }, spec: { ports: [{ port }] } });
    const allocator = allocatorWith(p);
    for (const each of [shared("a", 80), shared("b", 81)]) settle(allocator, each);
    allocator.forget("default/a", 0);
    equal(summary(allocator.decide(shared("c", 80))), "assign 10.0.0.0 from p", "it may be shared as ever");
    allocator.forget("default/c", 0);
    allocator.forget("default/b", 0);
    equal(summary(allocator.decide(shared("d", 82))), "assign 10.0.0.1 from p");
    equal(summary(allocator.decide(shared("b", 81))), "assign 10.0.0.0 from p");
    equal(summary(allocator.decide(shared("a", 80))), "assign 10.0.0.0 from p");
  });

  test("counts as kept in its family alone, while nobody is on it", () => {
    const allocator = allocatorWith({ ...p, ...pool("p", ["10.0.0.0/32", "fd00::/128"]), reserveForMs: minute });
    const six = service("six", { spec: { clusterIPs: ["fd00:96::1"] } });
    const shared = (name: string, port: number): Service =>
      service(name, { annotations: { "metallb.io/allow-shared-ip": "k" }, spec: { ports: [{ port }] } });
    for (const each of [six, shared("a", 80), shared("b", 81)]) settle(allocator, each);
    for (const name of ["six", "a"]) allocator.forget(`default/${name}`, 0);
    equal(allocator.decide(service("x")).unmet.map(text).join(), "no available IPs: pool p: 1 of 1 IPv4 addresses in use");
  });

  test("is not counted among those that are free for others", () => {
    const allocator = allocatorWith(p);
    for (const name of ["a", "b", "c", "d"]) settle(allocator, service(name));
    for (const name of ["w0", "w1"]) allocator.decide(service(name));
    allocator.forget("default/a", 0);
    allocator.forget("default/b", minute);
    allocator.expire(10 * minute);
    deepEqual(allocator.takeChanges().woken, ["default/w0"]);
  });

  test("comes back with its pair", () => {
    const allocator = allocatorWith(p);
    const dual = service("a", { spec: dualStack("PreferDualStack") });
    settle(allocator, dual);
    allocator.forget("default/a", 0);
    settle(allocator, service("b", { spec: dualStack("RequireDualStack") }));
    equal(summary(allocator.decide(dual)), "assign 10.0.0.0,fd00:: from p");
  });

  test("is passed over when the Service no longer may have it, or asks for another", () => {
    const allocator = allocatorWith(p, pool("q", ["10.1.0.0/30"]));
    settle(allocator, service("a"));
    allocator.forget("default/a", 0);
    equal(summary(allocator.decide(service("a", { spec: { clusterIPs: ["fd00:96::1"] } }))), "assign fd00:: from p");
    deepEqual(keptIn(allocator), [], "it has an address, and needs no other");
    settle(allocator, service("b"));
    allocator.forget("default/b", 0);
    equal(summary(allocator.decide(service("b", { annotations: { "metallb.io/address-pool": "q" } }))), "assign 10.1.0.0 from q");
  });

  test("is free at once when the Service comes back to another, and wakes who waits", () => {
    const allocator = allocatorWith({ ...p, ...pool("p", ["10.0.0.0/31"]), reserveForMs: minute }, pool("q", ["10.1.0.0/32"]));
    for (const name of ["a", "b"]) settle(allocator, service(name));
    allocator.forget("default/a", 0);
    const elsewhere = service("a", { annotations: { "metallb.io/address-pool": "q" } });
    const waiting = service("w", { annotations: { "metallb.io/address-pool": "p" } });
    equal(summary(allocator.decide(waiting)), "pending unmet:PoolExhausted");
    deepEqual(allocator.takeChanges().woken, []);
    equal(summary(allocator.decide(elsewhere)), "assign 10.1.0.0 from q");
    deepEqual(allocator.takeChanges().woken, ["default/w"]);
    equal(summary(allocator.decide(waiting)), "assign 10.0.0.0 from p");
  });

  test("does not wake who waits for this very address before it is free", () => {
    const allocator = allocatorWith(p);
    settle(allocator, service("a"));
    equal(summary(allocator.decide(wanting("w", "10.0.0.0"))), "pending unmet:AddressTaken");
    allocator.forget("default/a", 0);
    deepEqual(allocator.takeChanges().woken, []);
    allocator.expire(10 * minute);
    deepEqual(allocator.takeChanges().woken, ["default/w"]);
  });

  test("is found in a later pool before the first one is looked at, unless that pool is no longer automatic, or drains", () => {
    const first = pool("first", ["10.9.0.0/30"]);
    for (const [changes, expected] of [
      [{}, "assign 10.0.0.0 from p"],
      [{ autoAssign: false }, "assign 10.9.0.0 from first"],
      [{ draining: true }, "assign 10.9.0.0 from first"],
    ] as const) {
      const allocator = allocatorWith(p, first);
      settle(allocator, wanting("a", "10.0.0.0"));
      allocator.forget("default/a", 0);
      allocator.usePools(snapshot({ ...p, ...changes }, first), new Set());
      equal(summary(allocator.decide(service("a"))), expected);
    }
  });

  test("is free as soon as the pool's annotation is taken away, and kept wherever the address goes otherwise", () => {
    const allocator = allocatorWith(p);
    settle(allocator, service("a"));
    allocator.forget("default/a", 0);
    allocator.usePools(snapshot(), new Set());
    allocator.usePools(snapshot({ ...p, name: "renamed" }), new Set());
    deepEqual(keptIn(allocator, "renamed"), ["10.0.0.0 default/a 10"]);
    equal(allocator.reservations("p"), undefined);
    const { reserveForMs: _, ...plain } = p;
    allocator.usePools(snapshot({ ...plain, name: "renamed" }), new Set());
    deepEqual(keptIn(allocator, "renamed"), []);
    equal(summary(allocator.decide(service("b"))), "assign 10.0.0.0 from renamed");
  });

  test("is left to who shows it already", () => {
    const allocator = allocatorWith(p);
    settle(allocator, service("a"));
    const shows = service("b", { published: ["10.0.0.0"], annotations: { "metallb.io/ip-allocated-from-pool": "p" } });
    allocator.forget("default/a", 0);
    equal(summary(allocator.decide(shows)), "keep 10.0.0.0 from p");
  });

  test("that its pool has begun to avoid is not given to it again", () => {
    const allocator = allocatorWith(p);
    settle(allocator, service("a"));
    allocator.forget("default/a", 0);
    allocator.usePools(snapshot({ ...p, avoidBuggyIPs: true }), new Set());
    equal(summary(allocator.decide(service("a"))), "assign 10.0.0.1 from p");
  });
});

describe("what another process kept", () => {
  const kept = (name: string, octet: bigint, until: number) => ({
    address: { family: "IPv4" as const, bits: 0x0a000000n + octet },
    service: `default/${name}`,
    until,
  });

  test("is taken over, unless its time is over, its Service is back, or its pool keeps nothing", () => {
    const allocator = new Allocator("");
    adoptAll(allocator, [service("back", { published: ["10.0.0.3"] })]);
    allocator.usePools(snapshot(p, pool("q", ["10.0.0.128/30"])), new Set());
    const entries = [kept("gone", 0n, 5), kept("late", 1n, 20), kept("back", 2n, 20), kept("plain", 128n, 20)];
    allocator.restore(entries, 5);
    deepEqual(
      (allocator.reservations("p") ?? []).map(({ service }) => service),
      ["default/late"],
    );
    deepEqual(allocator.reservations("q"), []);
    equal(summary(allocator.decide(service("x"))), "assign 10.0.0.0 from p");
    equal(summary(allocator.decide(service("late"))), "assign 10.0.0.1 from p");
  });

  test("is kept as long as it was to be, though the pool has another duration now", () => {
    const allocator = allocatorWith(p);
    allocator.restore([kept("a", 0n, 99 * minute)], minute);
    equal(allocator.nextEnd, 99 * minute);
  });

  test("is free as soon as it gives way to a later one, of more than a pool may keep, and wakes who waits", () => {
    const range = `10.0.0.0-${formatAddress({ family: "IPv4", bits: 0x0a000000n + BigInt(reservationsPerPool) })}`;
    const allocator = allocatorWith(pool("p", [range], { reserveForMs: minute }));
    const entries = Array.from({ length: reservationsPerPool }, (_, octet) => kept(`gone${octet}`, BigInt(octet), 99 * minute));
    allocator.restore(entries, 0);
    settle(allocator, service("last"));
    equal(summary(allocator.decide(service("w"))), "pending unmet:NoAvailableIPs");
    allocator.forget("default/last", 0);
    deepEqual(allocator.takeChanges().woken, ["default/w"]);
    equal(summary(allocator.decide(service("w"))), "assign 10.0.0.0 from p");
    equal(allocator.reservations("p")?.length, reservationsPerPool);
  });

  test("wakes as many as it was kept for, when its time is over, though nobody has an address there", () => {
    const allocator = allocatorWith(pool("p", ["10.0.0.0/31"], { reserveForMs: minute }));
    allocator.restore([kept("a", 0n, 20), kept("b", 1n, 20)], 5);
    for (const name of ["x", "y", "z"]) equal(summary(allocator.decide(service(name))), "pending unmet:NoAvailableIPs");
    allocator.takeChanges();
    allocator.expire(20);
    deepEqual(allocator.takeChanges().woken, ["default/x", "default/y"]);
  });

  test("is kept while its pool cannot be read", () => {
    const allocator = new Allocator("");
    allocator.usePools(snapshot(), new Set(["p"]));
    allocator.restore([kept("a", 0n, 20)], 5);
    allocator.usePools(snapshot(p), new Set());
    deepEqual(
      (allocator.reservations("p") ?? []).map(({ service }) => service),
      ["default/a"],
    );
    equal(summary(allocator.decide(service("b"))), "assign 10.0.0.1 from p");
    equal(summary(allocator.decide(service("a"))), "assign 10.0.0.0 from p");
  });
});
