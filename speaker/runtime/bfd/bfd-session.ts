import { formatAddress } from "../../../crds/net/address.ts";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import type { Cause } from "../../bfd/diagnostic.ts";
import { diagnosticText } from "../../bfd/diagnostic.ts";
import {
  detectAt,
  detectionTimeMs,
  echoExpiresAt,
  echoIntervalMs,
  echoUnused,
  newSession,
  nextAt,
  type RemoteWord,
  type Session,
} from "../../bfd/session.ts";
import type { BfdSessionParameters } from "../../bfd/session-parameters.ts";
import { deviceOf, pathText } from "../../bfd/session-path.ts";
import { type Effect, type Event, transition } from "../../bfd/transition.ts";
import { type BfdControl, type BfdState, encodeBfdControl } from "../../codec/bfd.ts";
import type { DatagramSender } from "../../native/datagram-sender.ts";
import { BfdEchoPath } from "./bfd-echo-path.ts";
import { type BfdPorts, bfdPort } from "./bfd-ports.ts";
import type { BfdCounts, BfdStatus } from "./bfd-report.ts";

export type BfdSessionOptions = {
  readonly parameters: BfdSessionParameters;
  readonly discriminator: number;
  readonly ports: BfdPorts;
  readonly clock: Clock;
  readonly log: Log;
  /** Calls `then` when all that has arrived until now has been read. */
  readonly whenRead: (then: () => void) => void;
  readonly onChange: (from: BfdState, to: BfdState, cause: Cause) => void;
  /** Was shut down, and has said so for long enough. */
  readonly onEnded: () => void;
};

const RETRY_MS = 1_000;
const hops = 255;
/** Errors of a socket whose interface or address went: when they come back they are others to the kernel. */
const gone: ReadonlySet<string> = new Set(["ENODEV", "ENXIO", "EADDRNOTAVAIL"]);

/** Runs one session: packets and time in, packets out. */
export class BfdSession {
  readonly #options: BfdSessionOptions;
  #session: Session;
  #peers: readonly string[] = [];
  #sender: DatagramSender | undefined;
  #senderTriedAt = Number.NEGATIVE_INFINITY;
  #trouble: string | undefined;
  #echoPath: BfdEchoPath | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;
  #cancelWake: Cancel = () => undefined;
  #reading = false;
  #closed = false;
  readonly #counts = { controlIn: 0, controlOut: 0, echoIn: 0, echoOut: 0, ups: 0, downs: 0, notices: 0 };

  constructor(options: BfdSessionOptions) {
    this.#options = options;
    const { parameters, discriminator, ports, clock } = options;
    this.#session = newSession(parameters, discriminator, Math.floor(ports.random() * 0x1_0000_0000), clock.monotonic());
    this.#followEcho();
  }

  get discriminator(): number {
    return this.#session.discriminator;
  }

  get path(): BfdSessionParameters {
    return this.#session.parameters;
  }

  get state(): BfdState {
    return this.#session.state;
  }

  get peers(): readonly string[] {
    return this.#peers;
  }

  /** BGP is told of a change. */
  countNotice(): void {
    this.#counts.notices += 1;
  }

  setPeers(peers: readonly string[]): void {
    this.#peers = peers;
  }

  start(): void {
    this.#wake();
  }

  configure(parameters: BfdSessionParameters): void {
    this.#take({ type: "configured", parameters });
    this.#followEcho();
  }

  receive(packet: BfdControl): void {
    this.#counts.controlIn += 1;
    this.#take({ type: "received", packet });
  }

  hold(held: boolean): void {
    this.#take({ type: "held", held });
  }

  shutDown(): void {
    this.#take({ type: "shut-down" });
  }

  /** Frees everything; nothing is said. */
  close(): void {
    this.#closed = true;
    this.#cancelWake();
    this.#sender?.close();
    this.#echoPath?.close();
  }

  /** @param hearing why nothing is heard, if so. */
  status(hearing: string | undefined): BfdStatus {
    const session = this.#session;
    const { parameters, remote, timing } = session;
    const trouble = hearing ?? this.#trouble;
    const echoMs = echoIntervalMs(session);
    const unused = echoUnused(parameters);
    return {
      id: pathText(parameters),
      peers: this.#peers,
      remote: formatAddress(parameters.remote),
      local: formatAddress(parameters.local),
      ...(parameters.interfaceName !== undefined && { interfaceName: parameters.interfaceName }),
      ...(parameters.vrf !== undefined && { vrf: parameters.vrf }),
      multihop: parameters.multihop,
      passive: parameters.passive,
      state: session.state,
      diagnostic: diagnosticText(session.diagnostic),
      ...(remote !== undefined && { neighbour: neighbourOf(remote), detectionTimeMs: detectionTimeMs(session, remote) }),
      transmitIntervalMs: timing.used.txMs,
      receiveIntervalMs: timing.used.rxMs,
      ...(echoMs !== undefined && { echoIntervalMs: echoMs }),
      ...(unused !== undefined && { remark: unused }),
      counts: { ...this.#counts } satisfies BfdCounts,
      ...(trouble !== undefined && { trouble }),
    };
  }

  #take(event: Event, readUntil = Number.NEGATIVE_INFINITY): void {
    if (this.#closed) return;
    const { ports, clock } = this.#options;
    const moment = { now: clock.monotonic(), readUntil, random: ports.random() };
    const { session, effects } = transition(this.#session, event, moment);
    this.#session = session;
    for (const effect of effects) this.#perform(effect);
    this.#planWake();
  }

  /** Sends what is due at once, and judges silence only behind what has arrived. */
  #wake(): void {
    this.#take({ type: "tick" });
    const now = this.#options.clock.monotonic();
    const overdue = Math.min(detectAt(this.#session), echoExpiresAt(this.#session)) <= now;
    if (!overdue || this.#reading || this.#closed) return;
    this.#reading = true;
    this.#options.whenRead(() => {
      this.#reading = false;
      this.#take({ type: "tick" }, now);
    });
  }

  #planWake(): void {
    const at = this.#reading ? this.#session.transmitAt : nextAt(this.#session);
    if (this.#closed || at >= this.#wakeAt) return; // one that comes early does no harm, and timers cost
    const { clock } = this.#options;
    this.#cancelWake();
    this.#wakeAt = at;
    this.#cancelWake = clock.after(Math.max(0, at - clock.monotonic()), () => {
      this.#wakeAt = Number.POSITIVE_INFINITY;
      this.#wake();
      this.#planWake();
    });
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "send":
        this.#send(encodeBfdControl(effect.packet));
        return;
      case "send-echo":
        if (this.#echoPath?.send(effect.echo)) this.#counts.echoOut += 1;
        return;
      case "changed":
        if (effect.to === "Up") this.#counts.ups += 1;
        if (effect.from === "Up") this.#counts.downs += 1;
        this.#options.onChange(effect.from, effect.to, effect.cause);
        return;
      case "ended":
        this.#options.onEnded();
        return;
    }
  }

  #send(octets: Uint8Array): void {
    const sender = this.#openSender();
    if (sender === undefined) return;
    const failure = sender.send(octets);
    if (failure === undefined) this.#counts.controlOut += 1;
    if (failure === undefined || !gone.has(failure)) return;
    sender.close();
    this.#sender = undefined;
  }

  /** An address that is not there yet may come. */
  #openSender(): DatagramSender | undefined {
    const { ports, clock, log, parameters } = this.#options;
    if (this.#sender !== undefined || clock.monotonic() < this.#senderTriedAt + RETRY_MS) return this.#sender;
    this.#senderTriedAt = clock.monotonic();
    const { local, remote, multihop } = parameters;
    const port = multihop ? bfdPort.multi : bfdPort.single;
    try {
      this.#sender = ports.openSender({ local, remote, port, device: deviceOf(parameters), hops, random: ports.random() });
      this.#trouble = undefined;
    } catch (error) {
      if (this.#trouble === undefined)
        log.error("BFD packets cannot be sent; trying again", { session: pathText(parameters), error });
      this.#trouble = `packets cannot be sent: ${error instanceof Error ? error.message : String(error)}`;
    }
    return this.#sender;
  }

  #followEcho(): void {
    const { parameters } = this.#session;
    const wanted = parameters.echo && echoUnused(parameters) === undefined;
    if (wanted === (this.#echoPath !== undefined)) return;
    this.#echoPath?.close();
    this.#echoPath = undefined;
    this.#take({ type: "echo-path", open: false });
    if (!wanted) return;
    const { ports, clock, log } = this.#options;
    this.#echoPath = new BfdEchoPath({
      ...{ parameters, ports, clock, log },
      onOpen: (open) => this.#take({ type: "echo-path", open }),
      onReturned: (echo) => {
        if (echo.discriminator === this.discriminator) this.#counts.echoIn += 1;
        this.#take({ type: "echo-returned", echo });
      },
    });
  }
}

function neighbourOf(remote: RemoteWord): NonNullable<BfdStatus["neighbour"]> {
  return {
    state: remote.state,
    diagnostic: diagnosticText(remote.diagnostic),
    detectMultiplier: remote.detectMultiplier,
    transmitIntervalMs: remote.desiredMinTxUs / 1_000,
    receiveIntervalMs: remote.requiredMinRxUs / 1_000,
    echoReceiveIntervalMs: remote.requiredMinEchoRxUs / 1_000,
  };
}
