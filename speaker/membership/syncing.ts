import { fieldHeadOctets } from "../codec/membership-field.ts";
import { idOctets, maxBodyOctets } from "../codec/membership-limit.ts";
import type { Cursor, Page, Pull } from "../codec/membership-message.ts";
import { type RecordPart, recordPartOctets } from "../codec/membership-record.ts";
import { type Context, targetOf } from "./context.ts";
import type { Target } from "./event.ts";
import { partsOf } from "./facts-assembly.ts";
import type { Entry } from "./member-record.ts";
import { joinRetryMs, settleMs } from "./timing.ts";

/** A page is asked for again after this time, and so often. */
const pageMs = 100;
const maxTries = 3;

/** An exchange with one node, page by page. */
type Session = { readonly peer: Target; after: Cursor | undefined; askedAt: number; tries: number };

/** Octets of a page without its records. */
const pageOctets = 1 + 7 * fieldHeadOctets + idOctets + 2 + 1 + 4 + 1;

/** Brings views together: whoever sees that another's view differs asks for the part that does. */
export class Syncing {
  readonly #context: Context;
  #session: Session | undefined;
  #lastDigest = 0;
  #digestSince = 0;
  #lastStart = Number.NEGATIVE_INFINITY;

  constructor(context: Context) {
    this.#context = context;
  }

  get busy(): boolean {
    return this.#session !== undefined;
  }

  tick(): void {
    const { clock, table } = this.#context;
    if (table.digest() !== this.#lastDigest) {
      this.#lastDigest = table.digest();
      this.#digestSince = clock.lived;
    }
    const session = this.#session;
    if (session === undefined || clock.lived - session.askedAt < pageMs) return;
    if (session.tries >= maxTries) this.#session = undefined;
    else this.#ask(session);
  }

  nextAt(): number {
    return this.#session === undefined ? Number.POSITIVE_INFINITY : this.#session.askedAt + pageMs;
  }

  /** Asks one node for all that differs. Another exchange that runs goes on by itself no longer. */
  start(peer: Target): void {
    const { clock } = this.#context;
    this.#session = { peer, after: undefined, askedAt: clock.lived, tries: 0 };
    this.#lastStart = clock.lived;
    this.#ask(this.#session);
  }

  /** One question, without following it up; whoever answers first is asked for the rest. */
  call(peers: readonly Target[]): void {
    this.#send(peers, undefined);
  }

  /** The node's beat shows another view than ours. */
  differs(name: string): void {
    const { clock } = this.#context;
    if (this.busy || clock.lived - this.#digestSince < settleMs || clock.lived - this.#lastStart < joinRetryMs) return;
    this.start(targetOf(this.#context, name));
  }

  /** @returns the page for that pull. */
  pageFor(sender: string, { nonce, digests, after }: Pull): Page {
    const { table, own, steady } = this.#context;
    const held = table.get(sender);
    const you = {
      verdict: held === undefined ? "dead" : held.status,
      incarnation: held?.record.incarnation ?? 0,
      deaths: held?.record.deaths ?? 0,
    } as const;
    const records: RecordPart[] = [];
    let room = maxBodyOctets - pageOctets;
    let more = false;
    for (const part of partsAfter(table.differing(digests, after?.name), after)) {
      room -= recordPartOctets(part);
      if (room < 0) {
        more = true;
        break;
      }
      records.push(part);
    }
    return { type: "page", nonce, alive: steady.value, you, joined: own.joined, records, more };
  }

  /**
   * A page came; its records were taken in already.
   * @returns true when it was the last one of an exchange.
   */
  page(sender: Target, { more, records }: Page): boolean {
    if (this.#session !== undefined && this.#session.peer.name !== sender.name) return false;
    const last = records.at(-1);
    if (!more || last === undefined) {
      this.#session = undefined;
      return true;
    }
    this.#session = { peer: sender, after: { name: last.name, part: last.part }, askedAt: 0, tries: 0 };
    this.#ask(this.#session);
    return false;
  }

  #ask(session: Session): void {
    session.askedAt = this.#context.clock.lived;
    session.tries += 1;
    this.#send([session.peer], session.after);
  }

  #send(peers: readonly Target[], after: Cursor | undefined): void {
    const { own, table, outbox, challenge, clock } = this.#context;
    const [first, ...rest] = partsOf(own.record, "alive");
    if (first === undefined) return;
    const nonce = challenge.nonce(clock.lived);
    outbox.send(peers, { type: "pull", nonce, own: first, digests: table.digests(), after });
    if (after === undefined) for (const part of rest) outbox.send(peers, { type: "records", records: [part] });
  }
}

/** The parts of the entries that stand behind the cursor. */
function* partsAfter(entries: Iterable<Entry>, after: Cursor | undefined): IterableIterator<RecordPart> {
  for (const entry of entries) {
    for (const part of partsOf(entry.record, entry.status)) {
      if (part.name !== after?.name || part.part > after.part) yield part;
    }
  }
}
