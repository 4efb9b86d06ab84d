import type { Labelled } from "./allocation-scope.ts";
import { attachL2, unresolvedPools } from "./attachment.ts";
import type { Finding } from "./finding.ts";
import { identityOf, listOf } from "./identity.ts";
import { draftPool, type PoolDraft } from "./ip-address-pool.ts";
import { draftL2Advertisement, type L2Draft, NodeSets } from "./l2-advertisement.ts";
import { findingsOfWaiting } from "./not-yet-handled.ts";
import { settleOverlaps } from "./overlap.ts";
import { compareFindings, errorIn } from "./problem.ts";
import type { Resources } from "./resources.ts";
import { compareSeniority, compareText, type Incumbents } from "./seniority.ts";
import { emptySnapshot, type Snapshot } from "./snapshot.ts";

/** What the objects mean together, and everything that is wrong with them. */
export type Compiled = { readonly snapshot: Snapshot; readonly findings: readonly Finding[] };

const nobody: Incumbents = new Set();

/**
 * The only validator: what the objects mean, and what is wrong with each. Total: it never throws, whatever the objects
 * hold. The order of the objects does not matter. An object with an error is set aside alone; the snapshot is what the
 * others mean.
 * @param incumbents objects that keep their addresses against any other, as `kind/name`; see {@link Incumbents}.
 */
export function compile(resources: Resources, incumbents: Incumbents = nobody): Compiled {
  const namespaces = labelledOf("Namespace", resources.namespaces);
  const nodes = new NodeSets(labelledOf("Node", resources.nodes));
  const drafts = listOf(resources.pools).map((raw) => draftPool(raw, namespaces));
  const { unique, findings: repeated } = uniqueByName(drafts, incumbents);
  const { standing, findings: overlaps } = settleOverlaps(unique, incumbents);
  const advertisements = listOf(resources.l2Advertisements)
    .map((raw) => draftL2Advertisement(raw, nodes))
    .sort((a, b) => compareText(a.identity.name, b.identity.name) || compareText(contentOf(a), contentOf(b)));

  const bare = standing.flatMap(({ pool }) => (pool === undefined ? [] : [pool])).sort((a, b) => compareText(a.name, b.name));
  const pools = attachL2(bare, advertisements);
  const poolByName = new Map(pools.map((pool) => [pool.name, pool]));
  const known = new Set(drafts.map(({ identity }) => identity.name));
  const findings = [
    drafts.flatMap((draft) => draft.findings),
    repeated,
    overlaps,
    advertisements.flatMap((draft) => draft.findings),
    unresolvedPools(advertisements, new Set(poolByName.keys()), known),
    waitingFindings(resources),
  ];
  return { snapshot: { ...emptySnapshot, pools, poolByName }, findings: findings.flat().sort(compareFindings) };
}

function waitingFindings(resources: Resources): readonly Finding[] {
  return [
    listOf(resources.bgpAdvertisements).map((raw) => findingsOfWaiting("BGPAdvertisement", raw)),
    listOf(resources.bgpPeers).map((raw) => findingsOfWaiting("BGPPeer", raw)),
    listOf(resources.bfdProfiles).map((raw) => findingsOfWaiting("BFDProfile", raw)),
    listOf(resources.communities).map((raw) => findingsOfWaiting("Community", raw)),
  ].flat(2);
}

function labelledOf(kind: string, list: unknown): readonly Labelled[] {
  return listOf(list)
    .map((raw) => identityOf(kind, raw))
    .filter(({ name }) => name !== "");
}

/** One draft for each name: the API server keeps names unique, files and tests may not. */
function uniqueByName(
  drafts: readonly PoolDraft[],
  incumbents: Incumbents,
): { readonly unique: readonly PoolDraft[]; readonly findings: readonly Finding[] } {
  const byName = new Map<string, PoolDraft>();
  const findings: Finding[] = [];
  const ordered = drafts.toSorted(
    (a, b) =>
      Number(a.pool === undefined) - Number(b.pool === undefined) ||
      compareSeniority(a.identity, b.identity, incumbents) ||
      compareText(contentOf(a), contentOf(b)),
  );
  for (const draft of ordered) {
    const { name, ref } = draft.identity;
    if (!byName.has(name) || name === "") byName.set(name, draft);
    else findings.push(errorIn(ref, "DuplicateName", "metadata.name", `another pool is called "${name}" already: rename one`));
  }
  return { unique: [...byName.values()], findings };
}

/** Tells objects of one name apart, so that the order they came in does not. */
function contentOf(draft: PoolDraft | L2Draft): string {
  return JSON.stringify(draft, (_key, value: unknown) => {
    if (typeof value === "bigint") return value.toString();
    if (value instanceof Set) return [...value];
    return value instanceof Map ? [...value] : value;
  });
}
