import { type PoolSelection, poolFilter } from "../advertisement-selectors.ts";
import type { Backend } from "../backend.ts";
import type { Finding } from "../finding.ts";
import type { Identity } from "../identity.ts";
import type { NodeSets } from "../node-sets.ts";
import { attachmentKey, compareText, type Incumbents, incumbentKey } from "../seniority.ts";
import type { BfdProfile, Peer, Pool } from "../snapshot.ts";
import { PoolGrain } from "./aggregation.ts";
import { echoFinding } from "./bfd-echo.ts";
import { contradict, localPrefConflict, type Owned } from "./local-preference.ts";
import { nativeFinding } from "./native-limits.ts";
import { PeerConflicts, type RankedPeer } from "./peer-conflicts.ts";

/** What peers and advertisements are compared by. */
export type BgpTableOptions = {
  /** In force, without BGP advertisements. */
  readonly pools: readonly Pool[];
  readonly bfdProfiles: ReadonlyMap<string, BfdProfile>;
  readonly nodes: NodeSets;
  readonly backend: Backend;
  readonly incumbents: Incumbents;
};

/** A BGPAdvertisement and the pools that it is for. */
export type SelectingAdvertisement = Owned & { readonly pools: PoolSelection };

/** What became of a candidate, and what is wrong with it beside those that stood before it. */
export type Taken = { readonly stands: boolean; readonly said: readonly Finding[] };

/** Enough to mend an object by. */
const clashesAtMost = 20;

type Row = { readonly grain: PoolGrain; readonly attached: Owned[] };

/** What stands so far. A builder: it grows as candidates are taken in. */
export class BgpTable {
  readonly #options: BgpTableOptions;
  readonly #conflicts: PeerConflicts;
  readonly #peers: RankedPeer[] = [];
  readonly #rows: readonly Row[];

  constructor(options: BgpTableOptions) {
    this.#options = options;
    this.#conflicts = new PeerConflicts(options.nodes, options.backend);
    this.#rows = options.pools.map((pool) => ({ grain: new PoolGrain(pool), attached: [] }));
  }

  get peers(): readonly Peer[] {
    return this.#peers.map(({ peer }) => peer).sort((a, b) => compareText(a.name, b.name));
  }

  get pools(): readonly Pool[] {
    return this.#rows.map(({ grain: { pool }, attached }) => ({
      ...pool,
      bgp: attached.map(({ advertisement }) => advertisement).sort((a, b) => compareText(a.name, b.name)),
    }));
  }

  /** Takes in a peer, or sets it aside. */
  takePeer({ identity, peer }: RankedPeer): Taken {
    const { found, contested } = this.#judgePeer({ identity, peer });
    const stands = this.#isIncumbent(identity) || !found.some(isError);
    const left = contested.size === 0 ? peer : { ...peer, nodes: without(peer.nodes, contested) };
    if (stands) this.#peers.push({ identity, peer: left });
    return { stands, said: found.slice(0, clashesAtMost) };
  }

  /** What is wrong with a peer beside all that stands. */
  saidOfPeer(ranked: RankedPeer): readonly Finding[] {
    return this.#judgePeer(ranked).found.slice(0, clashesAtMost);
  }

  #judgePeer(ranked: RankedPeer): { readonly found: readonly Finding[]; readonly contested: ReadonlySet<string> } {
    const conflicts = this.#peers.map((earlier) => this.#conflicts.between(ranked, earlier));
    const errors = conflicts.filter(({ findings }) => findings.some(isError));
    return {
      found: [...conflicts.flatMap(({ findings }) => findings), ...this.#echoOfPeer(ranked)],
      contested: new Set(errors.flatMap(({ on = [] }) => [...on])),
    };
  }

  /** Attaches an advertisement to its pools, or sets it aside. */
  takeAdvertisement(owned: SelectingAdvertisement): Taken {
    const { identity, advertisement } = owned;
    const { rows, found } = this.#judgeAdvertisement(owned);
    const isIncumbent = this.#isIncumbent(identity);
    for (const { row, misfits, clashes } of rows) {
      const wasThere = this.#options.incumbents.has(attachmentKey(advertisement.name, row.grain.pool.name));
      const stays = isIncumbent && clashes.length === 0 && (misfits.length === 0 || wasThere);
      if (found.length === 0 || stays) row.attached.push({ identity, advertisement });
    }
    return { stands: found.length === 0 || isIncumbent, said: found.slice(0, clashesAtMost) };
  }

  /** What is wrong with an advertisement beside all that stands. */
  saidOfAdvertisement(owned: SelectingAdvertisement): readonly Finding[] {
    return this.#judgeAdvertisement(owned).found.slice(0, clashesAtMost);
  }

  #judgeAdvertisement(owned: SelectingAdvertisement) {
    const selects = poolFilter(owned.pools);
    const rows = this.#rows.filter(({ grain }) => selects(grain.pool)).map((row) => ({ row, ...this.#problems(owned, row) }));
    const found = [
      ...rows.flatMap(({ misfits, clashes }) => [...misfits, ...clashes]),
      ...this.#echoOfAdvertisement(owned, rows),
    ];
    return { rows, found };
  }

  /** What the advertisement cannot be on this pool, and what it cannot be beside others there. */
  #problems(
    owned: Owned,
    { grain, attached }: Row,
  ): { readonly misfits: readonly Finding[]; readonly clashes: readonly Finding[] } {
    const { ref } = owned.identity;
    const { name } = grain.pool;
    const native =
      this.#options.backend === "native" && grain.holds("IPv6")
        ? [
            {
              ...nativeFinding(ref, "spec", `pool "${name}" has IPv6 addresses, which are not announced`),
              others: [{ ...ref, kind: "IPAddressPool", name }],
            },
          ]
        : [];
    const earlier = attached.filter(({ advertisement }) => contradict(owned.advertisement, advertisement, grain));
    return {
      misfits: [...grain.misfits(ref, owned.advertisement), ...native],
      clashes: earlier.slice(0, clashesAtMost).map((each) => localPrefConflict(owned, each, grain)),
    };
  }

  #echoOfPeer(ranked: RankedPeer): readonly Finding[] {
    if (!this.#sendsEcho(ranked)) return [];
    for (const { grain, attached } of this.#rows) {
      const earlier = grain.holds("IPv6") ? attached.find(({ advertisement }) => targets(advertisement, ranked.peer)) : undefined;
      if (earlier !== undefined) return [echoFinding(ranked.identity, ranked, earlier, grain.pool.name)];
    }
    return [];
  }

  #echoOfAdvertisement(owned: Owned, rows: readonly { readonly row: Row }[]): readonly Finding[] {
    const name = rows.find(({ row }) => row.grain.holds("IPv6"))?.row.grain.pool.name;
    if (name === undefined) return [];
    const peers = this.#peers.filter((each) => this.#sendsEcho(each) && targets(owned.advertisement, each.peer));
    return peers.slice(0, clashesAtMost).map((ranked) => echoFinding(owned.identity, ranked, owned, name));
  }

  #sendsEcho({ peer: { bfdProfile } }: RankedPeer): boolean {
    return bfdProfile !== undefined && this.#options.bfdProfiles.get(bfdProfile)?.echoMode === true;
  }

  #isIncumbent({ ref }: Identity): boolean {
    return this.#options.incumbents.has(incumbentKey(ref.kind, ref.name));
  }
}

function targets({ peers }: { readonly peers: readonly string[] }, { name }: Peer): boolean {
  return peers.length === 0 || peers.includes(name);
}

function isError({ severity }: Finding): boolean {
  return severity === "error";
}

function without(names: ReadonlySet<string>, contested: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...names].filter((name) => !contested.has(name)));
}
