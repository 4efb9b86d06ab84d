import { formatAddress } from "../../../crds/net/address.ts";
import type { BgpMessage } from "../../codec/bgp/message.ts";
import { notificationFor } from "../../codec/bgp/notification.ts";
import { dampingText, fallen } from "./damping.ts";
import type { Refusal } from "./notification.ts";
import { type RetryCause, retryTime } from "./retry-time.ts";
import type { SessionConfig } from "./session-config.ts";
import type { SessionEffect } from "./session-effect.ts";
import type { Moment } from "./session-event.ts";
import type { Link, SessionState } from "./session-state.ts";

/** How a link ends: what the peer is told, what we say, and how the peer is to be tried next. */
export type LinkEnd = {
  readonly farewell?: Refusal;
  /** In words, beginning with the subject: it goes into logs and status. */
  readonly reason: string;
  readonly cause: RetryCause;
  /** The peer does not understand that an OPEN has capabilities. */
  readonly withoutCapabilities?: boolean;
};

/** One event being answered: the state so far, and the effects so far. Lives no longer than that. */
export class Turn {
  readonly config: SessionConfig;
  readonly now: number;
  readonly random: number;
  readonly effects: SessionEffect[] = [];
  #state: SessionState;

  constructor(state: SessionState, config: SessionConfig, { now, random }: Moment) {
    this.#state = state;
    this.config = config;
    this.now = now;
    this.random = random;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The peer, as people know it. */
  get peer(): string {
    const { endpoint } = this.config.transport;
    return endpoint.type === "address" ? formatAddress(endpoint.address) : `the peer on ${endpoint.name}`;
  }

  change(changes: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...changes };
  }

  link(connection: number): Link | undefined {
    return this.#state.links.find((link) => link.connection === connection);
  }

  /** Adds the link, or takes it in place of the one of the same connection. */
  put(link: Link): void {
    const { links } = this.#state;
    const known = links.some(({ connection }) => connection === link.connection);
    this.change({
      links: known ? links.map((each) => (each.connection === link.connection ? link : each)) : [...links, link],
    });
  }

  send(connection: number, message: BgpMessage): void {
    this.effects.push({ type: "send", connection, message });
  }

  close(connection: number): void {
    this.effects.push({ type: "close", connection });
  }

  log(level: "info" | "warning", message: string): void {
    this.effects.push({ type: "log", level, message });
  }

  cancelDial(): void {
    const { dialling } = this.#state;
    if (dialling !== undefined) this.effects.push({ type: "cancel-connect", attempt: dialling.attempt });
    this.change({ dialling: undefined, dialAt: undefined });
  }

  /** Ends one link. Once none is left and none is under way, the next attempt is put on the clock. */
  end(link: Link, { farewell, reason, cause, withoutCapabilities = false }: LinkEnd): void {
    this.drop(link, farewell, reason);
    this.change({ capabilities: withoutCapabilities ? "none" : "all" });
    const fell = link.phase === "Established";
    if (fell) this.change(fallen(this.#state, this));
    if (this.#state.links.length > 0) return;
    const words = fell ? `${reason}${dampingText(this.#state, this.now)}` : reason;
    this.change({ lastError: words });
    this.retry(cause);
    if (fell) this.log("warning", words);
    else this.logFailure(words);
  }

  /** What fails again and again is said at the first time, and then at the second, fourth, eighth ... */
  logFailure(reason: string): void {
    const { failures } = this.#state;
    if ((failures & (failures - 1)) === 0) this.log("warning", reason);
  }

  /** Lets go of a link and of nothing else. */
  drop(link: Link, farewell: Refusal | undefined, reason: string): void {
    if (farewell !== undefined) this.send(link.connection, notificationFor(farewell));
    this.close(link.connection);
    this.change({ links: this.#state.links.filter(({ connection }) => connection !== link.connection) });
    if (link.phase === "Established") this.effects.push({ type: "session-down", reason });
  }

  /** Puts the next attempt on the clock, unless one is under way or there, or the peer is the one to connect. */
  retry(cause: RetryCause): void {
    if (cause === "failed" || cause === "refused") this.change({ failures: this.#state.failures + 1 });
    const { dialling, dialAt, running } = this.#state;
    if (!running || this.config.passive || dialling !== undefined || dialAt !== undefined) return;
    const soonest = retryTime(cause, this.#state, this.config, this);
    this.change({ dialAt: Math.max(soonest, this.#state.dampedUntil ?? soonest) });
  }
}
