import { decodeMemberFacts, type MemberFacts } from "../codec/membership-facts.ts";
import type { Standing } from "../codec/membership-record.ts";
import type { SpeakerPod } from "./event.ts";
import type { Company } from "./isolation.ts";
import { type Entry, wantsAddresses } from "./member-record.ts";
import type { MemberTable } from "./member-table.ts";
import type { Conduct, Members } from "./members.ts";
import type { OwnRecord } from "./own-record.ts";
import { isSecondChoice, type SecondChoice } from "./second-choice.ts";

/** What this node holds of one node, for elections and for people. */
export type Member = {
  readonly alive: boolean;
  /** It was silent for too long. False for one that said goodbye or whose network thread stands still. */
  readonly dead: boolean;
  /** It may be given addresses. */
  readonly candidate: boolean;
  /** Encoded as the node sent it; undefined: nothing is known. */
  readonly facts: Uint8Array | undefined;
  /** In words, why it is alive and a candidate, or not. */
  readonly reason: string;
};

/** What a speaker knows of all speakers. A value. */
export type MemberView = {
  /** Counts the changes of what follows. */
  readonly generation: number;
  readonly conduct: Conduct;
  readonly company: Company;
  /** What this node says of itself. */
  readonly standing: Standing;
  /** messages: from our own protocol. api: no speaker was ever heard, so Ready nodes count. */
  readonly source: "messages" | "api";
  /** By node, own node included. */
  readonly members: ReadonlyMap<string, Member>;
  /** What is not as it should be, in words. */
  readonly remarks: readonly string[];
};

export type ViewSource = {
  readonly self: string;
  readonly table: MemberTable;
  readonly own: OwnRecord;
  readonly company: Company;
  readonly heardAnyone: boolean;
  readonly pods: ReadonlyMap<string, SpeakerPod> | undefined;
  /** Another process uses our name. */
  readonly rivalName: boolean;
  /** Nodes that died lately and may be given addresses all the same. */
  readonly secondChoice: Pick<SecondChoice, "includes">;
};

const ofStanding: { readonly [standing in Standing]: string } = {
  candidate: "it lives and takes addresses",
  joining: "it has yet to hear from the others",
  damped: "it died lately and is not given addresses before it has lived for longer",
  returning: "it died a moment ago and is not given addresses before it has lived for some seconds",
  unwilling: "it does not want addresses",
  leaving: "it is being stopped",
  held: "its network thread stands still",
  "cut-off": "it hears neither peers nor the segment",
};

export function buildView(source: ViewSource, generation: number): MemberView {
  const { company, own } = source;
  const fromApi = own.joined && !source.heardAnyone && (source.pods?.size ?? 0) > 0;
  return {
    generation,
    conduct: !own.joined ? "joining" : company === "cut-off" || company === "asking" ? "freeze" : "member",
    company,
    standing: own.standing,
    source: fromApi ? "api" : "messages",
    members: fromApi ? membersByApi(source) : membersByMessages(source),
    remarks: remarksOf(source, fromApi),
  };
}

/**
 * The part of the view that elections read. Where the API alone says who lives, nobody knows what the others say of
 * themselves, and what one node alone knows must not decide: facts are left out.
 */
export function membersOf({ conduct, members, source }: MemberView): Members {
  const alive = new Set<string>();
  const dead = new Set<string>();
  const facts = new Map<string, MemberFacts>();
  for (const [node, member] of members) {
    if (member.candidate) alive.add(node);
    if (member.dead) dead.add(node);
    const known = source === "messages" ? factsOf(member) : undefined;
    if (known !== undefined) facts.set(node, known);
  }
  return { conduct, alive, dead, facts };
}

/** Undefined: it has not said anything yet, or nothing that can be read. */
function factsOf({ facts }: Member): MemberFacts | undefined {
  if (facts === undefined || facts.length === 0) return undefined;
  const result = decodeMemberFacts(facts);
  return result.ok ? result.value : undefined;
}

function membersByMessages({ table, secondChoice }: ViewSource): ReadonlyMap<string, Member> {
  const entries = [...table.entries()].sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
  return new Map(entries.map((entry) => [entry.record.name, memberOf(entry, secondChoice.includes(entry.record.name))]));
}

function memberOf({ record, status, reason }: Entry, isSecond: boolean): Member {
  const { facts, standing } = record;
  if (status !== "alive") return { alive: false, dead: status === "dead", candidate: false, facts, reason };
  const candidate = wantsAddresses(standing) || (isSecond && isSecondChoice(standing));
  const last = candidate && !wantsAddresses(standing) ? ", but nobody else took addresses" : "";
  return { alive: standing !== "held", dead: false, candidate, facts, reason: ofStanding[standing] + last };
}

/**
 * Speakers whose Pod is Ready; where none is, all of them. This node counts as the others see it, and then only as far as it
 * wants to: what it alone knows must not make it an owner beside theirs.
 */
function membersByApi({ pods, self, table, own }: ViewSource): ReadonlyMap<string, Member> {
  const listed = [...(pods ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  const anyReady = listed.some(([, { ready }]) => ready);
  const members = new Map<string, Member>();
  for (const [node, { ready }] of listed) {
    const reason = ready ? "its Pod is Ready; its speaker was never heard" : "its Pod is not Ready";
    members.set(node, { alive: ready, dead: false, candidate: ready || !anyReady, facts: undefined, reason });
  }
  const seen = members.get(self)?.candidate ?? false;
  const wants = wantsAddresses(own.standing) || isSecondChoice(own.standing);
  const reason = wants && !seen ? "its Pod is not Ready" : ofStanding[own.standing];
  const { facts } = table.get(self)?.record ?? own.record;
  return members.set(self, { alive: own.wireAlive, dead: false, candidate: wants && seen, facts, reason });
}

function remarksOf({ company, own, rivalName, table }: ViewSource, fromApi: boolean): readonly string[] {
  const remarks: string[] = [];
  if (fromApi) {
    remarks.push(
      "no other speaker was ever heard: the nodes whose speaker is Ready share the addresses. Let UDP on the membership port pass between the nodes",
    );
  }
  if (company === "alone") remarks.push("no other speaker is heard while the segment answers: this node takes all addresses");
  if (company === "deaf") {
    remarks.push("no other speaker is heard, though some answer for addresses: let UDP on the membership port pass");
  }
  if (company === "cut-off") {
    remarks.push("neither other speakers nor the segment are heard: this node keeps what it announces and takes nothing");
  }
  if (own.outcast) remarks.push("the others hold this node dead and do not hear its objection");
  else if (own.joined && !own.confirmed && table.alive > 1) remarks.push("no other speaker says that it hears this node");
  if (rivalName) remarks.push("another speaker uses this node's name");
  return remarks;
}
