import { type Address, compareAddresses } from "../../../crds/net/address.ts";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import { RouteTable } from "../../bgp/rib/route-table.ts";
import { unitedRoutes } from "../../bgp/rib/united-routes.ts";
import type { StopReason } from "../../bgp/session/session-event.ts";
import { type PlannedSession, sessionChanges } from "../../bgp/session/session-plan.ts";
import type { Link, TcpAdmission, TcpConnection, TcpConnector, TcpListener, TcpListening } from "../../native/ports.ts";
import type { BfdNotice } from "../bfd/bfd-report.ts";
import type { NeighbourWord, RouteChange, ToBgp } from "../threads/messages.ts";
import type { BgpPart } from "../wire/wire.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";
import { BgpSession } from "./bgp-session.ts";
import type { TracedMessage } from "./message-trace.ts";

/** Who is behind the interfaces of unnumbered peers. */
export interface Neighbours {
  /** Those to look at. */
  setInterfaces(names: ReadonlySet<string>): void;
  setLinks(links: readonly Link[]): void;
  /** Undefined: nobody was heard. */
  neighbourOn(interfaceName: string): Address | undefined;
  close(): void;
}

export type BgpSpeakerOptions = {
  readonly connector: TcpConnector;
  readonly listening: TcpListening;
  /** 0: no connection is taken. */
  readonly listenPort: number;
  /** @param onNeighbour the router behind the interface is another one, or has gone. */
  readonly neighbours: (onNeighbour: (interfaceName: string) => void) => Neighbours;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 up to 1. */
  readonly random: () => number;
  readonly yieldThen: (run: () => void) => void;
  /** Something of the sessions changed. */
  readonly onFacts: (sessions: readonly BgpSessionFacts[]) => void;
  /** Answers `bgp-trace`. @param messages oldest first; empty: no session of that BGPPeer is there. */
  readonly onTrace: (question: number, messages: readonly TracedMessage[]) => void;
  readonly postToBeat: (word: NeighbourWord) => void;
};

/** How often it is looked whether there is something to say of the sessions, and how soon after a session came up or went. */
const FACTS_MS = 1_000;
const NEWS_MS = 20;
/** A peer that does not take the withdrawals in this time is left without them. */
const FAREWELL_MS = 500;

const stopsNow = { type: "administrative-shutdown", text: "this node stops announcing" } as const satisfies StopReason;

/** All BGP sessions of this node, and the routes that they tell. */
export class BgpSpeaker implements BgpPart {
  readonly #options: BgpSpeakerOptions;
  readonly #table = new RouteTable();
  readonly #sessions = new Map<string, BgpSession>();
  readonly #neighbours: Neighbours;
  /** Those of unnumbered peers. */
  #interfaces: ReadonlySet<string> = new Set();
  #links: readonly Link[] = [];
  #listener: TcpListener | undefined;
  #drains = false;
  #leaving = false;
  #told = "[]";
  #cancelFacts: Cancel = () => undefined;
  #factsAt = Number.POSITIVE_INFINITY;

  constructor(options: BgpSpeakerOptions) {
    this.#options = options;
    this.#neighbours = options.neighbours((name) => this.#neighbourChanged(name));
  }

  receive(message: ToBgp): void {
    // Once it leaves, what the mind withdraws is not what the routers are to hear.
    if (this.#leaving) return;
    switch (message.type) {
      case "routes":
        this.#apply(message.changes);
        return;
      case "routes-complete":
        this.#table.setComplete();
        for (const session of this.#sessions.values()) session.routesComplete();
        return;
      case "bgp-sessions":
        this.#setSessions(message.sessions);
        return;
      case "node-drains":
        this.#drains = message.drains;
        return;
      case "bgp-trace":
        this.#options.onTrace(message.question, this.#traceOf(message.peer));
        return;
    }
  }

  setLinks(links: readonly Link[]): void {
    this.#links = links;
    this.#neighbours.setLinks(links);
    for (const session of this.#sessions.values()) session.linksChanged();
  }

  /** BFD saw the path of these BGPPeers fail, or come up: which BGP does not wait for. */
  hear({ peers, lost }: BfdNotice): void {
    if (!lost) return;
    for (const session of this.#sessions.values()) {
      if (session.planned.peers.some((name) => peers.includes(name))) session.bfdDown();
    }
  }

  /** Peers that keep the routes of a process that comes back hear nothing, unless this node is being emptied. */
  leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    const { clock } = this.#options;
    for (const session of this.#sessions.values()) {
      if (this.#staysSilent(session)) continue;
      session.withdrawAll();
      const until = clock.monotonic() + FAREWELL_MS;
      const awaitWithdrawn = (): void => {
        if (session.established && !session.idle && clock.monotonic() < until) clock.after(NEWS_MS, awaitWithdrawn);
        else session.stop(stopsNow);
      };
      clock.after(NEWS_MS, awaitWithdrawn);
    }
  }

  close(): void {
    this.#leaving = true;
    this.#cancelFacts();
    this.#listener?.close();
    this.#neighbours.close();
    for (const session of this.#sessions.values()) {
      session.stop(this.#staysSilent(session) ? { type: "graceful-restart" } : stopsNow);
    }
  }

  facts(): readonly BgpSessionFacts[] {
    return [...this.#sessions.values()].map((session) => session.facts());
  }

  #traceOf(peer: string): readonly TracedMessage[] {
    return [...this.#sessions.values()].find(({ planned }) => planned.peers.includes(peer))?.trace() ?? [];
  }

  #staysSilent({ planned }: BgpSession): boolean {
    return planned.config.gracefulRestart && !this.#drains;
  }

  #apply(changes: readonly RouteChange[]): void {
    const keys = changes.flatMap(({ service, announcements }) => this.#table.set(service, announcements));
    if (keys.length > 0) for (const session of this.#sessions.values()) session.routesChanged(keys);
  }

  #setSessions(planned: readonly PlannedSession[]): void {
    const running = new Map([...this.#sessions].map(([key, session]) => [key, session.planned]));
    this.#interfaces = interfacesOf(planned);
    this.#neighbours.setInterfaces(this.#interfaces);
    for (const change of sessionChanges(running, planned)) {
      switch (change.type) {
        case "stop":
          this.#sessions.get(change.key)?.stop(change.reason);
          this.#sessions.delete(change.key);
          break;
        case "update":
          this.#sessions.get(change.session.key)?.update(change.session);
          break;
        case "start":
          this.#start(change.session);
          break;
      }
    }
    this.#admit();
    this.#factsIn(NEWS_MS);
  }

  #start(planned: PlannedSession): void {
    const { connector, clock, log, random, yieldThen } = this.#options;
    const links = (): readonly Link[] => this.#links;
    const session = new BgpSession(planned, {
      connector,
      clock,
      log,
      random,
      yieldThen,
      surroundings: {
        get links() {
          return links();
        },
        neighbourOn: (name) => this.#neighbours.neighbourOn(name),
      },
      routesOf: (peers) => unitedRoutes(peers.map((peer) => this.#table.routesFor(peer))),
      wantedFor: (peers, families) => this.#table.sizeFor(peers, families),
      onChanged: () => this.#factsIn(NEWS_MS),
    });
    this.#sessions.set(planned.key, session);
    session.start();
  }

  #neighbourChanged(name: string): void {
    for (const session of this.#sessions.values()) {
      const { endpoint } = session.planned.config.transport;
      if (endpoint.type === "interface" && endpoint.name === name) session.neighbourChanged();
    }
    this.#admit();
    const known = [...this.#interfaces].flatMap((one) => {
      const neighbour = this.#neighbours.neighbourOn(one);
      return neighbour === undefined ? [] : [[one, neighbour] as const];
    });
    this.#options.postToBeat({ type: "neighbours", neighbours: new Map(known) });
  }

  /** Opens the port with the first session that takes connections, and closes it with the last. */
  #admit(): void {
    const { listening, listenPort, log } = this.#options;
    const admissions = [...this.#sessions.values()].flatMap((session) => this.#admission(session));
    if (listenPort === 0) return;
    if (admissions.length === 0) {
      this.#listener?.close();
      this.#listener = undefined;
      return;
    }
    try {
      this.#listener ??= listening.listen(listenPort, (connection) => this.#accept(connection));
      this.#listener.admit(admissions);
    } catch (error) {
      log.error("routers cannot connect to this node", { error: error instanceof Error ? error.message : String(error) });
    }
  }

  #admission(session: BgpSession): readonly TcpAdmission[] {
    const { acceptsInbound, transport } = session.planned.config;
    const remote = this.#remoteOf(session);
    const { password, minimumTtl } = transport;
    if (!acceptsInbound || remote === undefined || password?.type === "secret") return [];
    return [
      {
        remote,
        ...(password !== undefined && { password: Uint8Array.from(password.octets) }),
        ...(minimumTtl !== undefined && { minimumTtl }),
      },
    ];
  }

  #accept(connection: TcpConnection): void {
    for (const session of this.#sessions.values()) {
      const remote = this.#remoteOf(session);
      if (!session.planned.config.acceptsInbound || remote === undefined) continue;
      if (compareAddresses(remote, connection.remote.address) !== 0) continue;
      session.inbound(connection);
      return;
    }
    connection.abort();
  }

  #remoteOf({ planned }: BgpSession): Address | undefined {
    const { endpoint } = planned.config.transport;
    return endpoint.type === "address" ? endpoint.address : this.#neighbours.neighbourOn(endpoint.name);
  }

  #factsIn(ms: number): void {
    const { clock } = this.#options;
    const at = clock.monotonic() + ms;
    if (at >= this.#factsAt || this.#leaving) return;
    this.#cancelFacts();
    this.#factsAt = at;
    this.#cancelFacts = clock.after(ms, () => {
      this.#factsAt = Number.POSITIVE_INFINITY;
      this.#tellFacts();
      if (this.#sessions.size > 0) this.#factsIn(FACTS_MS);
    });
  }

  #tellFacts(): void {
    const facts = this.facts();
    const text = JSON.stringify(facts, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value));
    if (text === this.#told) return;
    this.#told = text;
    this.#options.onFacts(facts);
  }
}

function interfacesOf(planned: readonly PlannedSession[]): ReadonlySet<string> {
  return new Set(
    planned.flatMap(({ config: { transport } }) => (transport.endpoint.type === "interface" ? [transport.endpoint.name] : [])),
  );
}
