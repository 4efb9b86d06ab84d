import type { BgpAdvertisement, L2Advertisement, Pool, Snapshot } from "../../crds/config/snapshot.ts";
import type { ClusterContext } from "../../speaker/intent/context.ts";
import { nodeExclusion } from "../../speaker/intent/eligibility.ts";

/** What two contexts do not have in common, as far as it decides whether a Service is announced. */
export type ContextChange = {
  /** Nodes that may own what they might not before, or the other way round. */
  readonly nodes: ReadonlySet<string>;
  /** By the names of the pools that differ, appeared and gone ones included. */
  readonly pools: ReadonlyMap<string, PoolChange>;
};

/** `whole`: any Service of the pool may stand otherwise. Else only the nodes that its advertisements select differ. */
export type PoolChange = {
  readonly whole: boolean /** Nodes that an advertisement no longer selects. */;
  readonly lost: ReadonlySet<string>;
};

const whole: PoolChange = { whole: true, lost: new Set() };

/** Costs a look at every node and every pool, never at a Service. */
export function changeBetween(before: ClusterContext, after: ClusterContext): ContextChange {
  return { nodes: changedNodes(before, after), pools: changedPools(before.snapshot, after.snapshot) };
}

function changedNodes(before: ClusterContext, after: ClusterContext): ReadonlySet<string> {
  const names = [before, after].flatMap(({ nodes, members, foreignSpeakers }) => [
    ...nodes.keys(),
    ...members.alive,
    ...foreignSpeakers,
  ]);
  return new Set(names.filter((name) => standingOfNode(name, before) !== standingOfNode(name, after)));
}

function standingOfNode(name: string, { nodes, members, foreignSpeakers, options }: ClusterContext): string {
  const exclusion = nodeExclusion(nodes.get(name), options.ignoreExcludeLB) ?? "none";
  return `${nodes.has(name)} ${members.alive.has(name)} ${foreignSpeakers.has(name)} ${exclusion}`;
}

function changedPools(before: Snapshot, after: Snapshot): ReadonlyMap<string, PoolChange> {
  const changes = new Map<string, PoolChange>();
  if (before === after) return changes;
  const compare = advertisementComparison();
  for (const pool of before.pools) if (!after.poolByName.has(pool.name)) changes.set(pool.name, whole);
  for (const pool of after.pools) {
    const former = before.poolByName.get(pool.name);
    const change = former === undefined ? whole : changeOf(former, pool, compare);
    if (change !== undefined) changes.set(pool.name, change);
  }
  return changes;
}

type Comparison = (before: L2Advertisement, after: L2Advertisement) => PoolChange | undefined;

function changeOf(before: Pool, after: Pool, compare: Comparison): PoolChange | undefined {
  if (before.l2.length !== after.l2.length || addressesText(before) !== addressesText(after)) return whole;
  if (bgpText(before.bgp) !== bgpText(after.bgp)) return whole;
  const lost = new Set<string>();
  let differs = false;
  for (const [index, advertisement] of after.l2.entries()) {
    const former = before.l2[index];
    const change = former === undefined ? whole : compare(former, advertisement);
    if (change?.whole) return whole;
    if (change !== undefined) differs = true;
    for (const node of change?.lost ?? []) lost.add(node);
  }
  return differs ? { whole: false, lost } : undefined;
}

/** What of them decides whether a Service is announced. */
function bgpText(advertisements: readonly BgpAdvertisement[]): string {
  return JSON.stringify(
    advertisements.map(({ name, nodes, serviceSelectors, peers, localPref, aggregationLength, notReady }) => [
      name,
      [...nodes],
      serviceSelectors.map(({ text }) => text),
      peers,
      localPref,
      aggregationLength,
      notReady === undefined,
    ]),
  );
}

/** Many pools have the same advertisement: it is compared once. */
function advertisementComparison(): Comparison {
  const known = new Map<L2Advertisement, { readonly before: L2Advertisement; readonly change: PoolChange | undefined }>();
  return (before, after) => {
    const answer = known.get(after);
    if (answer?.before === before) return answer.change;
    const change = advertisementChange(before, after);
    known.set(after, { before, change });
    return change;
  };
}

function advertisementChange(before: L2Advertisement, after: L2Advertisement): PoolChange | undefined {
  if (before.name !== after.name || selectorsText(before) !== selectorsText(after)) return whole;
  const lost = new Set([...before.nodes].filter((node) => !after.nodes.has(node)));
  return lost.size === 0 && before.nodes.size === after.nodes.size ? undefined : { whole: false, lost };
}

function addressesText({ entries }: Pool): string {
  return entries.map(({ text }) => text).join(" ");
}

function selectorsText({ serviceSelectors }: L2Advertisement): string {
  return serviceSelectors.map(({ text }) => text).join("\n");
}
