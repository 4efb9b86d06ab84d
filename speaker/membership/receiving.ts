import type { Beat, Claim, Inquiry, MembershipMessage, Page, Pull } from "../codec/membership-message.ts";
import type { RecordPart } from "../codec/membership-record.ts";
import type { Calls } from "./calls.ts";
import type { Contesting } from "./contesting.ts";
import { type Context, targetOf } from "./context.ts";
import type { Received } from "./event.ts";
import type { Isolation } from "./isolation.ts";
import type { Joining } from "./joining.ts";
import type { News } from "./news.ts";
import type { Held } from "./own-record.ts";
import type { Syncing } from "./syncing.ts";
import { steadyMs } from "./timing.ts";
import type { TrustLevel } from "./trust.ts";
import type { Watching } from "./watching.ts";

export type ReceivingParts = {
  readonly news: News;
  readonly watching: Watching;
  readonly syncing: Syncing;
  readonly calls: Calls;
  readonly isolation: Isolation;
  readonly joining: Joining;
  readonly contesting: Contesting;
};

/** Messages that do no harm when they are old: incarnations and generations order what they say, or nothing follows but an answer. */
const fromVouched: ReadonlySet<MembershipMessage["type"]> = new Set<MembershipMessage["type"]>([
  "claims",
  "records",
  "pull",
  "inquiry",
  "contest",
]);

/** Messages that prove their sender by the nonce that they hold. */
const answering: ReadonlySet<MembershipMessage["type"]> = new Set<MembershipMessage["type"]>(["answer", "page", "stands"]);

/** Messages that say what the sender holds of itself. */
const withRecord: ReadonlySet<MembershipMessage["type"]> = new Set<MembershipMessage["type"]>(["records", "pull"]);

/** Judges packets by their sender, and hands on what they say. */
export class Receiving {
  readonly #context: Context;
  readonly #parts: ReceivingParts;
  #reborn = false;
  #heardAnyone = false;
  #rivalName = false;

  constructor(context: Context, parts: ReceivingParts) {
    this.#context = context;
    this.#parts = parts;
  }

  /** A proven peer was heard since the start. */
  get heardAnyone(): boolean {
    return this.#heardAnyone;
  }

  /** Another process answered under our name. */
  get rivalName(): boolean {
    return this.#rivalName;
  }

  /** @returns true once after the peers made this node begin a new life. */
  takeRebirth(): boolean {
    const reborn = this.#reborn;
    this.#reborn = false;
    return reborn;
  }

  receive(packet: Received): void {
    const { self, trust, challenge, clock } = this.#context;
    const { sender, startId, counter, message } = packet;
    const answers = answering.has(message.type) && "nonce" in message && challenge.matches(message.nonce, clock.lived);
    if (sender === self) {
      this.#receiveOwnName(packet, answers);
      return;
    }
    const level = trust.judge(sender, startId, counter);
    if (level === "replayed") return;
    if (message.type === "probe") this.#answer(packet, message.nonce);
    if (answers) trust.prove(sender, startId, counter);
    if (!answers && !mayPass(level, message.type)) {
      this.#challenge(packet);
      return;
    }
    if (answers || level === "proven") this.#heard(packet);
    this.#dispatch(sender, message);
  }

  /** Packets of our former starts may be sent again; only a process that answers now is a rival. */
  #receiveOwnName(packet: Received, answers: boolean): void {
    if (packet.startId === this.#context.startId || packet.from === this.#context.address) return;
    if (answers) this.#rivalName = true;
    else this.#challenge(packet);
  }

  #answer({ sender, from }: Received, nonce: string): void {
    this.#context.outbox.send([{ name: sender, address: from }], { type: "answer", nonce });
  }

  /** Asks where the node is known to be: the packet may have been sent by another. */
  #challenge({ sender, from }: Received): void {
    const { outbox, challenge, clock, self } = this.#context;
    if (!challenge.mayAskStranger(sender, clock.lived)) return;
    const address = (sender === self ? "" : targetOf(this.#context, sender).address) || from;
    outbox.send([{ name: sender, address }], { type: "probe", nonce: challenge.nonce(clock.lived) });
  }

  #heard({ sender, from, message }: Received): void {
    const { trust, clock, table, own } = this.#context;
    const { watching, isolation, joining, calls, syncing, news } = this.#parts;
    this.#heardAnyone = true;
    trust.heard(sender, clock.lived);
    joining.heard();
    const before = isolation.heard();
    if (before !== "together") {
      watching.excuseAll();
      // Nobody was heard for so long that the others may have taken over: what they say of this node holds.
      own.away = true;
    }
    if (before === "cut-off") {
      own.cutOff = false;
      joining.restart();
    }
    watching.heard(sender);
    const held = table.get(sender);
    if ((held?.status === "dead" || held?.status === "left") && !withRecord.has(message.type)) news.nudge(sender);
    if (!own.joined) calls.joinSoon();
    else if (held === undefined && !syncing.busy) syncing.start({ name: sender, address: from });
  }

  #dispatch(sender: string, message: MembershipMessage): void {
    const { watching, contesting } = this.#parts;
    switch (message.type) {
      case "probe":
      case "answer":
        return;
      case "beat":
        this.#beat(sender, message);
        return;
      case "inquiry":
        this.#inquiry(sender, message);
        return;
      case "word":
        watching.word(sender, message);
        return;
      case "claims":
        this.#claims(sender, message.claims, message.alive, message.fresh);
        return;
      case "records":
        this.#records(sender, message.records, 0);
        return;
      case "pull":
        this.#pull(sender, message);
        return;
      case "page":
        this.#page(sender, message);
        return;
      case "contest":
        contesting.contested(sender, message);
        return;
      case "stands":
        contesting.stood(sender, message);
        return;
    }
  }

  #claims(sender: string, claims: readonly Claim[], alive: number, fresh: boolean): void {
    for (const claim of claims) {
      if (claim.name === this.#context.self) this.#claimOfSelf(sender, claim, alive, fresh);
      else this.#parts.news.claim(sender, claim, fresh);
    }
  }

  #beat(sender: string, { incarnation, generation, digest, claims }: Beat): void {
    const { table } = this.#context;
    this.#claims(sender, claims, 0, true);
    const held = table.get(sender);
    if (held?.status !== "alive") return;
    this.#parts.watching.beatHeard(sender);
    const newer = incarnation > held.record.incarnation || generation > held.record.generation;
    if (newer || digest !== table.digest()) this.#parts.syncing.differs(sender);
  }

  #inquiry(sender: string, inquiry: Inquiry): void {
    const held = this.#context.table.get(inquiry.about);
    const known = held?.record.incarnation ?? 0;
    const ended = held?.status === "dead" || held?.status === "left";
    if (held !== undefined && (known > inquiry.incarnation || (ended && known === inquiry.incarnation))) {
      this.#parts.news.answerAbout(sender, held);
    } else this.#parts.watching.inquired(sender, inquiry);
  }

  #claimOfSelf(sender: string, held: Held, alive: number, fresh: boolean): void {
    const { own } = this.#context;
    if (held.incarnation < own.incarnation && held.verdict !== "alive") this.#parts.news.tellOwnTo(sender);
    else this.#selfHeld(held, alive, fresh);
  }

  /**
   * A node that died is damped: it was told so by those who saw it, or it knows that it was away. Where a cluster was cut in
   * two, each part holds the other dead; then those of the smaller part are. Who is held dead by more nodes than it holds, or
   * lately held, dead itself has not noticed any cut, so it was the one that was cut off.
   */
  #selfHeld(held: Held, alive: number, fresh: boolean): void {
    const { own, clock, steady } = this.#context;
    const blame = fresh || own.away || alive > steady.value || alive > this.#apart();
    if (own.heldAs(held, blame, clock.lived)) this.#reborn = true;
  }

  /** Nodes that are held dead here, or were until lately. */
  #apart(): number {
    const { table, clock, self } = this.#context;
    let apart = 0;
    for (const { record, status, since } of table.entries()) {
      if (record.name !== self && (status === "dead" || clock.lived - since < steadyMs)) apart += 1;
    }
    return apart;
  }

  #records(sender: string, records: readonly RecordPart[], alive: number): void {
    for (const record of records) {
      if (record.name === this.#context.self) this.#selfHeld(record, alive, false);
      else this.#parts.news.record(sender, record, alive);
    }
  }

  #pull(sender: string, pull: Pull): void {
    const { outbox, table } = this.#context;
    const { news, syncing } = this.#parts;
    if (pull.own.name !== sender) return;
    news.record(sender, pull.own, 0);
    const to = targetOf(this.#context, sender);
    outbox.send([to], syncing.pageFor(sender, pull));
    const digests = table.digests();
    if (pull.after === undefined && pull.digests.some((digest, i) => digest !== digests[i])) syncing.differs(sender);
  }

  #page(sender: string, page: Page): void {
    const { syncing, joining } = this.#parts;
    this.#selfHeld(page.you, page.alive, false);
    this.#records(sender, page.records, page.alive);
    if (syncing.page(targetOf(this.#context, sender), page) && page.joined) joining.synced();
  }
}

function mayPass(level: TrustLevel, type: MembershipMessage["type"]): boolean {
  return level === "proven" || (level === "vouched" && fromVouched.has(type));
}
