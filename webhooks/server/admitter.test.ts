import { deepEqual, doesNotMatch, equal, match } from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { Backend } from "../../crds/config/backend.ts";
import { resourceTypes, type Service } from "../../crds/types/kubernetes.ts";
import { annotations } from "../../crds/types/well-known.ts";
import { KubeError } from "../../operator/framework/api/kube-api.ts";
import type { KubeObject } from "../../operator/framework/api/kube-object.ts";
import { FakeApi, type FakeRequest } from "../../operator/framework/fake/fake-api.ts";
import { FakeClock, settle } from "../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../operator/framework/fake/fake-log.ts";
import type { AdmissionRequest, Verdict } from "../admission/request.ts";
import { Admitter } from "./admitter.ts";
import { LiveResources } from "./live-resources.ts";
import { PoolConsequences } from "./pool-consequences.ts";
import { PoolGate } from "./pool-gate.ts";

const namespace = "metallb-system";
const kinds = ["IPAddressPool", "L2Advertisement", "BGPAdvertisement", "BGPPeer", "BFDProfile", "Community"] as const;
type Kind = (typeof kinds)[number];

/** A valid object of each kind. */
const specs: { readonly [kind in Kind]: object } = {
  IPAddressPool: { addresses: ["10.0.0.0/28"] },
  L2Advertisement: {},
  BGPAdvertisement: {},
  BGPPeer: { myASN: 64512, peerASN: 64513, peerAddress: "10.0.0.1" },
  BFDProfile: {},
  Community: {},
};

const named = { communities: [{ name: "a", value: "1:2" }] };

let stop = new AbortController();
afterEach(() => stop.abort());

class Bench {
  readonly api = new FakeApi();
  readonly clock = new FakeClock();
  readonly admitter: Admitter;

  constructor(backend: Backend = "herald") {
    stop = new AbortController();
    const { api, clock } = this;
    const policy = { namespace, backend };
    const live = new LiveResources({ api, namespace, clock });
    const gate = new PoolGate({ api, live, policy, clock, log: new FakeLog(), signal: stop.signal });
    const consequences = new PoolConsequences({ api, clock });
    this.admitter = new Admitter({ live, policy, gate, consequences, clock });
  }

  put(type: (typeof resourceTypes)[keyof typeof resourceTypes], name: string, rest: object = {}): void {
    const cluster = type === resourceTypes.nodes;
    this.api.put(type, { metadata: { name, ...(cluster ? {} : { namespace }) }, ...rest } as KubeObject);
  }

  /** Requests that `matches` accepts are never answered. */
  silence(matches: (request: FakeRequest) => boolean): () => void {
    return this.api.hook((request) => (matches(request) ? new Promise(() => undefined) : undefined));
  }

  async ask(kind: Kind, changes: Partial<AdmissionRequest> = {}, withinMs = 8_000): Promise<Verdict> {
    const apiVersion = kind === "BGPPeer" ? "metallb.io/v1beta2" : "metallb.io/v1beta1";
    const object = { apiVersion, kind, metadata: { name: "x", namespace, uid: "u", generation: 1 }, spec: specs[kind] };
    const request = {
      uid: "r",
      kind,
      operation: "CREATE",
      namespace,
      name: "x",
      object,
      oldObject: undefined,
      dryRun: false,
    } as const;
    let done = false;
    const answer = this.admitter.admit({ ...request, ...changes }, this.clock.monotonic() + withinMs).finally(() => {
      done = true;
    });
    for (let turn = 0; turn < 200 && !done; turn++) await this.clock.advance(100);
    return answer;
  }
}

function reasons(verdict: Verdict): string {
  return verdict.allowed ? "allowed" : verdict.reasons.join("\n");
}

const compared: { readonly [kind in Kind]: readonly string[] } = {
  IPAddressPool: ["leases", "ipaddresspools"],
  L2Advertisement: ["l2advertisements", "ipaddresspools"],
  BGPAdvertisement: ["bgpadvertisements", "ipaddresspools", "nodes"],
  BGPPeer: ["bgppeers", "nodes"],
  BFDProfile: ["bgppeers"],
  Community: ["communities"],
};

for (const kind of kinds) {
  test(`a ${kind} is admitted when the API server answers`, async () => equal((await new Bench().ask(kind)).allowed, true));

  test(`a ${kind} is refused with a clear sentence while the API server does not answer, before its author's time is up`, async () => {
    const bench = new Bench();
    bench.silence(() => true);
    match(
      reasons(await bench.ask(kind)),
      new RegExp(`^cannot .* ${kind} "x" .*: the API server did not answer within 8 s\\. .*try again\\.$`),
    );
    equal(bench.clock.monotonic() <= 8_000, true);
  });

  for (const plural of compared[kind]) {
    test(`a ${kind} is refused when ${plural} cannot be read`, async () => {
      const bench = new Bench();
      bench.api.fail(({ type }) => type.plural === plural, new KubeError(`${plural} is forbidden`, 403, "Forbidden"), 1000);
      match(reasons(await bench.ask(kind)), new RegExp(`${plural} is forbidden\\. Nothing was stored; try again\\.`));
    });

    test(`a ${kind} is refused when ${plural} are not told in time`, async () => {
      const bench = new Bench();
      bench.silence(({ type }) => type.plural === plural);
      match(reasons(await bench.ask(kind)), /did not answer within 8 s/);
    });
  }
}

for (const [backend, answer] of [
  [undefined, /^allowed$/],
  ["native", /^allowed$/],
  ["frr", /already exists, FRR mode doesn't support duplicate BGPPeers/],
] as const)
  test(`a second peer of one address meets the limits of ${backend ?? "Herald"}`, async () => {
    const bench = new Bench(backend);
    bench.put(resourceTypes.bgppeers, "older", { spec: specs.BGPPeer });
    match(reasons(await bench.ask("BGPPeer")), answer);
  });

const elsewhere: readonly (readonly [
  kind: Kind,
  plural: keyof typeof resourceTypes,
  spec: object,
  changes?: Partial<AdmissionRequest>,
])[] = [
  ["IPAddressPool", "ipaddresspools", specs.IPAddressPool],
  [
    "BGPAdvertisement",
    "ipaddresspools",
    { addresses: ["10.9.0.0/28"] },
    { object: { metadata: { name: "x" }, spec: { aggregationLength: 24 } } },
  ],
  ["BGPPeer", "bgppeers", specs.BGPPeer],
  ["Community", "communities", named, { object: { metadata: { name: "x" }, spec: named } }],
  ["BFDProfile", "bgppeers", { ...specs.BGPPeer, bfdProfile: "x" }, { operation: "DELETE", object: undefined }],
];
for (const [kind, plural, spec, changes] of elsewhere)
  test(`a ${kind} is compared with ${plural} of the operator's namespace, and with no other's`, async () => {
    const allowed = async (where: string) => {
      const bench = new Bench("frr");
      bench.api.put(resourceTypes[plural], { metadata: { name: "other", namespace: where }, spec } as KubeObject);
      return (await bench.ask(kind, changes)).allowed;
    };
    deepEqual([await allowed(namespace), await allowed("default")], [false, true]);
  });

test("a shorter time to answer is kept to", async () => {
  const bench = new Bench();
  bench.silence(({ verb }) => verb === "list");
  match(reasons(await bench.ask("Community", {}, 1_600)), /did not answer within 1\.6 s/);
  equal(bench.clock.monotonic() <= 1_700, true);
});

test("who waits for another pool's outcome is told so before the time is up, however short it is", async () => {
  const bench = new Bench();
  const lost = { metadata: { name: "lost", namespace, uid: "other", generation: 1 }, spec: specs.IPAddressPool };
  equal((await bench.ask("IPAddressPool", { uid: "first", name: "lost", object: lost })).allowed, true);
  match(reasons(await bench.ask("IPAddressPool", {}, 1_000)), /Another request for pool "lost" was admitted a moment ago/);
});

test("a request whose time is over when it is read is refused", async () => {
  const bench = new Bench();
  bench.silence(({ verb }) => verb === "list");
  match(reasons(await bench.ask("Community", {}, -5)), /did not answer within 0 s/);
});

test("a kind that nobody knows is refused", async () => {
  match(reasons(await new Bench().ask("Community", { kind: "Secret" })), /no rule is known for this kind/);
});

for (const kind of ["IPAddressPool", "Community"] as const)
  for (const silent of [true, false])
    test(`lists for warnings alone that ${silent ? "are slow" : "fail"} keep no ${kind} from being written, and the answer says so`, async () => {
      const bench = new Bench();
      const concerned = ({ type }: FakeRequest) => type.plural === "l2advertisements" || type.plural === "nodes";
      if (silent) bench.silence(concerned);
      else bench.api.fail(concerned, new KubeError("not found", 404, "NotFound"), 1000);
      const { allowed, warnings } = await bench.ask(kind);
      equal(allowed, true);
      match(warnings.join("\n"), /some warnings may be missing: l2advertisements, nodes could not be read/);
      doesNotMatch(warnings.join("\n"), /no advertisement selects/, "nobody knows");
      equal(bench.clock.monotonic() < 2_500, true);
    });

test("a peer's Secret that is not there, or of another type, is a warning; of Secrets nothing but the outline is kept", async () => {
  const spec = { ...specs.BGPPeer, passwordSecret: { name: "s" } };
  const object = { apiVersion: "metallb.io/v1beta2", kind: "BGPPeer", metadata: { name: "x", namespace, uid: "u" }, spec };
  const bench = new Bench();
  match((await bench.ask("BGPPeer", { object })).warnings.join("\n"), /secret ref not found/);
  bench.put(resourceTypes.secrets, "s", { type: "Opaque", data: { password: "c2VjcmV0" } });
  const { allowed, warnings } = await bench.ask("BGPPeer", { object });
  deepEqual([allowed, /type mismatch/.test(warnings.join("\n"))], [true, true]);
  bench.put(resourceTypes.secrets, "s", { type: "kubernetes.io/basic-auth", data: { password: "c2VjcmV0" } });
  doesNotMatch((await bench.ask("BGPPeer", { object })).warnings.join("\n"), /secret/);
});

test("what serves for warnings is not waited for once it is there", async () => {
  const bench = new Bench();
  await bench.ask("Community");
  equal(bench.clock.monotonic(), 100);
});

test("what a write is compared with is read at each request, nodes for warnings alone now and then", async () => {
  const bench = new Bench();
  const reads = (plural: string) =>
    bench.api.requests.filter(({ verb, type }) => verb === "list" && type.plural === plural).length;
  for (let n = 0; n < 3; n++) await bench.ask("L2Advertisement");
  deepEqual([reads("l2advertisements"), reads("ipaddresspools"), reads("nodes")], [3, 3, 1]);
  await bench.clock.advance(10_000);
  await bench.ask("L2Advertisement");
  equal(reads("nodes"), 2);
  await bench.ask("BGPPeer");
  equal(reads("nodes"), 3, "a peer is compared with nodes");
});

test("an API server that is back is asked at once, whatever it still owes", async () => {
  const bench = new Bench();
  const end = bench.silence(() => true);
  await bench.ask("IPAddressPool");
  end();
  await settle();
  equal((await bench.ask("IPAddressPool")).allowed, true);
});

test("a warning comes of what is stored", async () => {
  const bench = new Bench();
  bench.put(resourceTypes.nodes, "n1", { status: { addresses: [{ type: "InternalIP", address: "10.0.0.5" }] } });
  bench.put(resourceTypes.l2advertisements, "all");
  const { warnings } = await bench.ask("IPAddressPool");
  match(warnings.join("\n"), /holds 10\.0\.0\.5, the address of node "n1"/);
  doesNotMatch(warnings.join("\n"), /no advertisement selects/);
});

const shrunk: Partial<AdmissionRequest> = {
  operation: "UPDATE",
  object: { metadata: { name: "x", namespace, uid: "u", generation: 2 }, spec: { addresses: ["10.0.0.0/30"] } },
};

function withHolder(): Bench {
  const bench = new Bench();
  bench.put(resourceTypes.ipaddresspools, "x", { spec: specs.IPAddressPool });
  bench.api.put<Service>(resourceTypes.services, {
    metadata: { namespace: "default", name: "web", annotations: { [annotations.ipAllocatedFromPool]: "x" } },
    spec: { type: "LoadBalancer", clusterIPs: ["10.96.0.1"] },
    status: { loadBalancer: { ingress: [{ ip: "10.0.0.9" }] } },
  });
  return bench;
}

for (const [what, changes] of [
  ["shrinks a pool", shrunk],
  ["deletes a pool", { operation: "DELETE", object: undefined }],
] as const)
  test(`whoever ${what} is told first which Services lose addresses`, async () => {
    const { allowed, warnings } = await withHolder().ask("IPAddressPool", changes);
    deepEqual([allowed, warnings[0]?.startsWith("1 Service loses an address by this")], [true, true]);
  });

test("Services are not read for what is created, denied or of no account", async () => {
  const bench = withHolder();
  const reads = async (changes: Partial<AdmissionRequest>) => {
    const { length } = bench.api.requests;
    await bench.ask("IPAddressPool", changes);
    return bench.api.requests.slice(length).filter(({ type }) => type.plural === "services").length;
  };
  const denied = { metadata: { name: "x", namespace, uid: "u", generation: 2 }, spec: { addresses: ["nonsense"] } };
  deepEqual(
    [
      await reads({ name: "y", object: { metadata: { name: "y", namespace, uid: "v" }, spec: { addresses: ["10.1.0.0/30"] } } }),
      await reads({ ...shrunk, object: denied }),
      await reads({ ...shrunk, namespace: "default" }),
      await reads(shrunk),
    ],
    [0, 0, 0, 1],
  );
});

test("slow Services keep nobody from changing a pool", async () => {
  const bench = withHolder();
  bench.silence(({ type }) => type.plural === "services");
  const { allowed, warnings } = await bench.ask("IPAddressPool", shrunk);
  deepEqual([allowed, warnings.some((text) => text.startsWith("it was not looked at"))], [true, true]);
});

for (const kind of kinds)
  test(`the deletion of a ${kind} ${kind === "BFDProfile" ? "is refused" : "goes on"} while the API server does not answer`, async () => {
    const bench = new Bench();
    bench.silence(() => true);
    const answer = await bench.ask(kind, { operation: "DELETE", object: undefined });
    equal(answer.allowed, kind !== "BFDProfile");
    if (answer.allowed) match(answer.warnings.join(), /not looked at/);
  });

test("a BFDProfile that a peer uses cannot be deleted, another one can", async () => {
  const bench = new Bench();
  bench.put(resourceTypes.bgppeers, "router", { spec: { ...specs.BGPPeer, bfdProfile: "x" } });
  const deletion = { operation: "DELETE", object: undefined } as const;
  match(reasons(await bench.ask("BFDProfile", deletion)), /^failed to delete BFDProfile "x": used by BGPPeer "router"/);
  equal((await bench.ask("BFDProfile", { ...deletion, name: "y" })).allowed, true);
});
