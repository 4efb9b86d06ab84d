import fc from "fast-check";
import type { Service } from "../../crds/types/kubernetes.ts";
import { KubeError } from "../framework/api/kube-api.ts";
import type { FakeRequest } from "../framework/fake/fake-api.ts";
import { foreignCondition } from "../reconcilers/fake/foreign-condition.ts";
import type { HistoryWorld } from "./history-world.ts";
import { brokenPlans, poolPlans } from "./pool-plans.ts";
import { asking, nameOf, serviceKeys } from "./service-plans.ts";

/** One thing that happens, and how long it is before the next; undefined: until all is at rest. */
export type Step = {
  readonly text: string;
  readonly run: (world: HistoryWorld) => void | Promise<void>;
  readonly thenMs: number | undefined;
  readonly [fc.toStringMethod]?: () => string;
};

type Deed = Omit<Step, "thenMs">;

const deed = (text: string, run: Deed["run"]): Deed => ({ text, run });
const always = (text: string, run: Deed["run"]): fc.Arbitrary<Deed> => fc.constant(deed(text, run));
const key = fc.constantFrom(...serviceKeys);

const edits: readonly (readonly [string, (service: Service) => Service])[] = [
  ["make ClusterIP", (service) => retyped(service, "ClusterIP")],
  ["make ExternalName", (service) => retyped(service, "ExternalName")],
  ["make LoadBalancer", (service) => ({ ...service, spec: { ...service.spec, type: "LoadBalancer" } })],
  ["add hostname to", (service) => withIngress(service, (ingress) => [...ingress, { hostname: "lb.example" }])],
  [
    "proxy",
    (service) => withIngress(service, (ingress) => ingress.map((entry) => (entry.ip ? { ...entry, ipMode: "Proxy" } : entry))),
  ],
  [
    "add foreign address to",
    (service) => withIngress(service, (ingress) => (ingress.length === 0 ? [{ ip: "203.0.113.9" }] : ingress)),
  ],
  [
    "add pool address to",
    (service) => withIngress(service, (ingress) => (ingress.length === 0 ? [{ ip: "10.0.0.1" }] : ingress)),
  ],
  ["add condition to", withForeignCondition],
  [
    "touch",
    (service) => ({ ...service, metadata: { ...service.metadata, labels: { ...service.metadata.labels, touched: "x" } } }),
  ],
];

const services = fc.oneof(
  { weight: 3, arbitrary: key.map((of) => deed(`delete ${of}`, (world) => world.deleteService(nameOf(of)))) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(key, fc.constantFrom(...edits))
      .map(([of, [text, change]]) => deed(`${text} ${of}`, (world) => world.editService(nameOf(of), change))),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("default", "team"), fc.constantFrom<Record<string, string>>({}, { tier: "gold" }))
      .map(([of, labels]) => deed(`label ${of} ${JSON.stringify(labels)}`, (world) => world.labelNamespace(of, labels))),
  },
);

const planned = Object.entries(poolPlans).flatMap(([name, plans]) => plans.map((plan, index) => ({ name, plan, index })));
const pools = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(...planned)
      .map(({ name, plan, index }) => deed(`pool ${name} ${index}`, (world) => world.putPool(name, plan))),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom("p", "q", "r").map((name) => deed(`delete pool ${name}`, (world) => world.deletePool(name))),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom("p", "q"), fc.nat(brokenPlans.length - 1))
      .map(([name, index]) => deed(`break pool ${name} ${index}`, (world) => world.putPool(name, brokenPlans[index]))),
  },
  { weight: 1, arbitrary: fc.boolean().map((is) => deed(`advertisement ${is}`, (world) => world.putAdvertisement(is))) },
);

const which = fc.constantFrom<"leader" | "other">("leader", "leader", "other");
const processes = fc.oneof(
  {
    weight: 3,
    arbitrary: always("restart", async (world) => {
      await world.stop(world.replica("leader"));
      world.start();
    }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(which, fc.boolean()).map(([of, arrives]) =>
      deed(`kill ${of}, late writes ${arrives}`, (world) => {
        world.kill(world.replica(of), arrives);
        if (world.running.length === 0) world.start();
      }),
    ),
  },
  { weight: 3, arbitrary: always("start", (world) => world.start()) },
  {
    weight: 4,
    arbitrary: always("hand over", async (world) => {
      world.start();
      await world.wait(1_000);
      await world.stop(world.replica("leader"));
    }),
  },
  {
    weight: 1,
    arbitrary: which.map((of) => deed(`stop ${of}`, (world) => world.stop(world.replica(of)))),
  },
  { weight: 3, arbitrary: which.map((of) => deed(`hang ${of}`, (world) => world.replica(of)?.line.hang())) },
  {
    weight: 2,
    arbitrary: which.map((of) =>
      deed(`hang writes of ${of}`, (world) => world.replica(of)?.line.hang(({ verb }) => verb === "patch" || verb === "apply")),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(which, fc.constantFrom("ipaddresspools", "services", "namespaces", "leases"))
      .map(([of, plural]) =>
        deed(`hang ${plural} of ${of}`, (world) =>
          world.replica(of)?.line.hang(({ verb, type }) => type.plural === plural && (verb === "watch" || plural === "leases")),
        ),
      ),
  },
  { weight: 2, arbitrary: which.map((of) => deed(`cut ${of}`, (world) => world.replica(of)?.line.cut())) },
  {
    weight: 4,
    arbitrary: always("mend", (world) => {
      for (const replica of world.running) world.mend(replica);
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(which, fc.integer({ min: 1, max: 4 }))
      .map(([of, count]) => deed(`lose ${count} answers of ${of}`, (world) => world.replica(of)?.line.loseAnswers(count))),
  },
);

const errors: readonly (readonly [string, Error])[] = [
  ["409", new KubeError("the object has been modified", 409, "Conflict")],
  ["429", new KubeError("too many requests", 429, "TooManyRequests", 1)],
  ["500", new KubeError("etcdserver: leader changed", 500, "InternalError")],
  ["reset", new Error("read ECONNRESET")],
];

const requests: readonly (readonly [string, (request: FakeRequest) => boolean])[] = [
  ["writes of Services", ({ verb, type }) => verb === "patch" && type.plural === "services"],
  ["writes", ({ verb }) => verb === "patch" || verb === "apply" || verb === "create"],
  ["lists and watches", ({ verb }) => verb === "list" || verb === "watch"],
  ["gets", ({ verb }) => verb === "get"],
  ["everything", () => true],
];

const weather = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(...errors), fc.constantFrom(...requests), fc.integer({ min: 1, max: 6 }))
      .map(([[name, error], [what, matches], times]) =>
        deed(`${times} times ${name} for ${what}`, (world) => world.storm(matches, error, times)),
      ),
  },
  { weight: 1, arbitrary: always("watches end", (world) => world.api.breakWatches()) },
  { weight: 1, arbitrary: always("watches break", (world) => world.api.breakWatches(new Error("read ECONNRESET"))) },
  {
    weight: 1,
    arbitrary: always("compaction", (world) => {
      world.api.compact();
      world.api.breakWatches();
    }),
  },
  { weight: 1, arbitrary: always("bookmarks", (world) => world.api.bookmark()) },
);

const disasters = fc.oneof(
  { weight: 2, arbitrary: always("definitions go", (world) => world.removeDefinitions()) },
  { weight: 2, arbitrary: always("definitions come", (world) => world.applyDefinitions()) },
  { weight: 3, arbitrary: always("objects are applied", (world) => world.applyObjects()) },
  {
    weight: 2,
    arbitrary: fc.boolean().map((whole) =>
      deed(`definitions are replaced${whole ? ", and objects applied" : ""}`, (world) => {
        world.removeDefinitions();
        world.applyDefinitions();
        if (whole) world.applyObjects();
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom("ipaddresspools", "ipaddresspools", "namespaces", "services")
      .map((plural) => deed(`forbid ${plural}`, (world) => world.forbid(plural))),
  },
  { weight: 2, arbitrary: always("allow", (world) => world.allow()) },
  { weight: 1, arbitrary: fc.boolean().map((is) => deed(`MetalLB ${is}`, (world) => world.putMetalLB(is))) },
  { weight: 2, arbitrary: always("backup", (world) => world.takeBackup()) },
  { weight: 4, arbitrary: always("restore", (world) => world.restoreBackup()) },
);

const pause = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  { weight: 4, arbitrary: fc.constantFrom(0, 1, 10, 30, 400, 2_500, 6_500) },
);

const put = asking.map((service) => {
  const { namespace, name, annotations } = service.metadata;
  return deed(`put ${namespace}/${name} ${JSON.stringify([annotations, service.spec])}`, (world) => world.putService(service));
});

function steps(deeds: fc.Arbitrary<Deed>, minLength: number, maxLength: number): fc.Arbitrary<readonly Step[]> {
  const step = fc.tuple(deeds, pause).map(([{ text, run }, thenMs]) => {
    const whole = thenMs === undefined ? text : `${text}; after ${thenMs} ms`;
    return { text: whole, run, thenMs, [fc.toStringMethod]: () => whole };
  });
  return fc.array(step, { minLength, maxLength, size: "max" });
}

const anything = fc.oneof(
  { weight: 9, arbitrary: fc.oneof({ weight: 1, arbitrary: put }, { weight: 1, arbitrary: services }) },
  { weight: 4, arbitrary: pools },
  { weight: 4, arbitrary: processes },
  { weight: 2, arbitrary: weather },
  { weight: 3, arbitrary: disasters },
);

/** Everything that can happen, once there are some Services. */
export const history: fc.Arbitrary<readonly Step[]> = fc
  .tuple(steps(put, 0, 6), steps(anything, 3, 25))
  .map(([first, rest]) => [...first, ...rest]);

function retyped({ spec, status, ...rest }: Service, type: "ClusterIP" | "ExternalName"): Service {
  const { loadBalancerClass: _, ...others } = spec ?? {};
  const { loadBalancer: __, ...left } = status ?? {};
  return { ...rest, spec: { ...others, type }, status: left };
}

function withIngress(
  service: Service,
  change: (
    ingress: readonly NonNullable<NonNullable<NonNullable<Service["status"]>["loadBalancer"]>["ingress"]>[number][],
  ) => readonly object[],
): Service {
  if (service.spec?.type !== "LoadBalancer") return service;
  const ingress = change(service.status?.loadBalancer?.ingress ?? []);
  return { ...service, status: { ...service.status, loadBalancer: { ingress } } };
}

function withForeignCondition({ status, ...service }: Service): Service {
  const others = (status?.conditions ?? []).filter(({ type }) => type !== foreignCondition.type);
  return { ...service, status: { ...status, conditions: [...others, foreignCondition] } };
}
