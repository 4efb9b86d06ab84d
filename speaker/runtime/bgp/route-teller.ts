import type { Family } from "../../../crds/net/address.ts";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import { AdjRibOut, type OutgoingSession } from "../../bgp/rib/adj-rib-out.ts";
import type { NextHops } from "../../bgp/rib/next-hop.ts";
import type { PrefixKey } from "../../bgp/rib/prefix-key.ts";
import type { Routes } from "../../bgp/rib/route-table.ts";
import type { UpdateMessage } from "../../codec/bgp/message.ts";

export type RouteTellerOptions = {
  readonly routes: Routes;
  readonly clock: Clock;
  readonly yieldThen: (run: () => void) => void;
  /** Everything has been sent, after every Service was decided on; once for each session. */
  readonly onComplete: () => void;
};

/** So many UPDATEs, or so long, before others get their turn: a full one of a thousand prefixes takes a millisecond. */
const UPDATES_AT_ONCE = 16;
const SLICE_MS = 2;
/** A change is told at once, and those that follow it closely together, every so often. */
const TELL_EVERY_MS = 50;

/** Tells one peer the routes: in portions, only while it reads, and before they are complete in full messages alone. */
export class RouteTeller {
  readonly #options: RouteTellerOptions;
  readonly #adjRibOut: AdjRibOut;
  #routes: Routes;
  /** Absent: no session is up. */
  #send: ((updates: readonly UpdateMessage[]) => boolean) | undefined;
  #blocked = false;
  #telling = false;
  #completeTold = false;
  /** The last changes were told then. */
  #toldAt = Number.NEGATIVE_INFINITY;
  /** Absent: no change waits. */
  #cancelWait: Cancel | undefined;

  constructor(options: RouteTellerOptions) {
    this.#options = options;
    this.#routes = options.routes;
    const present = (): Routes => this.#routes;
    this.#adjRibOut = new AdjRibOut({
      keys: () => present().keys(),
      attributesOf: (key) => present().attributesOf(key),
      get complete() {
        return present().complete;
      },
    });
  }

  /** @param send false: no more until {@link drained}. */
  open(session: OutgoingSession, send: (updates: readonly UpdateMessage[]) => boolean): void {
    this.#adjRibOut.open(session);
    this.#send = send;
    this.#blocked = false;
    this.#completeTold = false;
    this.#tell();
  }

  /** The node's addresses are others than when the session came up. */
  setNextHops(nextHops: NextHops): void {
    this.#adjRibOut.setNextHops(nextHops);
    this.#tellSoon();
  }

  close(): void {
    this.#adjRibOut.close();
    this.#send = undefined;
    this.#endWait();
  }

  /** From now on these are the routes. */
  setRoutes(routes: Routes): void {
    this.#routes = routes;
    this.changed(routes.keys());
  }

  changed(keys: Iterable<PrefixKey>): void {
    this.#adjRibOut.changed(keys);
    this.#tellSoon();
  }

  /** Every Service has been decided on. */
  routesComplete(): void {
    this.#tell();
  }

  /** The peer wants to hear all routes of the family again. */
  refresh(family: Family): void {
    this.#adjRibOut.refresh(family);
    this.#tellSoon();
  }

  /** Withdraws what was told, and tells nothing more. */
  withdrawAll(): void {
    if (this.#send === undefined) return;
    this.#adjRibOut.withdrawAll();
    this.#tell();
  }

  drained(): void {
    this.#blocked = false;
    this.#tell();
  }

  /** Prefixes that the peer was told. */
  get advertised(): number {
    return this.#adjRibOut.size;
  }

  /** Prefixes that cannot be told, as their attributes alone fill a message. */
  get unsendable(): number {
    return this.#adjRibOut.unsendable.length;
  }

  /** Nothing is left to be told. */
  get idle(): boolean {
    return this.#adjRibOut.idle;
  }

  #tellSoon(): void {
    const { clock } = this.#options;
    if (this.#send === undefined || this.#cancelWait !== undefined) return;
    const wait = this.#toldAt + TELL_EVERY_MS - clock.monotonic();
    if (wait > 0) this.#cancelWait = clock.after(wait, () => this.#tellNow());
    else this.#tellNow();
  }

  #tellNow(): void {
    this.#toldAt = this.#options.clock.monotonic();
    this.#tell();
  }

  #endWait(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  /** In a later turn. */
  #tell(): void {
    this.#endWait();
    if (this.#telling) return;
    this.#telling = true;
    this.#options.yieldThen(() => {
      this.#telling = false;
      this.#tellPortion();
    });
  }

  #tellPortion(): void {
    const send = this.#send;
    if (send === undefined || this.#blocked) return;
    const updates = this.#nextUpdates();
    if (updates.length > 0 && !send(updates)) this.#blocked = true;
    if (!this.#adjRibOut.idle) this.#tell();
    else if (this.#routes.complete && !this.#completeTold) {
      this.#completeTold = true;
      this.#options.onComplete();
    }
  }

  #nextUpdates(): readonly UpdateMessage[] {
    const { clock } = this.#options;
    const until = clock.monotonic() + SLICE_MS;
    const updates: UpdateMessage[] = [];
    do updates.push(...this.#adjRibOut.next(1));
    while (!this.#adjRibOut.idle && updates.length < UPDATES_AT_ONCE && clock.monotonic() < until);
    return updates;
  }
}
