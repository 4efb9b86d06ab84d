import type { Family } from "../../../crds/net/address.ts";
import type { Prefix } from "../../../crds/net/prefix.ts";
import type { UpdateMessage } from "../../codec/bgp/message.ts";
import type { AsNumberWidth } from "../../codec/bgp/update-context.ts";
import type { Route } from "../route.ts";
import type { AttributeSet } from "./attribute-set.ts";
import { equalHops, type NextHops } from "./next-hop.ts";
import { outgoingAttributes, type SessionKind } from "./outgoing-attributes.ts";
import { familyOfKey, octetsOfKey, type PrefixKey, prefixOfKey } from "./prefix-key.ts";
import type { Routes } from "./route-table.ts";
import { type StagedGroup, StagedUpdates } from "./staged-updates.ts";
import { announcementFrame, type UpdateFrame, withdrawalFrames } from "./update-packing.ts";

/** What of an established session decides what is sent on it, and how. */
export type OutgoingSession = SessionKind &
  AsNumberWidth & {
    /** Families that both sides named; routes of others are not sent. */
    readonly families: readonly Family[];
    readonly nextHops: NextHops;
  };

/** What holds at the moment. Until it is complete, routes wait for others that go into the same message. */
export type PresentRoutes = Pick<Routes, "keys" | "attributesOf" | "complete">;

/** Prefixes that one call of {@link AdjRibOut.next} looks at: half a millisecond's work. */
const LOOKS_AT_ONCE = 256;

/** As they are written on the present session; forgotten with the attributes. */
type Frames = { readonly [family in Family]: WeakMap<AttributeSet, UpdateFrame> };

const noFrames = (): Frames => ({ IPv4: new WeakMap(), IPv6: new WeakMap() });

/** Takes the place of attributes that the peer wants to be told again. */
const toldAgain: AttributeSet = { key: "", attributes: { localPref: 0, asPathPrepend: 0, communities: [] } };

/**
 * What one peer was told, and what it is to be told. Holds no messages: each is made when the session has room for it, from
 * what holds at that moment, so that a slow peer costs nothing and hears of changes that came meanwhile only once.
 */
export class AdjRibOut {
  readonly #routes: PresentRoutes;
  #session: OutgoingSession | undefined;
  readonly #sent = new Map<PrefixKey, AttributeSet>();
  /** Prefixes whose route may have changed. */
  readonly #pending = new Set<PrefixKey>();
  /** Goes through all routes, or all that was sent; undefined: not needed any more. */
  #sweep: Iterator<PrefixKey> | undefined;
  readonly #staged = new StagedUpdates();
  #frames: Frames = noFrames();
  readonly #unsendable = new Set<PrefixKey>();
  #withdrawing = false;

  constructor(routes: PresentRoutes) {
    this.#routes = routes;
  }

  /** The session is established: the peer knows nothing and is told everything. */
  open(session: OutgoingSession): void {
    this.close();
    this.#session = session;
    this.#sweep = this.#routes.keys();
  }

  /** The session is over, and with it what the peer was told. */
  close(): void {
    this.#session = undefined;
    this.#sweep = undefined;
    this.#withdrawing = false;
    this.#frames = noFrames();
    for (const part of [this.#sent, this.#pending, this.#staged, this.#unsendable]) part.clear();
  }

  /** @param keys of the route table's answer to a change. */
  changed(keys: Iterable<PrefixKey>): void {
    if (this.#session === undefined) return;
    for (const key of keys) this.#pending.add(key);
  }

  /** The peer asked for all routes of the family once more. RFC 2918. */
  refresh(family: Family): void {
    if (this.#session === undefined || this.#withdrawing) return;
    for (const key of this.#sent.keys()) if (familyOfKey(key) === family) this.#sent.set(key, toldAgain);
    this.#sweep = this.#routes.keys();
  }

  /** The session's next hops are others: the peer is told so of all routes of the families concerned. */
  setNextHops(nextHops: NextHops): void {
    if (this.#session === undefined) return;
    const former = this.#session.nextHops;
    const others = this.#session.families.filter((family) => !equalHops(former[family], nextHops[family]));
    if (others.length === 0) return;
    this.#session = { ...this.#session, nextHops };
    this.#frames = noFrames();
    for (const family of others) this.refresh(family);
  }

  /** From now on the peer is to be told nothing, and all that it was told is withdrawn. */
  withdrawAll(): void {
    this.#withdrawing = true;
    this.#sweep = this.#sent.keys();
  }

  /**
   * The next UPDATEs, at most `limit`. What they say counts as told. An empty answer does not mean that nothing is left: ask
   * {@link idle}.
   */
  next(limit: number): readonly UpdateMessage[] {
    const messages: UpdateMessage[] = [];
    let looks = LOOKS_AT_ONCE;
    while (messages.length < limit) {
      looks -= this.#stage(looks);
      const group = this.#staged.take({ changes: this.#pending.size > 0, sweep: this.#sweep !== undefined || this.#moreToCome });
      if (group === undefined) break;
      const message = this.#messageOf(group);
      if (message !== undefined) messages.push(message);
    }
    return messages;
  }

  /** Nothing is left to be told, unless routes change or become complete. */
  get idle(): boolean {
    return this.#session === undefined || this.#toldAll;
  }

  /** How many prefixes the peer was told and not withdrawn from it. */
  get size(): number {
    return this.#sent.size;
  }

  /** What the peer was told, but for what it is being told again. */
  *told(): IterableIterator<Route> {
    for (const [key, set] of this.#sent) {
      if (set !== toldAgain) yield { prefix: prefixOfKey(key), attributes: set.attributes };
    }
  }

  /** Prefixes that cannot be told, as their attributes alone fill a message. */
  get unsendable(): readonly PrefixKey[] {
    return [...this.#unsendable];
  }

  get #toldAll(): boolean {
    return this.#sweep === undefined && this.#pending.size === 0 && (this.#staged.size === 0 || this.#moreToCome);
  }

  get #moreToCome(): boolean {
    return !this.#routes.complete && !this.#withdrawing;
  }

  /** Changes first, then what the sweep finds. @returns how many prefixes it looked at. */
  #stage(most: number): number {
    let looks = 0;
    for (const key of this.#pending) {
      if (looks >= most || this.#staged.satisfied) return looks;
      looks += 1;
      this.#pending.delete(key);
      this.#stageOne(key);
    }
    while (this.#sweep !== undefined && looks < most && !this.#staged.satisfied) {
      looks += 1;
      const { done, value } = this.#sweep.next();
      if (done === true) this.#sweep = undefined;
      else this.#stageOne(value);
    }
    return looks;
  }

  #stageOne(key: PrefixKey): void {
    const wanted = this.#wanted(key);
    if (!this.#differs(key, wanted?.set)) return;
    const family = familyOfKey(key);
    this.#staged.add(key, family, wanted?.set, (wanted?.frame ?? withdrawalFrames[family]).room);
  }

  /** Says only what still holds of the group: since it was staged, its routes may have changed, or may have been told. */
  #messageOf({ family, set, keys }: StagedGroup): UpdateMessage | undefined {
    const prefixes: Prefix[] = [];
    let frame: UpdateFrame = withdrawalFrames[family];
    for (const key of keys) {
      const wanted = this.#wanted(key);
      if (wanted?.set.key !== set?.key || !this.#differs(key, wanted?.set)) continue;
      if (wanted === undefined) this.#sent.delete(key);
      else this.#sent.set(key, wanted.set);
      frame = wanted?.frame ?? frame;
      prefixes.push(prefixOfKey(key));
    }
    return prefixes.length === 0 ? undefined : frame.messageWith(prefixes);
  }

  /** The peer was told something else of the prefix. */
  #differs(key: PrefixKey, wanted: AttributeSet | undefined): boolean {
    return this.#sent.get(key)?.key !== wanted?.key;
  }

  #wanted(key: PrefixKey): { readonly set: AttributeSet; readonly frame: UpdateFrame } | undefined {
    this.#unsendable.delete(key);
    const set = this.#withdrawing ? undefined : this.#routes.attributesOf(key);
    const frame = set && this.#frameFor(set, familyOfKey(key));
    if (set === undefined || frame === undefined) return undefined;
    if (frame.room >= octetsOfKey(key)) return { set, frame };
    this.#unsendable.add(key);
    return undefined;
  }

  /** Undefined: routes of the family are not sent on this session. */
  #frameFor(set: AttributeSet, family: Family): UpdateFrame | undefined {
    const session = this.#session;
    const nextHops = session?.nextHops[family];
    if (session === undefined || nextHops === undefined || !session.families.includes(family)) return undefined;
    const known = this.#frames[family].get(set);
    if (known !== undefined) return known;
    const frame = announcementFrame(family, outgoingAttributes(set.attributes, session), nextHops, session);
    this.#frames[family].set(set, frame);
    return frame;
  }
}
