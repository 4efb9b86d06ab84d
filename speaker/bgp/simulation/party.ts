import type { BgpMessage } from "../../codec/bgp/message.ts";
import type { Agenda } from "../../membership/simulation/agenda.ts";
import type { Chance } from "../../membership/simulation/chance.ts";
import { transition } from "../session/fsm.ts";
import type { SessionConfig } from "../session/session-config.ts";
import type { SessionEffect } from "../session/session-effect.ts";
import type { Ends, SessionEvent, StopReason } from "../session/session-event.ts";
import {
  dueAt,
  establishedLink,
  initialSession,
  type SessionState,
  type StateName,
  stateName,
} from "../session/session-state.ts";
import type { Pipe, PipeEnd } from "./pipe.ts";

/** What a party did, and when. */
export type Deed = { readonly at: number; readonly text: string };

/** The network as one party sees it. */
export type Network = { readonly dial: (attempt: number) => void };

/** One side of the session: the machine, its sockets, and a record of all it did. */
export class Party {
  readonly ends: Ends;
  readonly deeds: Deed[] = [];
  /** The most connections that were Established at the same time. */
  mostEstablished = 0;
  config: SessionConfig;
  /** Counts the processes: what one of them asked for is not for the next. */
  process = 1;
  /** What becomes of each message on its way out. */
  disguise: (message: BgpMessage) => BgpMessage = (message) => message;
  readonly #agenda: Agenda;
  readonly #chance: Chance;
  readonly #network: Network;
  readonly #sockets = new Map<number, { readonly pipe: Pipe; readonly side: 0 | 1 }>();
  #connections = 0;
  #state: SessionState = initialSession(true);
  #tickAt: number | undefined;

  constructor(config: SessionConfig, ends: Ends, { agenda, chance }: { agenda: Agenda; chance: Chance }, network: Network) {
    this.config = config;
    this.ends = ends;
    this.#agenda = agenda;
    this.#chance = chance;
    this.#network = network;
  }

  get name(): StateName {
    return stateName(this.#state);
  }

  get lastError(): string {
    return this.#state.lastError ?? "";
  }

  /** The pipe of the session that is up. */
  get sessionPipe(): Pipe | undefined {
    const link = establishedLink(this.#state);
    return link === undefined ? undefined : this.#sockets.get(link.connection)?.pipe;
  }

  /** Texts of the deeds of this kind: `connect`, `notification 6/7`, `session-up` ... */
  did(kind: string, since = 0): readonly Deed[] {
    return this.deeds.filter(({ at, text }) => at >= since && text.startsWith(kind));
  }

  event(event: SessionEvent): void {
    const moment = { now: this.#agenda.now, random: this.#chance.next() };
    const { state, effects } = transition(this.#state, event, this.config, moment);
    this.#state = state;
    this.mostEstablished = Math.max(this.mostEstablished, state.links.filter(({ phase }) => phase === "Established").length);
    for (const effect of effects) this.#perform(effect);
    this.#armTick();
  }

  /** The process ends, and another one begins after a while. */
  restart(reason: StopReason, afterMs: number): void {
    this.event({ type: "stop", reason });
    this.process += 1;
    this.#agenda.at(this.#agenda.now + afterMs, () => {
      if (this.#state.running) return;
      this.#state = initialSession(false);
      this.event({ type: "start" });
    });
  }

  /** What came last on the session is no message. */
  hearNonsense(): void {
    const connection = establishedLink(this.#state)?.connection;
    if (connection === undefined) return;
    this.event({
      type: "malformed",
      connection,
      code: 3,
      subcode: 1,
      data: new Uint8Array(),
      reason: "malformed attribute list",
    });
  }

  /** A socket of this party, once it is connected. */
  adopt(pipe: Pipe, side: 0 | 1, attempt: number | undefined): void {
    const connection = this.#connectionOf(pipe);
    this.#sockets.set(connection, { pipe, side });
    const { ends } = this;
    this.event(attempt === undefined ? { type: "inbound", connection, ends } : { type: "connected", attempt, connection, ends });
  }

  /** How this party hears of what comes out of the pipe. */
  listenTo(pipe: () => Pipe): PipeEnd {
    return {
      received: (message) => this.event({ type: "received", connection: this.#connectionOf(pipe()), message }),
      closed: (reason) => this.event({ type: "closed", connection: this.#connectionOf(pipe()), reason }),
    };
  }

  #connectionOf(pipe: Pipe): number {
    for (const [connection, socket] of this.#sockets) if (socket.pipe === pipe) return connection;
    this.#connections += 1;
    return this.#connections;
  }

  #perform(effect: SessionEffect): void {
    switch (effect.type) {
      case "connect":
        this.#note("connect");
        this.#network.dial(effect.attempt);
        return;
      case "send": {
        const socket = this.#sockets.get(effect.connection);
        const message = this.disguise(effect.message);
        this.#note(message.type === "notification" ? `notification ${message.code}/${message.subcode}` : message.type);
        socket?.pipe.send(socket.side, message);
        return;
      }
      case "close": {
        const socket = this.#sockets.get(effect.connection);
        socket?.pipe.close(socket.side);
        return;
      }
      case "session-down":
        this.#note(`session-down: ${effect.reason}`);
        return;
      case "session-up":
      case "resend":
        this.#note(effect.type);
        return;
      case "cancel-connect":
      case "log":
        return;
    }
  }

  #note(text: string): void {
    this.deeds.push({ at: this.#agenda.now, text });
  }

  #armTick(): void {
    const due = dueAt(this.#state);
    if (due === undefined || due === this.#tickAt) return;
    this.#tickAt = due;
    this.#agenda.at(due, () => {
      if (this.#tickAt !== due) return;
      this.#tickAt = undefined;
      if ((dueAt(this.#state) ?? Number.POSITIVE_INFINITY) <= this.#agenda.now) this.event({ type: "tick" });
      else this.#armTick();
    });
  }
}
