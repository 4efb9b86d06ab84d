import { formatAddress, parseAddress } from "../../../crds/net/address.ts";
import { announceable } from "../../intent/announceable.ts";
import { candidacyFor } from "../../intent/candidates.ts";
import type { Context } from "../../intent/context.ts";
import type { L2Announcement } from "../../intent/intent.ts";
import { rank } from "../../intent/l2-election.ts";
import type { Sighting } from "../../l2/conflict/sighting.ts";
import { Takeovers } from "../../l2/conflict/takeovers.ts";
import type { Cluster } from "../intent/cluster.ts";
import type { WantedAddresses } from "./wanted-addresses.ts";

export type TakeoverDeskOptions = {
  readonly node: string;
  readonly cluster: Pick<Cluster, "service" | "endpoints" | "stayingSpeakers">;
  readonly context: () => Context | undefined;
  readonly wanted: WantedAddresses;
  /** The node that has told of this hardware address over the membership protocol. */
  readonly nodeOf: (mac: string) => string | undefined;
  /** The other speakers cannot be asked whether they live, though they may. */
  readonly cautious: () => boolean;
  readonly addressProbeMs: number;
};

/** From one node's question to the next one's, by the order of the election: longer than a probe takes. */
const turnMs = 250;
const lastTurn = 4;
/** Thousands of addresses are asked about at once: whether there are others is looked up now and then. */
const othersForMs = 500;

/**
 * Keeps this node from taking an address that another member still answers for, while members cannot be asked: the membership port is
 * filtered, or was from the start. Then all take their own silence for the others' death.
 */
export class TakeoverDesk {
  readonly #options: TakeoverDeskOptions;
  readonly #takeovers: Takeovers;
  /** Hardware addresses of speakers that were never heard, as the segment says: enough to hold back, not to yield. */
  readonly #learned = new Map<string, string>();
  /** The speakers that are asked for theirs, by their address. */
  readonly #learning = new Map<string, string>();
  #others = { at: Number.NEGATIVE_INFINITY, any: false };

  constructor(options: TakeoverDeskOptions) {
    this.#options = options;
    this.#takeovers = new Takeovers(options.addressProbeMs);
  }

  /** Whether {@link holds} has to be asked at all: nothing is held where there are no other speakers. */
  isActive(now: number): boolean {
    if (!this.#options.cautious()) return false;
    if (now - this.#others.at >= othersForMs) this.#others = { at: now, any: this.#anyOther() };
    return this.#others.any;
  }

  /** Whether the address, which this node was elected for and does not announce, is not to be taken yet. Asked while {@link isActive}. */
  holds(ip: string, now: number): boolean {
    const delayMs = this.#takeovers.isWaiting(ip) ? 0 : this.#turnOf(ip) * turnMs;
    return !this.#takeovers.take(ip, delayMs, now);
  }

  isWaiting(ip: string): boolean {
    return this.#takeovers.isWaiting(ip);
  }

  waiting(): readonly string[] {
    return this.#takeovers.waiting();
  }

  /** Addresses that {@link forget} may concern. */
  get size(): number {
    return this.#takeovers.size;
  }

  forget(ips: Iterable<string>): void {
    for (const ip of ips) this.#takeovers.forget(ip);
  }

  /** Takes a probe's result. @returns true when the address may be taken now. */
  probed(ip: string, sightings: readonly Sighting[], now: number): boolean {
    const neighbour = this.#learning.get(ip);
    this.#learning.delete(ip);
    if (neighbour !== undefined) for (const { mac } of sightings) this.#learned.set(mac, neighbour);
    return this.#takeovers.answered(ip, this.#isHeldByMember(sightings), now);
  }

  /** @returns what to probe for, and which addresses may be taken though nobody said who has them. */
  tick(now: number): { readonly probe: readonly L2Announcement[]; readonly free: readonly string[] } {
    if (!this.#options.cautious()) return { probe: [], free: this.#end() };
    const { ask, free } = this.#takeovers.tick(now);
    if (ask.length === 0) return { probe: [], free };
    const { wanted } = this.#options;
    return { probe: [...this.#toLearn(), ...ask.flatMap((ip) => wanted.announcementOf(ip) ?? [])], free };
  }

  nextAt(): number | undefined {
    return this.#takeovers.nextAt();
  }

  /** @returns what may be taken since the members can be asked again. */
  #end(): readonly string[] {
    this.#learned.clear();
    this.#learning.clear();
    return this.#takeovers.end();
  }

  #anyOther(): boolean {
    const { cluster, node: self } = this.#options;
    return cluster.stayingSpeakers().some(({ node }) => node !== self);
  }

  /** One whose speaker is being stopped, or that gives its addresses away, waits for this node to take them. */
  #isHeldByMember(sightings: readonly Sighting[]): boolean {
    const { cluster, nodeOf } = this.#options;
    const staying = new Set(cluster.stayingSpeakers().map(({ node }) => node));
    return sightings.some(({ mac }) => {
      const node = nodeOf(mac) ?? this.#learned.get(mac);
      return node !== undefined && staying.has(node);
    });
  }

  /** Questions for the hardware addresses of speakers that have not told theirs. The first to be answered. */
  #toLearn(): readonly L2Announcement[] {
    const { node: self, cluster } = this.#options;
    const { facts = new Map() } = this.#options.context()?.members ?? {};
    const known = new Set([...this.#learned.values(), ...facts.keys()]);
    return cluster.stayingSpeakers().flatMap(({ node, address: text }) => {
      const address = parseAddress(text);
      if (address === undefined || node === self || known.has(node)) return [];
      this.#learning.set(formatAddress(address), node);
      return [{ address, interfaces: [] }];
    });
  }

  /**
   * How many nodes come before this one, if all of them live. Those that hear nobody hold each other dead, and would take the same
   * address at the same time.
   */
  #turnOf(ip: string): number {
    const { node: self, cluster, wanted } = this.#options;
    const context = this.#options.context();
    const [service = ""] = wanted.servicesOf(ip);
    if (context === undefined) return 0;
    const { members } = context;
    const everybody = { ...context, members: { ...members, alive: new Set([...members.alive, ...members.dead]) } };
    const subject = announceable(cluster.service(service), cluster.endpoints(service), everybody);
    if (typeof subject === "string") return 0;
    const { candidates } = candidacyFor(subject, everybody);
    const turn = rank(candidates, subject.ip, context.sha256).findIndex(({ node }) => node === self);
    return Math.min(lastTurn, Math.max(0, turn));
  }
}
