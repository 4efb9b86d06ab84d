import { equal, match, ok } from "node:assert/strict";
import { describe as group, test } from "node:test";
import { pool, snapshot } from "../../crds/config/fixture/pools.ts";
import type { Pool } from "../../crds/config/snapshot.ts";
import { compileSelectors } from "../../crds/selector.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { Allocator } from "./allocator.ts";
import { dualStack, service } from "./fake/services.ts";
import { describe } from "./reason.ts";

type Scope = NonNullable<Pool["scope"]>;
const scope = (changes: Partial<Scope>): Pick<Pool, "scope"> => ({
  scope: { priority: 1, serviceSelectors: [], ...changes },
});
const selectors = (...raw: readonly object[]): Scope["serviceSelectors"] => compileSelectors(raw).selectors;
const named = (name: string): Service => service("a", { annotations: { "metallb.io/address-pool": name } });
const wanting = (addresses: string, more: Record<string, string> = {}): Service =>
  service("a", { annotations: { "metallb.io/loadBalancerIPs": addresses, ...more } });

/** What a Service is told that comes after `others`. */
function told(
  asking: Service,
  pools: readonly Pool[],
  others: readonly Service[] = [],
  unreadable: readonly string[] = [],
): string {
  const allocator = new Allocator("");
  allocator.usePools(snapshot(...pools), new Set(unreadable));
  for (const other of others) allocator.decide(other);
  return allocator.decide(asking).unmet.map(describe).join("\n");
}

const tiny = pool("tiny", ["192.0.2.9/32"]);
const internal = pool(
  "internal",
  ["10.1.0.0/24"],
  scope({ serviceSelectors: selectors({ matchLabels: { "metallb.io/class": "internal" } }) }),
);

group("a Service that waits is told, pool by pool,", () => {
  test("how many addresses of a full pool are in use", () => {
    equal(told(service("a"), [tiny], [service("b")]), "no available IPs: pool tiny: 1 of 1 IPv4 addresses in use");
  });

  test("that a pool has no addresses of its family", () => {
    equal(told(service("a"), [pool("v6", ["fd00::/120"])]), "no available IPs: pool v6: no IPv4 addresses");
  });

  test("that a pool's autoAssign is off, and how to use the pool all the same", () => {
    equal(
      told(service("a"), [{ ...tiny, autoAssign: false }]),
      "no available IPs: pool tiny: autoAssign is off (name the pool in the annotation metallb.io/address-pool to use it)",
    );
  });

  test("that a pool is being drained, or set aside", () => {
    equal(
      told(service("a"), [{ ...tiny, draining: true }], [], ["broken"]),
      "no available IPs: pool broken: is set aside: see its Accepted condition; " +
        "pool tiny: is being drained (annotation herald-lb.io/drain) and gives no new addresses",
    );
  });

  test("which namespaces a pool serves", () => {
    const serving = (...names: readonly string[]): Pool => ({ ...tiny, ...scope({ namespaces: new Set(names) }) });
    equal(told(service("a"), [serving("team")]), "no available IPs: pool tiny: serves only namespace team, not default");
    equal(told(service("a"), [serving()]), "no available IPs: pool tiny: serves no namespace at present, not default");
    equal(
      told(service("a"), [serving("a", "b", "c", "d", "e")]),
      "no available IPs: pool tiny: serves only namespaces a, b, c and 2 more, not default",
    );
  });

  test("which label a pool's selector wants", () => {
    equal(
      told(service("a"), [internal]),
      "no available IPs: pool internal: its serviceSelector wants metallb.io/class=internal (add the label metallb.io/class=internal)",
    );
  });

  test("of several labels that a selector wants only those that the Service lacks, or must not have", () => {
    const raw = {
      matchLabels: { tier: "gold", zone: "a" },
      matchExpressions: [
        { key: "old", operator: "DoesNotExist" },
        { key: "gone", operator: "DoesNotExist" },
      ],
    };
    const strict = { ...tiny, ...scope({ serviceSelectors: selectors(raw) }) };
    const asking = service("a", { labels: { tier: "gold", old: "" } });
    match(told(asking, [strict]), /\(add the label zone=a; remove the label old, or change its value\)$/);
  });

  test("the smallest change of labels that one of several selectors wants", () => {
    const raw = [
      { matchLabels: { a: "1", b: "2" } },
      { matchExpressions: [{ key: "tier", operator: "NotIn", values: ["dev"] }] },
      { matchLabels: { x: "1", y: "2" } },
      { matchLabels: { z: "1", y: "2" } },
    ];
    const dev = service("a", { labels: { tier: "dev" } });
    equal(
      told(dev, [{ ...tiny, ...scope({ serviceSelectors: selectors(...raw) }) }]),
      "no available IPs: pool tiny: its serviceSelectors want a=1,b=2 or tier notin (dev) or x=1,y=2 or one of 1 others " +
        "(remove the label tier, or change its value)",
    );
    const either = selectors(
      { matchLabels: { a: "1" }, matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] },
      { matchLabels: { b: "2" } },
    );
    match(told(dev, [{ ...tiny, ...scope({ serviceSelectors: either }) }]), /\(add the label b=2\)$/);
    const exists = selectors({ matchExpressions: [{ key: "tier", operator: "Exists" }] });
    match(told(service("a"), [{ ...tiny, ...scope({ serviceSelectors: exists }) }]), /wants tier \(add the label tier=\.\.\.\)$/);
  });

  test("who holds the first address of a full pool under another sharing key, or on its port", () => {
    const key = (name: string, value: string): Service => service(name, { annotations: { "metallb.io/allow-shared-ip": value } });
    equal(
      told(key("a", "k"), [tiny], [key("b", "other")]),
      'no available IPs: pool tiny: 1 of 1 IPv4 addresses in use (192.0.2.9 is held by "default/b" with another sharing key)',
    );
    match(told(key("a", "k"), [tiny], [key("b", "k")]), /\(192\.0\.2\.9 has TCP\/80 taken by "default\/b"\)$/);
    const local = { externalTrafficPolicy: "Local", selector: { app: "x" }, ports: [{ port: 81 }] } as const;
    const elsewhere = { ...key("b", "k"), spec: { ...key("b", "k").spec, ...local } };
    match(told(key("a", "k"), [tiny], [elsewhere]), /\(192\.0\.2\.9 is held by "default\/b" with another backend\)$/);
  });

  test("that two addresses come from one pool, when each pool has one family only", () => {
    const pools = [pool("v4", ["10.0.0.0/24"]), pool("v6", ["fd00::/120"])];
    equal(
      told(service("a", { spec: dualStack("RequireDualStack") }), pools),
      "no available IPs: pool v4 has no IPv6, pool v6 has no IPv4; " +
        "a dual-stack Service takes both from one pool: add both ranges to one pool",
    );
  });

  test("of a pool for both families what it lacks", () => {
    const both = pool("both", ["10.0.0.0/24", "fd00::1/128"]);
    const six = service("b", { spec: { clusterIPs: ["fd00:96::1"] } });
    equal(
      told(service("a", { spec: dualStack("RequireDualStack") }), [both], [six]),
      "no available IPs: pool both: 1 of 1 IPv6 addresses in use",
    );
    const nothing = service("a", { spec: dualStack("PreferDualStack") });
    equal(
      told(nothing, [tiny], [service("b")]),
      "no available IPs: pool tiny: 1 of 1 IPv4 addresses in use, no IPv6 addresses",
      "one family would do",
    );
  });

  test("the most promising pool first", () => {
    const pools = [
      pool("a-v6", ["fd00::/120"]),
      pool("b-elsewhere", ["10.2.0.0/24"], scope({ namespaces: new Set(["team"]) })),
      pool("c-manual", ["10.3.0.0/24"], { autoAssign: false }),
      pool("d-drained", ["10.4.0.0/24"], { draining: true }),
      { ...internal, name: "e-labels" },
      pool("f-full", ["192.0.2.9/32", "fd00:1::/120"]),
    ];
    const order = [...told(service("a"), pools, [service("b")]).matchAll(/pool (\S+):/g)].map(([, name]) => name);
    equal(order.join(), "f-full,e-labels,d-drained,c-manual,b-elsewhere,a-v6");
  });

  test("and is not told of more pools than a message holds", () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      pool(`p${String(index).padStart(2, "0")}`, [`fd00:${index + 1}::/120`]),
    );
    match(
      told(service("a"), many),
      /^no available IPs: pool p00: no IPv4 addresses; .*pool p09: no IPv4 addresses; and 30 more pools$/,
    );
    match(told(service("a"), many.slice(0, 11)), /pool p09: no IPv4 addresses; and 1 more pool$/);
    match(told(service("a"), many.slice(0, 10)), /pool p09: no IPv4 addresses$/);
    const long = many.map((each, index) => ({ ...each, name: `${"n".repeat(200)}${index + 10}` }));
    const text = told(service("a"), long);
    ok(text.length < 720, `${text.length} octets`);
    match(text, /; and 38 more pools$/);
    const endless = {
      ...tiny,
      ...scope({
        serviceSelectors: selectors({ matchLabels: Object.fromEntries(many.map(({ name }) => [name, "v".repeat(63)])) }),
      }),
    };
    ok(told(service("a"), [endless]).length < 720);
  });

  test("that there is no pool", () => {
    equal(told(service("a"), []), "no available IPs: there is no IPAddressPool yet");
    match(told(service("a"), [], [], ["broken"]), /^no available IPs: pool broken: is set aside/);
  });
});

group("a Service that names a pool or an address is told", () => {
  const cases: readonly [string, string, string][] = [
    [
      "that the pool is full",
      told(named("tiny"), [tiny], [service("b")]),
      'no available IPs in pool "tiny": 1 of 1 IPv4 addresses in use: add addresses to it, or free some',
    ],
    [
      "that the pool has no such family",
      told(named("v6"), [pool("v6", ["fd00::/120"])]),
      'no available IPs in pool "v6": no IPv4 addresses: add addresses to it, or free some',
    ],
    [
      "which label the pool wants",
      told(named("internal"), [internal]),
      'pool "internal" does not serve this Service: its serviceSelector wants metallb.io/class=internal (add the label metallb.io/class=internal)',
    ],
    [
      "that the pool does not exist",
      told(named("nope"), [tiny]),
      'there is no IPAddressPool "nope": create it, or name another in the annotation metallb.io/address-pool',
    ],
    [
      "that a pool has one name, without blanks",
      told(named("tiny, p"), [tiny]),
      'there is no IPAddressPool "tiny, p": write one name, and no blanks, in the annotation metallb.io/address-pool',
    ],
    [
      "the beginning of a name that is no name",
      told(named("x".repeat(40_000)), [tiny]),
      `there is no IPAddressPool "${"x".repeat(99)}…": create it, or name another in the annotation metallb.io/address-pool`,
    ],
    [
      "the beginning of such a name beside an address",
      told(wanting("192.0.2.9", { "metallb.io/address-pool": "x".repeat(40_000) }), [tiny]),
      `"192.0.2.9" belongs to pool "tiny", not to the requested pool "${"x".repeat(99)}…"`,
    ],
    [
      "that an address is missing beside a comma",
      told(wanting("192.0.2.9,"), [tiny]),
      'invalid requested IPs "192.0.2.9,": an address is missing',
    ],
    [
      "that a comma is missing between two addresses",
      told(wanting("192.0.2.9; fd00::1"), [tiny]),
      'invalid requested IPs "192.0.2.9; fd00::1": "192.0.2.9; fd00::1" is not an IP address: write two addresses in the ' +
        "annotation metallb.io/loadBalancerIPs, with a comma between them",
    ],
    [
      "that no prefix can be requested",
      told(wanting("192.0.2.9/32"), [tiny]),
      'invalid requested IPs "192.0.2.9/32": "192.0.2.9/32" is not an IP address: write one address, without prefix length and without range',
    ],
    [
      "that an address has no zone",
      told(wanting("fe80::1%eth0"), [tiny]),
      'invalid requested IPs "fe80::1%eth0": "fe80::1%eth0" is not an IP address: remove the zone',
    ],
    [
      "that the pool is set aside",
      told(named("broken"), [], [], ["broken"]),
      'IPAddressPool "broken" is set aside, or was lost together with its definition; nothing is changed until it is valid: see its Accepted condition',
    ],
    [
      "that the pool is being drained",
      told(named("tiny"), [{ ...tiny, draining: true }]),
      'pool "tiny" is being drained (annotation herald-lb.io/drain) and gives no new addresses',
    ],
    [
      "that no pool holds the address",
      told(wanting("203.0.113.1"), [tiny]),
      '"203.0.113.1" belongs to no IPAddressPool: add it to one, or request another address',
    ],
    [
      "that another pool holds the address",
      told(wanting("192.0.2.9", { "metallb.io/address-pool": "q" }), [tiny, pool("q", ["10.0.0.0/30"])]),
      '"192.0.2.9" belongs to pool "tiny", not to the requested pool "q"',
    ],
    [
      "that the pool avoids the address",
      told(wanting("10.0.0.255"), [pool("p", ["10.0.0.0/24"], { avoidBuggyIPs: true })]),
      '"10.0.0.255" ends in .0 or .255, which pool "p" does not give out (avoidBuggyIPs)',
    ],
    [
      "who has the address",
      told(wanting("192.0.2.9"), [tiny], [service("b")]),
      '"192.0.2.9" is in use by "default/b": to share it, give all of them the same annotation metallb.io/allow-shared-ip',
    ],
    [
      "who has the address under another key",
      told(wanting("192.0.2.9", { "metallb.io/allow-shared-ip": "k" }), [tiny], [service("b")]),
      '"192.0.2.9" is in use by "default/b" with another sharing key than "k"',
    ],
    [
      "that its two addresses are in two pools",
      told({ ...wanting("192.0.2.9,fd00::1"), spec: { ...service("a").spec, ...dualStack("RequireDualStack") } }, [
        tiny,
        pool("v6", ["fd00::/120"]),
      ]),
      "the addresses come from different pools (tiny, v6): all addresses of one Service must come from one pool",
    ],
    [
      "that its family is another",
      told(wanting("fd00::1"), [tiny]),
      "requested IPv6, but the Service is IPv4: request one IPv4 address",
    ],
    [
      "that a dual-stack Service requests two",
      told({ ...wanting("192.0.2.9"), spec: { ...service("a").spec, ...dualStack("PreferDualStack") } }, [tiny]),
      "requested IPv4, but the Service is IPv4 and IPv6: request one IPv4 and one IPv6 address, comma-separated, in the annotation metallb.io/loadBalancerIPs",
    ],
    [
      "that its text is no address",
      told(wanting("10.0.0"), [tiny]),
      'invalid requested IPs "10.0.0": "10.0.0" is not an IP address',
    ],
    [
      "that it requests twice",
      told(service("a", { annotations: { "metallb.io/loadBalancerIPs": "1.1.1.1" }, spec: { loadBalancerIP: "2.2.2.2" } }), [
        tiny,
      ]),
      'addresses are requested twice, by the annotation metallb.io/loadBalancerIPs ("1.1.1.1") and by spec.loadBalancerIP ("2.2.2.2"): remove one of them',
    ],
    [
      "that it has no cluster IPs",
      told(service("a", { spec: { clusterIPs: [] } }), [tiny]),
      "cannot tell the IP family of the cluster IPs []: one address, or one IPv4 and one IPv6 address, is needed",
    ],
    [
      "that its cluster IPs are of one family",
      told(service("a", { spec: { clusterIPs: ["10.96.0.1", "10.96.0.2"], ipFamilyPolicy: "RequireDualStack" } }), [tiny]),
      'cannot tell the IP family of the cluster IPs ["10.96.0.1" "10.96.0.2"]: one address, or one IPv4 and one IPv6 address, is needed',
    ],
    [
      "that RequireDualStack needs two cluster IPs",
      told(service("a", { spec: { ipFamilyPolicy: "RequireDualStack" } }), [tiny]),
      'ipFamilyPolicy RequireDualStack needs two cluster IPs, the Service has ["10.96.0.1"]: use PreferDualStack, or a dual-stack cluster',
    ],
    [
      "the same when it has none at all",
      told(service("a", { spec: { clusterIPs: [], ipFamilyPolicy: "RequireDualStack" } }), [tiny]),
      "ipFamilyPolicy RequireDualStack needs two cluster IPs, the Service has []: use PreferDualStack, or a dual-stack cluster",
    ],
    [
      "that its pool has no second family",
      told(service("a", { spec: dualStack("PreferDualStack") }), [tiny]),
      'no IPv6 address from pool "tiny": no IPv6 addresses; a dual-stack Service takes both addresses from one pool',
    ],
  ];
  for (const [name, is, expected] of cases) test(name, () => equal(is, expected));

  test("of many that share an address the first three", () => {
    const sharing = (name: string, port: number): Service =>
      service(name, { annotations: { "metallb.io/allow-shared-ip": "k" }, spec: { ports: [{ port }] } });
    const crowd = ["b", "c", "d", "e", "f"].map((name, index) => sharing(name, 80 + index));
    match(
      told(wanting("192.0.2.9"), [tiny], crowd),
      /is in use by "default\/b", "default\/c", "default\/d" and 2 more: to share/,
    );
    match(
      told(wanting("192.0.2.9"), [tiny], crowd.slice(0, 3)),
      /is in use by "default\/b", "default\/c", "default\/d": to share/,
    );
  });

  test("no more than a message holds, whatever was written", () => {
    const long = "x".repeat(100_000);
    const labels = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`label-${index}`, "v".repeat(60)]));
    const strict = { ...tiny, ...scope({ serviceSelectors: selectors({ matchLabels: labels }) }) };
    for (const text of [
      told(wanting(long), [tiny]),
      told(wanting(Array.from({ length: 900 }, () => "10.0.0.1").join()), [tiny]),
      told(wanting("192.0.2.9", { "metallb.io/allow-shared-ip": long }), [tiny], [service("b")]),
      told(service("a", { annotations: { "metallb.io/loadBalancerIPs": long }, spec: { loadBalancerIP: long } }), [tiny]),
      told(named("tiny"), [strict]),
      told(service("a"), [strict]),
    ]) {
      ok(text.length > 20 && text.length < 800, `${text.length}: ${text.slice(0, 200)}`);
    }
  });
});
