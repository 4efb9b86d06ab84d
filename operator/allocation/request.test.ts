import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { formatAddress } from "../../crds/net/address.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { service } from "./fake/services.ts";
import { requestOf } from "./request.ts";

type Annotations = Readonly<Record<string, string>>;

/** What a Service with these annotations wants, in one line. */
function wish(annotations: Annotations, spec: NonNullable<Service["spec"]> = {}): string {
  const { wish } = requestOf(service("a", { annotations, spec }));
  switch (wish.kind) {
    case "any":
      return "any";
    case "pool":
      return `pool ${wish.pool}`;
    case "addresses":
      return [...wish.addresses.map(formatAddress), ...(wish.pool === undefined ? [] : [`from ${wish.pool}`])].join(" ");
    case "invalid":
      return wish.reason.code;
  }
}

describe("a Service wants", () => {
  const cases: readonly [string, string, Annotations, NonNullable<Service["spec"]>?][] = [
    ["anything, when nothing is said", "any", {}],
    ["the pool of the annotation", "pool p", { "metallb.io/address-pool": "p" }],
    ["the pool of the deprecated annotation", "pool p", { "metallb.universe.tf/address-pool": "p" }],
    [
      "the pool of the present annotation when both are there",
      "pool p",
      { "metallb.io/address-pool": "p", "metallb.universe.tf/address-pool": "q" },
    ],
    [
      "nothing that a present, empty annotation hides",
      "any",
      { "metallb.io/address-pool": "", "metallb.universe.tf/address-pool": "q" },
    ],
    ["one address", "10.0.0.1", { "metallb.io/loadBalancerIPs": "10.0.0.1" }],
    ["the address of the deprecated annotation", "10.0.0.1", { "metallb.universe.tf/loadBalancerIPs": "10.0.0.1" }],
    [
      "no address that a present, empty annotation hides",
      "any",
      { "metallb.io/loadBalancerIPs": "", "metallb.universe.tf/loadBalancerIPs": "10.0.0.1" },
    ],
    ["two addresses, blanks around them left out", "10.0.0.1 fd00::1", { "metallb.io/loadBalancerIPs": " 10.0.0.1 , fd00::1 " }],
    ["two addresses in the order given", "fd00::1 10.0.0.1", { "metallb.io/loadBalancerIPs": "fd00::1,10.0.0.1" }],
    ["addresses of one pool", "10.0.0.1 from p", { "metallb.io/loadBalancerIPs": "10.0.0.1", "metallb.io/address-pool": "p" }],
    ["the address of spec.loadBalancerIP", "10.0.0.1", {}, { loadBalancerIP: "10.0.0.1" }],
    [
      "the address of spec.loadBalancerIP from a pool",
      "10.0.0.1 from p",
      { "metallb.io/address-pool": "p" },
      { loadBalancerIP: "10.0.0.1" },
    ],
    [
      "the impossible with both annotation and field",
      "TwoRequests",
      { "metallb.io/loadBalancerIPs": "10.0.0.1" },
      { loadBalancerIP: "10.0.0.1" },
    ],
    ["the impossible with two in spec.loadBalancerIP", "RequestInvalid", {}, { loadBalancerIP: "10.0.0.1,fd00::1" }],
    ["the impossible with two of one family", "RequestInvalid", { "metallb.io/loadBalancerIPs": "10.0.0.1,10.0.0.2" }],
    ["the impossible with three", "RequestInvalid", { "metallb.io/loadBalancerIPs": "10.0.0.1,fd00::1,10.0.0.2" }],
    ["the impossible with an empty element", "RequestInvalid", { "metallb.io/loadBalancerIPs": "10.0.0.1," }],
    ["the impossible with blanks alone", "RequestInvalid", { "metallb.io/loadBalancerIPs": " " }],
    ["the impossible with a prefix", "RequestInvalid", { "metallb.io/loadBalancerIPs": "10.0.0.0/24" }],
  ];
  for (const [name, expected, annotations, spec] of cases) test(name, () => equal(wish(annotations, spec), expected));
});

describe("the family of a Service is", () => {
  const cases: readonly [string, ReturnType<typeof requestOf>["families"], NonNullable<Service["spec"]>][] = [
    ["that of its cluster IP", "IPv4", { clusterIPs: ["10.96.0.1"] }],
    ["that of spec.clusterIP when there is no list", "IPv6", { clusterIPs: [], clusterIP: "fd00:96::1" }],
    ["that of the list, not of spec.clusterIP", "IPv6", { clusterIPs: ["fd00:96::1"], clusterIP: "10.96.0.1" }],
    ["dual with one of each", "dual", { clusterIPs: ["fd00:96::1", "10.96.0.1"] }],
    ["unknown without cluster IPs", undefined, { clusterIPs: [] }],
    ["unknown for a headless Service", undefined, { clusterIPs: ["None"] }],
    ["unknown with two of one family", undefined, { clusterIPs: ["10.96.0.1", "10.96.0.2"] }],
    ["unknown with three", undefined, { clusterIPs: ["10.96.0.1", "fd00:96::1", "10.96.0.2"] }],
    ["unknown with one that is none", undefined, { clusterIPs: ["10.96.0.1", "None"] }],
  ];
  for (const [name, expected, spec] of cases) test(name, () => equal(requestOf(service("a", { spec })).families, expected));
});

test("the primary family is the first of spec.ipFamilies, or IPv4", () => {
  const primary = (spec: NonNullable<Service["spec"]>) => requestOf(service("a", { spec })).primary;
  deepEqual(
    [primary({ ipFamilies: ["IPv6", "IPv4"] }), primary({ ipFamilies: ["IPv4", "IPv6"] }), primary({})],
    ["IPv6", "IPv4", "IPv4"],
  );
});

test("both are required under RequireDualStack only", () => {
  const required = (["SingleStack", "PreferDualStack", "RequireDualStack"] as const).map(
    (ipFamilyPolicy) => requestOf(service("a", { spec: { ipFamilyPolicy } })).requireDual,
  );
  deepEqual(required, [false, false, true]);
});

describe("the terms of sharing are", () => {
  const terms = (annotations: Annotations, spec: NonNullable<Service["spec"]> = {}) => {
    const { sharingKey, backendKey, ports } = requestOf(service("a", { annotations, spec }));
    return { sharingKey, backendKey, ports };
  };
  test("the annotation's key, in both spellings, where a present and empty one hides the other", () => {
    equal(terms({}).sharingKey, "");
    equal(terms({ "metallb.io/allow-shared-ip": "k" }).sharingKey, "k");
    equal(terms({ "metallb.universe.tf/allow-shared-ip": "k" }).sharingKey, "k");
    equal(terms({ "metallb.io/allow-shared-ip": "", "metallb.universe.tf/allow-shared-ip": "k" }).sharingKey, "");
  });
  test("the pod selector under Local, sorted, and nothing under Cluster", () => {
    const selector = { tier: "x", app: "y" };
    equal(terms({}, { selector, externalTrafficPolicy: "Local" }).backendKey, "app=y,tier=x");
    equal(terms({}, { selector, externalTrafficPolicy: "Cluster" }).backendKey, "");
    equal(terms({}, { selector }).backendKey, "");
    equal(terms({}, { externalTrafficPolicy: "Local" }).backendKey, "", "as in MetalLB: a Local Service without a selector");
  });
  test("each port with its protocol, TCP when none is said, once", () => {
    const ports = [
      { port: 80 },
      { port: 53, protocol: "UDP" },
      { port: 80, protocol: "TCP" },
      { port: 53, protocol: "TCP" },
    ] as const;
    deepEqual(terms({}, { ports }).ports, ["TCP/53", "TCP/80", "UDP/53"]);
  });
});

test("whatever a Service holds, it is read", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.string()),
      fc.array(fc.string()),
      fc.string(),
      (annotations, clusterIPs, loadBalancerIP) => {
        const text = { "metallb.io/loadBalancerIPs": loadBalancerIP, ...annotations };
        equal(requestOf(service("a", { annotations: text, spec: { clusterIPs, loadBalancerIP } })).service, "default/a");
        equal(requestOf({ metadata: { name: "bare" } }).service, "/bare");
      },
    ),
    { numRuns: 50 },
  );
});

test("a Service of which only the name is known wants anything, and shares nothing", () => {
  deepEqual(requestOf({ metadata: { name: "a" } }), {
    service: "/a",
    namespace: "",
    labels: {},
    hasClass: false,
    clusterIPs: [],
    families: undefined,
    requireDual: false,
    primary: "IPv4",
    wish: { kind: "any" },
    sharingKey: "",
    backendKey: "",
    ports: [],
  });
});
