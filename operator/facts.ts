import type { Finding } from "../crds/config/finding.ts";
import type { FactsHandler } from "./framework/http/metrics-server.ts";
import type { Configuration } from "./reconcilers/configuration.ts";
import { int64 } from "./reconcilers/int64.ts";
import type { CountersOf } from "./reconcilers/ip-address-pool.ts";

/** What one replica of the operator knows. */
export type Knowledge = {
  readonly identity: string;
  readonly leading: boolean;
  /** Who holds the Lease as last seen. */
  readonly leader: string | undefined;
  /** Pods of MetalLB that run: while there are any, nothing is allocated. */
  readonly metallbPods: readonly string[];
  /** Undefined until everything has been read once. */
  readonly configuration: Configuration | undefined;
  /** MetalLB's old ConfigMap, while it is there. */
  readonly legacy: Finding | undefined;
  readonly counters: ReturnType<CountersOf>;
  /** What each Service lacks, by `namespace/name`; undefined while this replica does not allocate. */
  readonly needs: ReadonlyMap<string, string> | undefined;
  /** Why no node announces each Service that was told so, by `namespace/name`; undefined while this replica does not tell. */
  readonly silent: ReadonlyMap<string, string> | undefined;
};

/** The answer stays readable and small, however much is wrong. */
const listedAtMost = 1_000;

/** What the operator knows, by path; served behind the API server's authorization. */
export function factsHandlers(knowledge: () => Knowledge): Readonly<Record<string, FactsHandler>> {
  return {
    "/herald/v1/state": (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(`${JSON.stringify(stateOf(knowledge()))}\n`);
    },
  };
}

/** Plain data, sorted; of long lists the first thousand, with the number of all. */
export function stateOf(knowledge: Knowledge): object {
  const { identity, leading, leader, metallbPods, configuration, legacy, counters, needs, silent } = knowledge;
  const isInForce = (name: string): boolean => configuration?.adopted.snapshot.poolByName.has(name) ?? false;
  const findings = [...(legacy === undefined ? [] : [legacy]), ...(configuration?.adopted.findings ?? [])];
  return {
    identity,
    leading,
    leader: leader ?? null,
    allocating: needs !== undefined,
    metallbPods,
    pools: (configuration?.adopted.snapshot.pools ?? []).map(({ name, entries, l2 }) => ({
      name,
      addresses: entries.map(({ text }) => text),
      l2Advertisements: l2.map((advertisement) => advertisement.name),
      ...numbers(counters, name),
    })),
    unreadablePools: [...(configuration?.unreadable ?? [])].filter((name) => !isInForce(name)).sort(),
    waitingCount: needs?.size ?? 0,
    waiting: reasonsOf(needs),
    notAnnouncedCount: silent?.size ?? 0,
    notAnnounced: reasonsOf(silent),
    findingsCount: findings.length,
    findings: findings.slice(0, listedAtMost).map(factOf),
  };
}

function reasonsOf(reasons: ReadonlyMap<string, string> | undefined): readonly object[] {
  const sorted = [...(reasons ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.slice(0, listedAtMost).map(([service, why]) => ({ service, why }));
}

function numbers(counters: Knowledge["counters"], pool: string): object {
  const known = counters?.(pool);
  return known === undefined ? {} : Object.fromEntries(Object.entries(known).map(([name, value]) => [name, int64(value)]));
}

function factOf({ code, severity, object, field, message, remedy }: Finding): object {
  return { code, severity, object, ...(field !== undefined && { field }), message, ...(remedy !== undefined && { remedy }) };
}
