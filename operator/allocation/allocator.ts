import type { Snapshot } from "../../crds/config/snapshot.ts";
import { servesClass } from "../../crds/load-balancer-class.ts";
import type { Address } from "../../crds/net/address.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { annotations, apiGroup } from "../../crds/types/well-known.ts";
import { AddressBook } from "./address-book.ts";
import type { Counters } from "./counters.ts";
import { decide, type Situation, situationOf } from "./decide.ts";
import { type Holding, heldBy, includesAddress, type Tenure, tenuresOf, without } from "./holdings.ts";
import { needOf, needOfThese } from "./need.ts";
import { type Request, requestOf, serviceKey } from "./request.ts";
import type { Reservation } from "./reservations.ts";
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

  /** @param classFlag which classes to serve, as {@link servesClass} reads it. */
  constructor(classFlag: string) {
    this.#classFlag = classFlag;
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
    this.#put(request, this.#uncontested(situation), [], this.#serves(service) ? (situation.recordedPool ?? "") : "");
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
    const verdict = decide(this.#book, situation);
    this.#hold(situation, holding, verdict);
    this.#waiting.put(request, needOf(request, verdict));
    return verdict;
  }

  /** The last decision on this Service is known to be in its status: what it replaced is free. @param now ms since the epoch. */
  commit(key: string, now: number): void {
    const holding = this.#book.of(key);
    if (holding === undefined || holding.former.length === 0) return;
    if (holding.addresses.length === 0) this.#reserve(holding, now); // one that lost them for a reason has no pool
    this.#book.put({ ...holding, former: [] });
  }

  /** The Service is gone: everything that it held is free, or kept for its return. @param now ms since the epoch. */
  forget(key: string, now: number): void {
    this.#waiting.remove(key);
    const holding = this.#book.of(key);
    if (holding === undefined) return;
    this.#reserve(holding, now);
    this.#book.put({ ...holding, addresses: [], former: [] });
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
    const woken = this.#waiting.wake((pool) => this.#book.roomIn(pool));
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
      if (holding !== undefined) this.#book.put({ ...holding, addresses: [], former: [] });
      return { outcome: "ignore", unmet: [] };
    }
    if (holding !== undefined) this.#book.put({ ...holding, addresses: [], former: tenuresOf(holding) });
    return { outcome: "clear", lost: [{ code: "NotLoadBalancer" }], unmet: [] };
  }

  /** It belongs to another program. What its status shows is in use all the same, as soon as nobody else stands on it. */
  #leaveAlone({ spec }: Service, situation: Situation): Verdict {
    const { request, published } = situation;
    const uncontested = this.#uncontested({ ...situation, held: published });
    const contested = without(published, uncontested);
    this.#waiting.put(request, contested.length === 0 ? undefined : needOfThese(contested));
    this.#put(request, uncontested, [], "");
    const { loadBalancerClass = "" } = spec ?? {};
    const isOfOurKind = loadBalancerClass.startsWith(`${apiGroup}/`);
    return { outcome: "ignore", unmet: isOfOurKind ? [{ code: "ClassUnserved", loadBalancerClass }] : [] };
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
    this.#put(situation.request, now, former, given?.pool ?? "");
  }

  /** The addresses that the Service has and that nobody else stands on. */
  #uncontested({ request, held }: Situation): readonly Address[] {
    return held.filter((address) => this.#book.clash(address, request) === undefined);
  }

  #put(
    { service, sharingKey, backendKey, ports }: Request,
    addresses: readonly Address[],
    former: readonly Tenure[],
    pool: string,
  ): void {
    this.#book.put({ service, sharingKey, backendKey, ports, addresses, former, pool });
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
