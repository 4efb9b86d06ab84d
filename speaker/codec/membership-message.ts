import type { RecordPart, Verdict } from "./membership-record.ts";
import type { Stand } from "./membership-stand.ts";

/** I live. Sent every 100 ms to the nodes that watch the sender. */
export type Beat = {
  readonly type: "beat";
  readonly incarnation: number;
  readonly generation: number;
  /** Of the sender's view: equal digests, equal views. */
  readonly digest: number;
  /** Deaths that the sender heard of just now, for those who missed the news. */
  readonly claims: readonly Claim[];
};

/** Are you there, and is this your start? The nonce is fresh, so the answer to it cannot be an old one. */
export type Probe = { readonly type: "probe"; readonly nonce: string };

/** Holds what the probe held. */
export type Answer = { readonly type: "answer"; readonly nonce: string };

/** I hear nothing of that node: do you? The receiver says what it knows, and probes the node, to know more when asked again. */
export type Inquiry = {
  readonly type: "inquiry";
  readonly about: string;
  readonly address: string;
  readonly incarnation: number;
};

/** stranger: the sender does not watch the node. waits: it does. suspects: it does, and heard nothing for too long. */
export type Stance = "stranger" | "waits" | "suspects";

/** What the sender heard of a node. */
export type Word = {
  readonly type: "word";
  readonly about: string;
  readonly incarnation: number;
  /** Undefined: nothing. */
  readonly heardAgoMs: number | undefined;
  readonly stance: Stance;
};

/** That life of that node has ended, or has not. */
export type Claim = {
  readonly name: string;
  readonly incarnation: number;
  readonly verdict: Verdict;
  /** Earlier deaths, as the node told them itself. */
  readonly deaths: number;
};

/** Deaths told to all; to one node: what is held of it. */
export type Claims = {
  readonly type: "claims";
  /** How many nodes live in the view that the claims are from. */
  readonly alive: number;
  /** True: the deaths were found just now. False: they are what somebody holds. */
  readonly fresh: boolean;
  readonly claims: readonly Claim[];
};

/** What is new of nodes. Of the sender itself: its facts, a refutation (a higher incarnation) or its leave (`left`). */
export type Records = { readonly type: "records"; readonly records: readonly RecordPart[] };

/** A place in the order of names, and of the parts of one node's record. */
export type Cursor = { readonly name: string; readonly part: number };

/** Asks for what the receiver knows and the sender does not. */
export type Pull = {
  readonly type: "pull";
  /** As of a probe: the page proves whose it is, and that it is not an old one. */
  readonly nonce: string;
  /** The sender's own record, or its first part. */
  readonly own: RecordPart;
  /** 32 digests of the sender's view, each of the nodes whose name falls to it. */
  readonly digests: readonly number[];
  /** What comes behind this; undefined: from the first on. */
  readonly after: Cursor | undefined;
};

/** Answer to a pull: a part of the parts that differ. */
export type Page = {
  readonly type: "page";
  /** Of the pull. */
  readonly nonce: string;
  readonly alive: number;
  /** What the sender holds of the one who pulled. */
  readonly you: { readonly verdict: Verdict; readonly incarnation: number; readonly deaths: number };
  /** True: the sender takes part in elections, so its view is more than what it was told last second. */
  readonly joined: boolean;
  readonly records: readonly RecordPart[];
  /** True: pull again, after the last record. */
  readonly more: boolean;
};

/** Somebody with your MAC claims these addresses: do you stand for them? */
export type Contest = {
  readonly type: "contest";
  /** As of a probe: the answer proves whose it is, and that it is not an old one. */
  readonly nonce: string;
  /** As text; at most {@link maxContested}. */
  readonly addresses: readonly string[];
  /** True: the sender stands for all of them, too. */
  readonly standing: boolean;
};

/** Answer to a contest. An address that is in neither list was not understood. */
export type Stands = {
  readonly type: "stands";
  /** Of the contest. */
  readonly nonce: string;
  readonly stands: readonly Stand[];
  /** Addresses that the sender does not announce. */
  readonly denied: readonly string[];
};

export type MembershipMessage = Beat | Probe | Answer | Inquiry | Word | Claims | Records | Pull | Page | Contest | Stands;
