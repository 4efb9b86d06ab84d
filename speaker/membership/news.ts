import { claimOctets } from "../codec/membership-body.ts";
import { fieldHeadOctets } from "../codec/membership-field.ts";
import { maxBodyOctets } from "../codec/membership-limit.ts";
import type { Claim, Claims } from "../codec/membership-message.ts";
import type { RecordPart, Verdict } from "../codec/membership-record.ts";
import { Budget } from "./budget.ts";
import { type Context, hold, targetOf, targetsOf } from "./context.ts";
import { FactsAssembly, partsOf } from "./facts-assembly.ts";
import { type Entry, noveltyOf, reachableStatuses, type Status } from "./member-record.ts";
import { doubtMs, tellOnMs } from "./timing.ts";

/** A death at second hand: it holds unless the accused is heard of in time. */
type Doubt = { readonly incarnation: number; readonly since: number; readonly reason: string };

/** Packets to nodes that may not know that they are held dead. */
const nudgeBurst = 64;
const nudgesPerSecond = 20;

const living: ReadonlySet<Status> = new Set<Status>(["alive"]);

/** Takes in what is told of nodes, and tells what is new here. */
export class News {
  readonly #context: Context;
  readonly #assembly = new FactsAssembly();
  readonly #doubts = new Map<string, Doubt>();
  readonly #nudges: Budget;
  #deaths: Claim[] = [];
  /** Deaths that beats tell on. */
  #recent: readonly { readonly until: number; readonly claim: Claim }[] = [];

  constructor(context: Context) {
    this.#context = context;
    this.#nudges = new Budget(nudgeBurst, nudgesPerSecond, context.clock.lived);
  }

  /** Deaths at second hand whose time is over. */
  tick(): void {
    const { clock, table, trust } = this.#context;
    for (const [name, { incarnation, since, reason }] of this.#doubts) {
      if (clock.lived - since < doubtMs) continue;
      this.#doubts.delete(name);
      const held = table.get(name);
      const heardAt = trust.heardAt(name);
      const livesOn =
        held?.status !== "alive" || held.record.incarnation !== incarnation || (heardAt !== undefined && heardAt > since);
      if (held !== undefined && !livesOn) hold(this.#context, held.record, "dead", reason);
    }
  }

  nextAt(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { since } of this.#doubts.values()) next = Math.min(next, since + doubtMs);
    return next;
  }

  /** Tells the deaths of this transition, several in one packet. */
  flush(): void {
    if (this.#deaths.length === 0) return;
    const claims = this.#deaths;
    this.#deaths = [];
    this.#sendDeaths(claims);
  }

  /** Deaths to tell on with a beat: the news to all may have been lost on the way to some. */
  recentDeaths(): readonly Claim[] {
    if (this.#recent.length === 0) return [];
    const { clock, table } = this.#context;
    const holds = ({ name }: Claim): boolean => table.get(name)?.status !== "alive";
    this.#recent = this.#recent.filter(({ until, claim }) => until > clock.lived && holds(claim));
    return packets(this.#recent.map(({ claim }) => claim)).at(-1) ?? [];
  }

  /** Own conclusion: the node is dead. Told to all, the node included. */
  declareDead(name: string, reason: string): void {
    const held = this.#context.table.get(name);
    if (held === undefined || held.status !== "alive") return;
    hold(this.#context, held.record, "dead", reason);
    const claim: Claim = { ...claimOf(held), verdict: "dead" };
    this.#deaths.push(claim);
    this.#tellOn(claim);
  }

  /** What changed of this node itself, told to all who may hear it. */
  tellOwn(verdict: Verdict): void {
    const { own, outbox } = this.#context;
    const targets = targetsOf(this.#context, reachableStatuses);
    for (const part of partsOf(own.record, verdict)) outbox.send(targets, { type: "records", records: [part] });
  }

  /**
   * One record of another node, as `sender` holds it.
   * @param alive how many nodes live in the sender's view.
   */
  record(sender: string, told: RecordPart, alive: number): void {
    const held = this.#context.table.get(told.name);
    switch (noveltyOf(told, held)) {
      case "news":
        this.#takeIn(sender, told, held);
        return;
      case "death":
        if (held !== undefined) this.#doubt(sender, held, alive);
        return;
      case "outlived":
      case "stale":
        if (held !== undefined && (told.name === sender || told.verdict === "alive")) this.#remind(sender, told, held);
        return;
      case "same":
        return;
    }
  }

  /** One claim about another node. @param fresh the death was found just now. */
  claim(sender: string, claim: Claim, fresh: boolean): void {
    const { name, incarnation, verdict } = claim;
    const held = this.#context.table.get(name);
    if (held === undefined || verdict === "alive") return;
    const { record } = held;
    if (incarnation < record.incarnation) {
      this.answerAbout(sender, held);
      return;
    }
    const novelty = noveltyOf({ incarnation, generation: record.generation, verdict }, held);
    if (novelty !== "news" && novelty !== "death") return;
    const reason = verdict === "left" ? "it said goodbye" : `${sender} and another heard nothing of it`;
    hold(this.#context, incarnation === record.incarnation ? record : { ...record, incarnation }, verdict, reason);
    if (fresh) this.#tellOn(claim);
  }

  /** Somebody holds a node as it was: tells what has become of it. */
  answerAbout(asker: string, held: Entry): void {
    const to = [targetOf(this.#context, asker)];
    const claims = [claimOf(held)];
    if (held.status === "alive") this.#context.outbox.send(to, { type: "records", records: firstPart(held) });
    else this.#context.outbox.send(to, { type: "claims", alive: this.#context.steady.value, fresh: false, claims });
  }

  /** Somebody holds this node as it was. */
  tellOwnTo(name: string): void {
    const [first] = partsOf(this.#context.own.record, "alive");
    if (first !== undefined) this.#context.outbox.send([targetOf(this.#context, name)], { type: "records", records: [first] });
  }

  /** Tells the node what we hold of it, unless too many were told lately. */
  nudge(name: string): void {
    const held = this.#context.table.get(name);
    if (held === undefined || !this.#nudges.take(this.#context.clock.lived)) return;
    this.#claimTo(name, claimOf(held), this.#context.steady.value);
  }

  #tellOn(claim: Claim): void {
    this.#recent = [...this.#recent, { until: this.#context.clock.lived + tellOnMs, claim }];
  }

  #takeIn(sender: string, told: RecordPart, held: Entry | undefined): void {
    const record = this.#assembly.add(told);
    if (record === undefined) return;
    const { name } = record;
    const status = told.verdict;
    if (!hold(this.#context, record, status, reasonOf(sender, told, held))) return;
    this.#doubts.delete(name);
    if (name !== sender || status !== "alive") return;
    // Others do not know this start yet, so they would not listen to the node itself.
    if (held?.record.startId !== record.startId) this.#introduce(name, record);
  }

  #introduce(name: string, record: Entry["record"]): void {
    const others = targetsOf(this.#context, living).filter((target) => target.name !== name);
    for (const part of partsOf(record, "alive")) this.#context.outbox.send(others, { type: "records", records: [part] });
  }

  #doubt(sender: string, held: Entry, alive: number): void {
    const { clock } = this.#context;
    const { name, incarnation } = held.record;
    if (held.status !== "alive") return;
    if (this.#doubts.get(name)?.incarnation === incarnation || !this.#nudges.take(clock.lived)) return;
    this.#doubts.set(name, { incarnation, since: clock.lived, reason: `${sender} holds it dead, and it did not object` });
    this.#claimTo(name, { ...claimOf(held), verdict: "dead" }, alive);
  }

  /** Someone holds a life that has ended here, or an earlier one: the node itself must hear of it. */
  #remind(sender: string, told: RecordPart, held: Entry): void {
    if (told.name === sender) this.nudge(sender);
    else if (held.status === "dead" && told.incarnation === held.record.incarnation) this.nudge(told.name);
  }

  #claimTo(name: string, claim: Claim, alive: number): void {
    this.#context.outbox.send([targetOf(this.#context, name)], { type: "claims", alive, fresh: false, claims: [claim] });
  }

  #sendDeaths(claims: readonly Claim[]): void {
    const { outbox, steady } = this.#context;
    const accused = claims.map(({ name }) => targetOf(this.#context, name));
    const to = [...targetsOf(this.#context, living), ...accused];
    for (const packet of packets(claims)) {
      outbox.send(to, { type: "claims", alive: steady.value, fresh: true, claims: packet } satisfies Claims);
    }
  }
}

function claimOf({ record, status }: Entry): Claim {
  const { name, incarnation, deaths } = record;
  return { name, incarnation, verdict: status, deaths };
}

function firstPart(held: Entry): readonly RecordPart[] {
  return partsOf(held.record, held.status).slice(0, 1);
}

function reasonOf(sender: string, { name, verdict }: RecordPart, held: Entry | undefined): string {
  if (verdict === "left") return "it said goodbye";
  if (verdict === "dead") return `${sender} holds it dead`;
  if (held?.status === "alive") return held.reason;
  return name === sender ? "it beats" : `${sender} holds it alive`;
}

/** As many claims in one packet as fit. */
function packets(claims: readonly Claim[]): readonly (readonly Claim[])[] {
  const head = 1 + 3 * (fieldHeadOctets + 4); // of a beat, which has more in front of them
  const all: Claim[][] = [];
  let room = 0;
  for (const claim of claims) {
    const last = all.at(-1);
    if (last === undefined || claimOctets(claim) > room) {
      all.push([claim]);
      room = maxBodyOctets - head;
    } else last.push(claim);
    room -= claimOctets(claim);
  }
  return all;
}
