import { Budget } from "../../membership/budget.ts";
import type { Conflict } from "./conflict.ts";
import type { Grounds } from "./grounds.ts";
import type { RivalEffect } from "./rival-event.ts";
import type { Sighting } from "./sighting.ts";

/** A conflict is looked at so often. */
const lookMs = 500;
/** A hint that asks for proof is looked into after this, and counts again after this. */
const proofMs = 1000;
/** How often is asked whether the other machine still answers, and after which silence it is gone. */
const recheckMs = 10_000;
const overMs = 25_000;
/** RFC 5227 §2.4, DEFEND_INTERVAL. */
const defendMs = 10_000;
/** Conflicts that are known at once, and machines for one address. */
const maxConflicts = 1024;
const maxForAddress = 4;
/** Beginnings that are told: so many at once, and as many a minute. */
const toldAtOnce = 100;
/** A machine that claims so many addresses of this node seems to answer for every address. */
export const manyAddresses = 4;

type Case = {
  readonly conflict: Conflict;
  /** False: a hint that was seen once. */
  confirmed: boolean;
  told: boolean;
  quarantined: boolean;
  readonly since: number;
  seenAt: number;
  probeAt: number;
  probedAt: number | undefined;
};

/** Machines that claim addresses of this node without being members that stand for them. Bounded. */
export class Conflicts {
  readonly #grounds: Grounds;
  readonly #emit: (effect: RivalEffect) => void;
  readonly #byIp = new Map<string, Case[]>();
  readonly #addressesOf = new Map<string, number>();
  readonly #defendedAt = new Map<string, number>();
  readonly #budget: Budget;
  #size = 0;
  #lookAt = 0;

  constructor(grounds: Grounds, emit: (effect: RivalEffect) => void, now: number) {
    this.#grounds = grounds;
    this.#emit = emit;
    this.#budget = new Budget(toldAtOnce, toldAtOnce / 60, now);
  }

  get size(): number {
    return this.#size;
  }

  /** Those that are confirmed. */
  *values(): IterableIterator<Conflict> {
    for (const cases of this.#byIp.values()) for (const { confirmed, conflict } of cases) if (confirmed) yield conflict;
  }

  quarantined(ip: string): boolean {
    return this.#byIp.get(ip)?.some(({ quarantined }) => quarantined) ?? false;
  }

  /** True when the machine seems to answer for every address, as one that does proxy ARP. */
  claimsMany(mac: string): boolean {
    return (this.#addressesOf.get(mac) ?? 0) >= manyAddresses;
  }

  /** A machine that is no node claims the address. `proven`: it answered a probe. */
  host(sighting: Sighting, proven: boolean, now: number): void {
    const one = this.#find(sighting) ?? this.#add(sighting, "foreign", undefined, now);
    if (one === undefined) return;
    const certain = proven || this.#grounds.macsKnown() || now - one.since >= proofMs;
    if (!one.confirmed && certain) this.#confirm(one, now);
    const answered = one.probedAt !== undefined && now - one.probedAt < proofMs;
    this.#seen(one, now);
    if (one.confirmed && (proven || answered)) this.#quarantine(one);
  }

  /** A node's hardware address claims the address. What is known of it goes on; nothing begins. */
  ofNode(sighting: Sighting, now: number): void {
    const known = this.#find(sighting);
    if (known?.confirmed) this.#seen(known, now);
  }

  /** The node whose hardware address it is does not stand for the address: with the second hint it is a conflict. */
  unexplained(sighting: Sighting, node: string, cause: "denied" | "unanswered", now: number): void {
    const known = this.#find(sighting);
    if (known === undefined) {
      this.#add(sighting, cause, node, now);
      return;
    }
    known.seenAt = now;
    if (known.confirmed || now - known.since < proofMs) return;
    this.#confirm(known, now);
    this.#seen(known, now);
  }

  tick(now: number): void {
    if (now < this.#lookAt) return;
    this.#lookAt = now + lookMs;
    for (const [ip, cases] of [...this.#byIp]) {
      const wanted = this.#grounds.stand(ip) !== undefined;
      const strict = wanted && this.#grounds.policy(ip) === "quarantine";
      let due = false;
      for (const one of [...cases]) {
        if (!wanted || now - one.seenAt >= overMs) this.#end(one, !wanted);
        else {
          if (one.quarantined && !strict) this.#release(one);
          due = this.#isDue(one, now) || due;
        }
      }
      if (due) this.#emit({ type: "probe", ip });
    }
  }

  /** Undefined: nothing is under way. */
  nextAt(): number | undefined {
    return this.#size === 0 ? undefined : this.#lookAt;
  }

  #find({ ip, mac }: Sighting): Case | undefined {
    return this.#byIp.get(ip)?.find(({ conflict }) => conflict.mac === mac);
  }

  #add(sighting: Sighting, cause: Conflict["cause"], node: string | undefined, now: number): Case | undefined {
    const cases = this.#byIp.get(sighting.ip) ?? [];
    if (this.#size >= maxConflicts || cases.length >= maxForAddress) return undefined;
    const conflict: Conflict = { ...sighting, cause, node, policy: this.#grounds.policy(sighting.ip) };
    const times = { since: now, seenAt: now, probeAt: now + proofMs, probedAt: undefined };
    const one: Case = { conflict, confirmed: false, told: false, quarantined: false, ...times };
    cases.push(one);
    this.#byIp.set(sighting.ip, cases);
    this.#size += 1;
    if (this.#size === 1) this.#lookAt = now + lookMs;
    return one;
  }

  #confirm(one: Case, now: number): void {
    const { conflict } = one;
    const { mac } = conflict;
    const addresses = (this.#addressesOf.get(mac) ?? 0) + 1;
    this.#addressesOf.set(mac, addresses);
    one.confirmed = true;
    one.told = addresses <= manyAddresses && this.#budget.take(now);
    this.#emit({ type: "began", conflict, told: one.told });
    if (addresses === manyAddresses) this.#emit({ type: "claims-many", mac, addresses });
  }

  #seen(one: Case, now: number): void {
    one.seenAt = now;
    const { ip } = one.conflict;
    if (!one.confirmed) return;
    if (this.#grounds.policy(ip) !== "defend") return;
    if (now - (this.#defendedAt.get(ip) ?? Number.NEGATIVE_INFINITY) < defendMs) return;
    this.#defendedAt.set(ip, now);
    this.#emit({ type: "defend", ip });
  }

  #isDue(one: Case, now: number): boolean {
    if (now < one.probeAt) return false;
    one.probeAt = now + recheckMs;
    one.probedAt = now;
    return true;
  }

  /** Never for a node's own hardware address: whoever forges it would silence the address. */
  #quarantine(one: Case): void {
    const { ip } = one.conflict;
    if (one.quarantined || this.#grounds.policy(ip) !== "quarantine") return;
    const before = this.quarantined(ip);
    one.quarantined = true;
    if (!before) this.#emit({ type: "withheld-changed", ip });
  }

  #release(one: Case): void {
    const { ip } = one.conflict;
    if (!one.quarantined) return;
    one.quarantined = false;
    if (!this.quarantined(ip)) this.#emit({ type: "withheld-changed", ip });
  }

  #end(one: Case, released: boolean): void {
    const { conflict, told } = one;
    const { ip, mac } = conflict;
    this.#release(one);
    const rest = (this.#byIp.get(ip) ?? []).filter((other) => other !== one);
    if (rest.length > 0) this.#byIp.set(ip, rest);
    else {
      this.#byIp.delete(ip);
      this.#defendedAt.delete(ip);
    }
    this.#size -= 1;
    if (!one.confirmed) return;
    const addresses = (this.#addressesOf.get(mac) ?? 1) - 1;
    if (addresses === 0) this.#addressesOf.delete(mac);
    else this.#addressesOf.set(mac, addresses);
    this.#emit({ type: "ended", conflict, told, released });
  }
}
