import { isDeepStrictEqual } from "node:util";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import { type Cause, diagnosticOf, diagnosticText } from "../../bfd/diagnostic.ts";
import type { BfdSessionParameters } from "../../bfd/session-parameters.ts";
import { pathText, type SessionPath } from "../../bfd/session-path.ts";
import { type BfdRequest, sessionParameters } from "../../bfd/session-request.ts";
import { sharedSessions } from "../../bfd/session-set.ts";
import { SessionTable } from "../../bfd/session-table.ts";
import { type BfdState, decodeBfdControl } from "../../codec/bfd.ts";
import { decoded } from "../../codec/decoded.ts";
import type { BfdPorts } from "./bfd-ports.ts";
import type { BfdNotice, BfdReport } from "./bfd-report.ts";
import { BfdSession } from "./bfd-session.ts";
import { BfdSockets } from "./bfd-sockets.ts";

export type BfdRunnerOptions = {
  readonly ports: BfdPorts;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the wire runs and hears: BFD lives only as long as it does. */
  readonly wireAlive: () => boolean;
  readonly onNotice: (notice: BfdNotice) => void;
  readonly onReport: (report: BfdReport) => void;
};

/** How often the wire is looked at, and this node's addresses. */
const WIRE_MS = 100;
const FACTS_MS = 2_000;
/** Counters change all the time. */
const REPORT_MS = 5_000;
/** Several sessions that change together are one report. */
const GATHER_MS = 20;
/** Turns in which packets are read before silence is judged, at most. */
const READING_TURNS = 16;

type Placed = { readonly request: BfdRequest; readonly parameters: BfdSessionParameters };

/** Keeps the BFD sessions that BGP peers want, and says what becomes of them. */
export class BfdRunner {
  readonly #options: BfdRunnerOptions;
  readonly #sockets: BfdSockets;
  readonly #table = new SessionTable<BfdSession>();
  /** Sessions of peers that are not wanted any more, and say so. */
  readonly #leaving = new Set<BfdSession>();
  readonly #placed = new Map<string, Placed>();
  #requests: readonly BfdRequest[] = [];
  #waiting: BfdReport["waiting"] = [];
  #packets = 0;
  #held = false;
  #cancelTimers: readonly Cancel[] = [];
  #cancelReport: Cancel | undefined;

  constructor(options: BfdRunnerOptions) {
    this.#options = options;
    this.#sockets = new BfdSockets({
      ...options,
      onControl: (octets, path) => this.#receive(octets, path),
    });
  }

  /** These are all that are wanted from now on. */
  set(requests: readonly BfdRequest[]): void {
    const running = this.#cancelTimers.length > 0;
    this.#requests = requests;
    if (!running && requests.length === 0) return;
    this.#lookAtWire();
    this.#follow();
    if (running) return;
    this.#cancelTimers = [
      this.#every(WIRE_MS, () => this.#lookAtWire()),
      this.#every(FACTS_MS, () => this.#follow()),
      this.#every(REPORT_MS, () => this.#report()),
    ];
  }

  /** What is known of this node has changed. */
  factsChanged(): void {
    if (this.#cancelTimers.length > 0) this.#follow();
  }

  /** The last words: no peer is to take this for a failure. */
  stop(): void {
    for (const cancel of this.#cancelTimers) cancel();
    this.#cancelTimers = [];
    this.#cancelReport?.();
    const sessions = [...this.#table.values(), ...this.#leaving];
    for (const session of this.#table.values()) session.shutDown();
    for (const session of sessions) session.close();
    this.#sockets.close();
  }

  report(): BfdReport {
    const sessions = this.#table.values().map((session) => session.status(this.#sockets.trouble(session.path)));
    return { type: "bfd", sessions: sessions.sort((a, b) => (a.id < b.id ? -1 : 1)), waiting: this.#waiting };
  }

  #follow(): void {
    this.#place();
    const wanted = sharedSessions([...this.#placed].map(([peer, { parameters }]) => ({ peer, parameters })));
    for (const session of this.#table.values()) if (!wanted.has(pathText(session.path))) this.#remove(session);
    for (const [path, { parameters, peers }] of wanted) {
      const session = this.#table.get(path) ?? this.#add(parameters);
      if (!isDeepStrictEqual(session.path, parameters)) session.configure(parameters);
      if (!isDeepStrictEqual(session.peers, peers)) this.#reportSoon();
      session.setPeers(peers);
    }
    this.#sockets.set(this.#all().map(({ path }) => path));
  }

  /** Where each peer's session runs. One that is up stands on a path that works: the same request does not move it. */
  #place(): void {
    const facts = this.#options.ports.facts();
    const waiting: { readonly peer: string; readonly reason: string }[] = [];
    const peers = new Set(this.#requests.map(({ peer }) => peer));
    for (const peer of this.#placed.keys()) if (!peers.has(peer)) this.#placed.delete(peer);
    for (const request of this.#requests) {
      const { peer } = request;
      const former = this.#placed.get(peer);
      const same = former !== undefined && isDeepStrictEqual(former.request, request);
      if (same && this.#table.get(pathText(former.parameters))?.state === "Up") continue;
      const parameters = sessionParameters(request, facts);
      if (typeof parameters !== "string") this.#placed.set(peer, { request, parameters });
      else if (!same) this.#placed.delete(peer);
      if (typeof parameters === "string") waiting.push({ peer, reason: parameters });
    }
    if (!isDeepStrictEqual(waiting, this.#waiting)) this.#reportSoon();
    this.#waiting = waiting;
  }

  #add(parameters: BfdSessionParameters): BfdSession {
    const { ports, clock, log } = this.#options;
    for (const former of this.#leaving) if (pathText(former.path) === pathText(parameters)) this.#forget(former);
    const session: BfdSession = new BfdSession({
      ...{ parameters, ports, clock, log },
      discriminator: this.#freeDiscriminator(),
      whenRead: (then) => this.#whenRead(then, READING_TURNS),
      onChange: (from, to, cause) => this.#tell(session, from, to, cause),
      onEnded: () => this.#end(session),
    });
    this.#table.add(session);
    if (this.#held) session.hold(true);
    log.info("BFD session begins", { session: pathText(parameters) });
    session.start();
    this.#reportSoon();
    return session;
  }

  #remove(session: BfdSession): void {
    this.#options.log.info("BFD session ends", { session: pathText(session.path) });
    this.#table.remove(session);
    this.#leaving.add(session);
    session.shutDown();
    this.#reportSoon();
  }

  #forget(session: BfdSession): void {
    session.close();
    this.#leaving.delete(session);
  }

  #end(session: BfdSession): void {
    this.#forget(session);
    this.#sockets.set(this.#all().map(({ path }) => path));
  }

  #all(): readonly BfdSession[] {
    return [...this.#table.values(), ...this.#leaving];
  }

  #freeDiscriminator(): number {
    for (;;) {
      const discriminator = Math.floor(this.#options.ports.random() * 0x1_0000_0000);
      if (discriminator !== 0 && !this.#table.has(discriminator)) return discriminator;
    }
  }

  #receive(octets: Uint8Array, path: SessionPath): void {
    this.#packets += 1;
    const packet = decoded(() => decodeBfdControl(octets));
    if (packet.ok) this.#table.find(packet.value.yourDiscriminator, path)?.receive(packet.value);
  }

  #tell(session: BfdSession, from: BfdState, to: BfdState, cause: Cause): void {
    const { log, onNotice } = this.#options;
    const lost = from === "Up" && to === "Down" && cause !== "neighbour-admin-down";
    const diagnostic = diagnosticText(diagnosticOf[cause]);
    if (from === "Up" || to === "Up")
      log[lost ? "warn" : "info"]("BFD session changed", { session: pathText(session.path), from, to, cause, diagnostic });
    if (from === "Up" || to === "Up") session.countNotice();
    onNotice({ type: "bfd-changed", peers: session.peers, state: to, cause, lost });
    this.#reportSoon();
  }

  /** Each turn of the event loop reads some of what waits; when one has read nothing, nothing waits any more. */
  #whenRead(then: () => void, turns: number): void {
    const before = this.#packets;
    this.#options.ports.nextTurn(() => {
      if (this.#packets === before || turns <= 1) then();
      else this.#whenRead(then, turns - 1);
    });
  }

  #lookAtWire(): void {
    const held = !this.#options.wireAlive();
    if (held === this.#held) return;
    this.#held = held;
    if (held) this.#options.log.error("the wire stands still: every BFD session goes down");
    for (const session of this.#table.values()) session.hold(held);
  }

  #reportSoon(): void {
    this.#cancelReport ??= this.#options.clock.after(GATHER_MS, () => this.#report());
  }

  #report(): void {
    this.#cancelReport?.();
    this.#cancelReport = undefined;
    this.#options.onReport(this.report());
  }

  #every(ms: number, run: () => void): Cancel {
    const { clock } = this.#options;
    let cancel: Cancel = () => undefined;
    const arm = (): void => {
      cancel = clock.after(ms, () => {
        run();
        arm();
      });
    };
    arm();
    return () => cancel();
  }
}
