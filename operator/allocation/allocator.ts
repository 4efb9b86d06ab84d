import type { Snapshot } from "../../crds/config/snapshot.ts";
import { servesClass } from "../../crds/load-balancer-class.ts";
import type { Address } from "../../crds/net/address.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { annotations, apiGroup } from "../../crds/types/well-known.ts";
import { AddressBook } from "./address-book.ts";
import type { Counters } from "./counters.ts";
import { decide, type Situation, situationOf } from "./decide.ts";
import { type Holding, heldBy, includesAddress, leaving, tenuresOf, without } from "./holdings.ts";
import { needOf } from "./need.ts";
import { requestOf, serviceKey } from "./request.ts";
import type { Reservation } from "./reservations.ts";
import { clashOf } from "./sharing.ts";
import type { Verdict } from "./verdict.ts";
import { Waiting } from "./waiting.ts";

/** What happened since it was last asked for. */
export type Changes = {
  /** Services that something which became free may help, by `namespace/name`. */
  readonly woken: readonly string[];
  /** Names of pools whose counters changed. */
  readonly counted: ReadonlySet<string>;
  /** Names of pools whose reservations changed. */
  readonly reserved: ReadonlySet<string>;
};

type Held = Pick<Holding, "addresses" | "isForeign" | "isWritten"> & Partial<Pick<Holding, "former" | "pool">>;

/**
 * Gives addresses to Services. Deterministic and without input or output: the Services' statuses are its memory, and
 * {@link Allocator.adopt} must have seen every one of them before the first {@link Allocator.decide}.
 *
 * What was decided is held at once, what it replaces is held until {@link Allocator.commit}: so between a decision and
 * its write no address can go to two Services, whatever becomes of the write.
 */
export class Allocator {
  readonly #waiting = new Waiting();
  readonly #book = new AddressBook(this.#waiting);
  readonly #classFlag: string;
  readonly #shows: (service: string, address: Address) => boolean;
  readonly #overtaken = new Set<string>();

  /**
   * @param classFlag which classes to serve, as {@link servesClass} reads it.
   * @param shows whether the status of a Service has an address, for all that is known: it may be decided on only later.
   */
  constructor(classFlag: string, shows: (service: string, address: Address) => boolean = () => true) {
    this.#classFlag = classFlag;
    this.#shows = shows;
  }

  /**
   * Puts pools in force. Nothing is released by this: the Services of a changed pool are to be decided again.
   * @param unreadable names of pools that exist, and are not in `snapshot` as they are; perhaps as they once were.
   */
  usePools(snapshot: Snapshot, unreadable: ReadonlySet<string>): void {
    this.#book.usePools(snapshot, unreadable);
    this.#waiting.forgetPools();
  }

  /**
   * Takes over what a Service's status shows, unless somebody holds it already and may not share it: so adopted in the
   * order of {@link olderFirst}, the older of two Services keeps it, whatever the order of a list.
   */
  adopt(service: Service): void {
    if (service.spec?.type !== "LoadBalancer") return;
    const request = requestOf(service);
    const situation = situationOf(service, request, undefined);
    const isForeign = !this.#serves(service);
    const pool = isForeign ? "" : (situation.recordedPool ?? "");
    this.#put(situation, { addresses: this.#uncontested(situation), isForeign, isWritten: true, pool });
  }

  /** Takes over what is kept for deleted Services; after everything was adopted. @param now ms since the epoch. */
  restore(reservations: Iterable<Reservation>, now: number): void {
    for (const reservation of reservations) this.#book.restore(reservation, now);
  }

  /** Decides one Service and holds what was decided for it. Repeating is harmless and gives the same. */
  decide(service: Service): Verdict {
    const holding = this.#book.of(serviceKey(service));
    if (service.spec?.type !== "LoadBalancer") return this.#takeBack(service, holding);
    const request = requestOf(service);
    const situation = situationOf(service, request, holding);
    if (!this.#serves(service)) return this.#leaveAlone(service, situation);
    this.#overtake(situation);
    const verdict = decide(this.#book, situation);
    this.#hold(situation, holding, verdict);
    this.#waiting.put(request, needOf(request, verdict));
    return verdict;
  }

  /** The last decision on this Service is known to be in its status: what it replaced is free. @param now ms since the epoch. */
  commit(key: string, now: number): void {
    const holding = this.#book.of(key);
    if (holding === undefined) return;
    const contested = holding.isForeign ? holding.contested : [];
    if (holding.isWritten && holding.former.length === 0 && contested.length === holding.contested.length) return;
    if (holding.addresses.length === 0) this.#reserve(holding, now); // one that lost them for a reason has no pool
    this.#book.put({ ...holding, former: [], contested, isWritten: true });
  }

  /** The Service is gone: everything that it held is free, or kept for its return. @param now ms since the epoch. */
  forget(key: string, now: number): void {
    this.#waiting.remove(key);
    const holding = this.#book.of(key);
    if (holding === undefined) return;
    this.#reserve(holding, now);
    this.#book.put({ ...holding, addresses: [], former: [], contested: [] });
  }

  /** Ends the reservations whose time has come. @param now ms since the epoch. */
  expire(now: number): void {
    this.#book.expire(now);
  }

  /** When the next reservation ends, ms since the epoch. */
  get nextEnd(): number | undefined {
    return this.#book.nextEnd;
  }

  /** What is kept of a pool's addresses, the oldest reservation first; undefined for a pool that is not in force. */
  reservations(pool: string): readonly Reservation[] | undefined {
    return this.#book.index.poolNamed(pool) && this.#book.reservationsIn(pool);
  }

  /** Undefined for a pool that is not in force. */
  counters(pool: string): Counters | undefined {
    return this.#book.counters(pool);
  }

  /** What the Service holds, including what it is about to lose; empty when nothing. */
  heldBy(key: string): readonly Address[] {
    return this.#book.heldBy(key);
  }

  /** Every Service that holds something. */
  holders(): readonly string[] {
    return this.#book.holders();
  }

  /** Hands over what happened since the last call. */
  takeChanges(): Changes {
    const woken = [...this.#overtaken, ...this.#waiting.wake((pool) => this.#book.roomIn(pool))];
    this.#overtaken.clear();
    return { woken, counted: this.#book.takeCounted(), reserved: this.#book.takeReserved() };
  }

  /** Services to decide again when these pools have changed: their holders, and who waits for them, or for any. */
  concernedBy(pools: ReadonlySet<string>): readonly string[] {
    return [...new Set([...this.#book.holdersIn(pools), ...this.#waiting.concernedBy(pools)])];
  }

  #serves({ spec }: Service): boolean {
    return servesClass(this.#classFlag, spec?.loadBalancerClass);
  }

  /** It no longer asks. What this program never gave is not its to take back. */
  #takeBack(service: Service, holding: Holding | undefined): Verdict {
    const key = serviceKey(service);
    this.#waiting.remove(key);
    const isGiven = holding !== undefined && holding.pool !== "";
    if (!isGiven && !(this.#serves(service) && isRecorded(service))) {
      if (holding !== undefined) this.#book.put({ ...holding, addresses: [], former: [], contested: [] });
      return { outcome: "ignore", unmet: [] };
    }
    if (holding !== undefined) this.#book.put({ ...holding, addresses: [], former: tenuresOf(holding), isWritten: false });
    return { outcome: "clear", lost: [{ code: "NotLoadBalancer" }], unmet: [] };
  }

  /** It belongs to another program. What its status shows is in use all the same. */
  #leaveAlone({ spec }: Service, situation: Situation): Verdict {
    const { request, published } = situation;
    this.#waiting.remove(request.service);
    this.#put(situation, { addresses: this.#uncontested({ ...situation, held: published }), isForeign: true, isWritten: true });
    const { loadBalancerClass = "" } = spec ?? {};
    const isOfOurKind = loadBalancerClass.startsWith(`${apiGroup}/`);
    return { outcome: "ignore", unmet: isOfOurKind ? [{ code: "ClassUnserved", loadBalancerClass }] : [] };
  }

  /**
   * An address that a Service shows is not taken from it for others who no longer do, though they would get back what somebody
   * took out of their statuses: they are to be decided again. After an outage a change of theirs may be known and not decided.
   */
  #overtake({ request, published }: Situation): void {
    for (const address of published) {
      if (this.#book.clash(address, request) === undefined) continue;
      const rivals = this.#book
        .tenantsOf(address)
        .filter((tenant) => clashOf(request.service, request, [tenant]) !== undefined)
        .flatMap(({ service }) => this.#book.of(service) ?? []);
      if (rivals.some(({ service, isWritten }) => !isWritten || this.#shows(service, address))) continue;
      for (const rival of rivals) {
        this.#book.put(leaving(rival, address));
        this.#overtaken.add(rival.service);
      }
    }
  }

  #hold(situation: Situation, holding: Holding | undefined, verdict: Verdict): void {
    const mine = this.#uncontested(situation);
    const given = verdict.outcome === "keep" || verdict.outcome === "assign" ? verdict : undefined;
    const now = given?.addresses ?? (verdict.outcome === "ignore" ? mine : []);
    const known = holding === undefined ? [] : tenuresOf(holding);
    const fresh = without(
      mine,
      known.map(({ address }) => address),
    ).map((address) => ({ address, terms: situation.request }));
    const former = [...fresh, ...known].filter(({ address }) => !includesAddress(now, address));
    const isForeign = verdict.outcome === "ignore";
    const isWritten = isForeign || verdict.outcome === "keep";
    this.#put(situation, { addresses: now, former, isForeign, isWritten, pool: given?.pool ?? "" });
  }

  /** The addresses that the Service has and that nobody else stands on. */
  #uncontested({ request, held }: Situation): readonly Address[] {
    return held.filter((address) => this.#book.clash(address, request) === undefined);
  }

  #put({ request, published }: Situation, { addresses, former = [], isForeign, isWritten, pool = "" }: Held): void {
    const { service, sharingKey, backendKey, ports } = request;
    const held = [...addresses, ...former.map(({ address }) => address)];
    const contested = without(published, held).map((address) => ({ address, terms: request }));
    this.#book.put({ service, sharingKey, backendKey, ports, addresses, former, contested, isForeign, isWritten, pool });
  }

  /** Only what this program gave. */
  #reserve(holding: Holding, now: number): void {
    if (holding.pool === "") return;
    for (const address of heldBy(holding)) this.#book.reserve(holding.service, address, now);
  }
}

function isRecorded({ metadata }: Service): boolean {
  return metadata.annotations?.[annotations.ipAllocatedFromPool] !== undefined;
}

/** The order in which Services are adopted: the older one keeps what two hold. */
export function olderFirst(a: Service, b: Service): number {
  const [first, second] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (first !== second) return first < second ? -1 : 1;
  return serviceKey(a) < serviceKey(b) ? -1 : 1;
}
