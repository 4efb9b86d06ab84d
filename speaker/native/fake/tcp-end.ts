import type { TcpConnection, TcpEnd, TcpEvents } from "../ports.ts";
import { closingText } from "../tcp/tcp-failure.ts";

/** What one side takes before the other has to wait, and the largest read. */
const WINDOW_OCTETS = 65_536;

type Ending = "closed" | "reset";

/** One end of a connection in memory. What is sent arrives in a later microtask, unless the line is cut. */
export class FakeTcpEnd implements TcpConnection {
  readonly local: TcpEnd;
  readonly remote: TcpEnd;
  readonly #ttl: number;
  readonly #minimumTtl: number;
  readonly #isCut: () => boolean;
  #peer: FakeTcpEnd | undefined;
  #events: TcpEvents | undefined;
  #inbound: Uint8Array[] = [];
  #ending: Ending | undefined;
  #wantsRead = false;
  #isFull = false;
  #over = false;

  constructor(local: TcpEnd, remote: TcpEnd, ttl: number, minimumTtl: number, isCut: () => boolean) {
    this.local = local;
    this.remote = remote;
    this.#ttl = ttl;
    this.#minimumTtl = minimumTtl;
    this.#isCut = isCut;
  }

  static join(a: FakeTcpEnd, b: FakeTcpEnd): void {
    a.#peer = b;
    b.#peer = a;
  }

  open(events: TcpEvents): void {
    this.#events = events;
    this.#turn();
  }

  read(): void {
    this.#wantsRead = true;
    this.#turn();
  }

  send(octets: Uint8Array): boolean {
    const peer = this.#peer;
    if (this.#over || peer === undefined) return true;
    peer.#arrive(octets.slice(), this.#ttl);
    this.#isFull = peer.#waiting > WINDOW_OCTETS;
    return !this.#isFull;
  }

  close(): void {
    this.#finish("closed");
  }

  abort(): void {
    this.#finish("closed");
  }

  /** Octets that nobody has read yet. */
  get #waiting(): number {
    return this.#inbound.reduce((sum, { length }) => sum + length, 0);
  }

  #finish(ending: Ending): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#isCut() || this.#peer === undefined) return;
    this.#peer.#ending ??= ending;
    this.#peer.#turn();
  }

  #arrive(octets: Uint8Array, ttl: number): void {
    if (this.#isCut() || ttl < this.#minimumTtl) return;
    if (this.#over) {
      // As a kernel answers for a socket that is gone.
      if (this.#peer !== undefined) this.#peer.#end("reset");
      return;
    }
    for (let at = 0; at < octets.length; at += WINDOW_OCTETS) this.#inbound.push(octets.subarray(at, at + WINDOW_OCTETS));
    this.#turn();
  }

  #turn(): void {
    queueMicrotask(() => this.#deliver());
  }

  #deliver(): void {
    const events = this.#events;
    if (this.#over || events === undefined) return;
    const octets = this.#wantsRead ? this.#inbound.shift() : undefined;
    if (octets !== undefined) {
      this.#wantsRead = false;
      events.onOctets(octets);
      if (this.#peer !== undefined) this.#peer.#drained(this.#waiting);
    } else if (this.#ending !== undefined && this.#inbound.length === 0) this.#end(this.#ending);
  }

  #drained(waiting: number): void {
    if (!this.#isFull || waiting > WINDOW_OCTETS || this.#over) return;
    this.#isFull = false;
    queueMicrotask(() => {
      if (!this.#over) this.#events?.onDrained();
    });
  }

  #end(ending: Ending): void {
    if (this.#over) return;
    this.#over = true;
    this.#events?.onClosed(closingText(ending === "reset" ? "ECONNRESET" : undefined, this.remote));
  }
}
