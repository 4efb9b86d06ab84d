import fc from "fast-check";
import type { EndpointView, ServiceView } from "../../../speaker/intent/cluster.ts";
import type { ClusterContext } from "../../../speaker/intent/context.ts";
import { advertisement, context, node, pool, selecting, service, snapshot } from "../../../speaker/intent/fixture/world.ts";
import type { Sha256 } from "../../../speaker/intent/l2-election.ts";

export const nodeNames = ["a", "b", "c", "d"];

/** A Service and its endpoints. */
export type Subject = { readonly service: ServiceView; readonly endpoints: readonly EndpointView[] };

const someNodes = fc.subarray(nodeNames);
const selectors = fc.constantFrom([], [selecting({ tier: "gold" })]);

const anyPool = (name: string, entries: readonly string[]) =>
  fc
    .array(fc.record({ nodes: someNodes, serviceSelectors: selectors, name: fc.constantFrom("x", "y") }), { maxLength: 2 })
    .chain((l2) =>
      fc.subarray([...entries], { minLength: 1 }).map((texts) =>
        pool(
          name,
          texts,
          l2.map(({ nodes, ...rest }) => advertisement(nodes, rest)),
        ),
      ),
    );

/** Contexts of a small cluster, whose members are known. */
export function anyContext(sha256: Sha256): fc.Arbitrary<ClusterContext> {
  const anyNode = fc.record({ networkUnavailable: fc.boolean(), excluded: fc.boolean() });
  const labels = { "node.kubernetes.io/exclude-from-external-load-balancers": "" };
  return fc
    .record({
      pools: fc.tuple(anyPool("p", ["192.0.2.0/25", "fc00::/64"]), anyPool("q", ["192.0.2.128/25"])),
      present: fc.subarray([true, false], { minLength: 1 }),
      nodes: fc.dictionary(fc.constantFrom(...nodeNames), anyNode),
      alive: someNodes,
      foreign: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: someNodes }),
      ignoreExcludeLB: fc.boolean(),
    })
    .map(({ pools, present, nodes, alive, foreign, ignoreExcludeLB }) =>
      context(nodeNames, sha256, {
        snapshot: snapshot(pools.slice(0, present.length)),
        nodes: new Map(
          Object.entries(nodes).map(([name, { networkUnavailable, excluded }]) => [
            name,
            node(name, { networkUnavailable, labels: excluded ? labels : {} }),
          ]),
        ),
        members: { alive: new Set(alive), joined: true },
        foreignSpeakers: new Set(foreign),
        options: { lbClass: undefined, ignoreExcludeLB },
      }),
    );
}

/** Services of all kinds of that cluster. */
export const anySubject: fc.Arbitrary<Subject> = fc
  .record({
    ingress: fc.constantFrom(["192.0.2.1"], ["192.0.2.129"], ["192.0.2.1", "fc00::1"], ["198.51.100.1"], ["not one"], []),
    tier: fc.constantFrom("gold", "tin"),
    shares: fc.boolean(),
    local: fc.boolean(),
    endpoints: fc.array(fc.record({ nodeName: fc.constantFrom(...nodeNames), canServe: fc.boolean() }), { maxLength: 3 }),
  })
  .map(({ ingress, tier, shares, local, endpoints }) => ({
    endpoints,
    service: service({
      ingress,
      labels: { tier },
      annotations: shares ? { "metallb.io/allow-shared-ip": "key" } : {},
      externalTrafficPolicy: local ? "Local" : "Cluster",
    }),
  }));
