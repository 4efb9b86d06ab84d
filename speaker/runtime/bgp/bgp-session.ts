import type { Family } from "../../../crds/net/address.ts";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import { ipv4Beside, sessionAddresses } from "../../bgp/local-path.ts";
import { type NextHops, nextHopsOf } from "../../bgp/rib/next-hop.ts";
import type { PrefixKey } from "../../bgp/rib/prefix-key.ts";
import type { Routes } from "../../bgp/rib/route-table.ts";
import { transition } from "../../bgp/session/fsm.ts";
import type { Negotiated } from "../../bgp/session/negotiated.ts";
import type { SessionEffect } from "../../bgp/session/session-effect.ts";
import type { Ends, SessionEvent, StopReason } from "../../bgp/session/session-event.ts";
import type { PlannedSession } from "../../bgp/session/session-plan.ts";
import { dueAt, establishedLink, initialSession, type SessionState, stateName } from "../../bgp/session/session-state.ts";
import { afi, unicastSafi } from "../../codec/bgp/registry.ts";
import type { TcpConnection, TcpConnector } from "../../native/ports.ts";
import { BgpCounter } from "./bgp-counts.ts";
import { type DialSurroundings, dialTarget } from "./bgp-dial.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";
import { BgpLink } from "./bgp-link.ts";
import { MessageTrace, type TracedMessage } from "./message-trace.ts";
import { RouteTeller } from "./route-teller.ts";

export type BgpSessionOptions = {
  readonly connector: TcpConnector;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 up to 1. */
  readonly random: () => number;
  readonly yieldThen: (run: () => void) => void;
  readonly surroundings: DialSurroundings;
  /** The routes for the BGPPeers of these names. */
  readonly routesOf: (peers: readonly string[]) => Routes;
  /** How many prefixes of these families the BGPPeers of these names are to be told. */
  readonly wantedFor: (peers: readonly string[], families: readonly Family[]) => number;
  /** The state, what was agreed on or the last error is another. */
  readonly onChanged: () => void;
};

/** One session with one peer: drives the machine with sockets and time, and tells the peer the routes while it reads. */
export class BgpSession {
  readonly #options: BgpSessionOptions;
  readonly #counter = new BgpCounter();
  readonly #trace: MessageTrace;
  readonly #links = new Map<number, BgpLink>();
  #planned: PlannedSession;
  readonly #teller: RouteTeller;
  #state: SessionState;
  #name: BgpSessionFacts["state"] = "Idle";
  /** Wall clock. */
  #since: number;
  #connections = 0;
  #giveUp: Cancel = () => undefined;
  #obstructed = false;
  readonly #queue: SessionEvent[] = [];
  #busy = false;
  #timerAt = Number.POSITIVE_INFINITY;
  #cancelTimer: Cancel = () => undefined;

  constructor(planned: PlannedSession, options: BgpSessionOptions) {
    this.#options = options;
    this.#planned = planned;
    this.#trace = new MessageTrace(() => options.clock.now());
    const routes = options.routesOf(planned.peers);
    this.#state = initialSession(routes.complete);
    this.#since = options.clock.now();
    this.#teller = new RouteTeller({ ...options, routes, onComplete: () => this.#apply({ type: "rib-complete" }) });
  }

  get planned(): PlannedSession {
    return this.#planned;
  }

  get established(): boolean {
    return this.#name === "Established";
  }

  /** Nothing is left to be told. */
  get idle(): boolean {
    return this.#teller.idle;
  }

  start(): void {
    this.#apply({ type: "start" });
  }

  /** After this the session says and hears nothing more. */
  stop(reason: StopReason): void {
    this.#apply({ type: "stop", reason });
    this.#teller.close();
  }

  /** Timers, names and BFD may be others; anything else takes another session. */
  update(planned: PlannedSession): void {
    const former = this.#planned.peers.join(" ");
    this.#planned = planned;
    if (planned.peers.join(" ") !== former) this.#teller.setRoutes(this.#options.routesOf(planned.peers));
  }

  routesChanged(keys: Iterable<PrefixKey>): void {
    this.#teller.changed(keys);
  }

  /** Every Service has been decided on once. To a peer that has not heard of them yet this process is one that restarts. */
  routesComplete(): void {
    this.#teller.routesComplete();
  }

  /** Withdraws what the peer was told. */
  withdrawAll(): void {
    this.#teller.withdrawAll();
  }

  bfdDown(): void {
    this.#apply({ type: "bfd-down" });
  }

  /** The router behind the interface is another one, or has gone. */
  neighbourChanged(): void {
    this.#beginAnew();
  }

  /** Interfaces or addresses are others: what kept this node from connecting may be gone. */
  linksChanged(): void {
    const link = establishedLink(this.#state);
    // An address that was still tentative when the session came up is usable now, or one has gone.
    if (link !== undefined) this.#teller.setNextHops(this.#nextHops(link.ends, link.negotiated));
    if (!this.#obstructed || "obstacle" in dialTarget(this.#planned.config, this.#options.surroundings)) return;
    this.#beginAnew();
  }

  inbound(connection: TcpConnection): void {
    const number = this.#adopt(connection);
    this.#apply({ type: "inbound", connection: number, ends: this.#endsOf(connection) });
  }

  facts(): BgpSessionFacts {
    const { key, peers, config } = this.#planned;
    const link = establishedLink(this.#state);
    return {
      key,
      peers,
      endpoint: config.transport.endpoint,
      port: config.transport.port,
      ...(config.transport.vrf !== undefined && { vrf: config.transport.vrf }),
      state: this.#name,
      sinceMs: this.#since,
      ...(link !== undefined && { ends: link.ends, negotiated: link.negotiated }),
      ...(this.#state.lastError !== undefined && { lastError: this.#state.lastError }),
      wanted: this.#options.wantedFor(peers, config.families),
      advertised: this.#teller.advertised,
      unsendable: this.#teller.unsendable,
      counts: this.#counter.counts,
    };
  }

  /** Its last messages, oldest first. */
  trace(): readonly TracedMessage[] {
    return this.#trace.messages();
  }

  #beginAnew(): void {
    if (!this.#state.running) return;
    this.#apply({ type: "stop", reason: { type: "configuration-changed" } });
    this.#apply({ type: "start" });
  }

  /** Events that come while effects are performed wait: one is answered whole before the next. */
  #apply(event: SessionEvent): void {
    this.#queue.push(event);
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#step(next);
    this.#busy = false;
    this.#followState();
    this.#setTimer();
  }

  #step(event: SessionEvent): void {
    const { clock, random } = this.#options;
    const moment = { now: clock.monotonic(), random: random() };
    const { state, effects } = transition(this.#state, event, this.#planned.config, moment);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: SessionEffect): void {
    switch (effect.type) {
      case "connect":
        this.#connect(effect.attempt);
        return;
      case "cancel-connect":
        this.#giveUp();
        return;
      case "send":
        this.#sent(effect.connection, this.#links.get(effect.connection)?.send([effect.message]) ?? true);
        return;
      case "close":
        this.#links.get(effect.connection)?.close();
        this.#links.delete(effect.connection);
        return;
      case "session-up":
        this.#up(effect.connection, effect.negotiated);
        return;
      case "session-down":
        this.#teller.close();
        return;
      case "resend":
        this.#teller.refresh(effect.family);
        return;
      case "log":
        this.#options.log[effect.level === "info" ? "info" : "warn"](effect.message, { peers: this.#planned.peers.join(", ") });
        return;
    }
  }

  #connect(attempt: number): void {
    const { connector, yieldThen, surroundings } = this.#options;
    const target = dialTarget(this.#planned.config, surroundings);
    this.#obstructed = "obstacle" in target;
    if ("obstacle" in target) {
      yieldThen(() => this.#apply({ type: "connect-failed", attempt, reason: target.obstacle }));
      return;
    }
    this.#giveUp = connector.connect(target, {
      onConnected: (connection) => {
        const number = this.#adopt(connection);
        this.#apply({ type: "connected", attempt, connection: number, ends: this.#endsOf(connection) });
      },
      onFailed: (reason) => this.#apply({ type: "connect-failed", attempt, reason }),
    });
  }

  #adopt(connection: TcpConnection): number {
    this.#connections += 1;
    const number = this.#connections;
    const link = new BgpLink({
      connection,
      number,
      counter: this.#counter,
      trace: this.#trace,
      yieldThen: this.#options.yieldThen,
      events: {
        onMessage: (message) => this.#apply({ type: "received", connection: number, message }),
        onMalformed: ({ code, subcode, data, message }) =>
          this.#apply({ type: "malformed", connection: number, code, subcode, data, reason: message }),
        onDrained: () => this.#drained(number),
        onClosed: (reason) => {
          this.#links.delete(number);
          this.#apply({ type: "closed", connection: number, reason });
        },
      },
    });
    this.#links.set(number, link);
    return number;
  }

  #endsOf({ local, remote }: TcpConnection): Ends {
    const { surroundings } = this.#options;
    const { vrf } = this.#planned.config.transport;
    const interfaceIPv4 = local.address.family === "IPv6" ? ipv4Beside(surroundings.links, local.address, vrf) : undefined;
    return {
      local: local.address,
      remote: remote.address,
      ...(interfaceIPv4 !== undefined && { interfaceIPv4 }),
    };
  }

  #up(connection: number, negotiated: Negotiated): void {
    const { internal, ownAS, fourOctetAS, families } = negotiated;
    const ends = establishedLink(this.#state)?.ends;
    if (ends === undefined) return; // the machine says it of an established link
    const link = this.#links.get(connection);
    link?.agree({
      fourOctetAs: fourOctetAS,
      external: !internal,
      families: families.map((family) => ({ afi: afi[family], safi: unicastSafi })),
    });
    const nextHops = this.#nextHops(ends, negotiated);
    const session = { internal, autonomousSystem: ownAS, fourOctetAs: fourOctetAS, families, nextHops };
    this.#teller.open(session, (updates) => this.#sent(connection, link?.send(updates) ?? true));
  }

  /** By the node's addresses as they are now. */
  #nextHops(ends: Ends, { ownIdentifier, extendedNextHop }: Negotiated): NextHops {
    const { links } = this.#options.surroundings;
    const { transport } = this.#planned.config;
    const device = transport.vrf ?? (transport.endpoint.type === "interface" ? transport.endpoint.name : undefined);
    const addresses = sessionAddresses(links, { ...ends, device });
    const routerID = { family: "IPv4", bits: BigInt(ownIdentifier) } as const;
    return nextHopsOf({ ...addresses, extendedNextHop, routerID });
  }

  /** @param free whether the connection takes more. */
  #sent(connection: number, free: boolean): boolean {
    if (!free) this.#apply({ type: "blocked", connection });
    return free;
  }

  #drained(connection: number): void {
    this.#apply({ type: "unblocked", connection });
    if (connection === establishedLink(this.#state)?.connection) this.#teller.drained();
  }

  #followState(): void {
    const { clock, onChanged } = this.#options;
    const name = stateName(this.#state);
    if (name !== this.#name) {
      this.#name = name;
      this.#since = clock.now();
      onChanged();
    }
  }

  #setTimer(): void {
    const { clock } = this.#options;
    const due = dueAt(this.#state);
    // One that fires too early finds nothing to do; to set it anew with every message would cost more.
    if (due === undefined || due >= this.#timerAt) return;
    this.#cancelTimer();
    this.#timerAt = due;
    this.#cancelTimer = clock.after(Math.max(0, due - clock.monotonic()), () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#apply({ type: "tick" });
    });
  }
}
