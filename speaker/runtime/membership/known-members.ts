import type { Standing } from "../../codec/membership-record.ts";
import { type ApiView, membersFromApi } from "../../membership/from-api.ts";
import { type MemberView, membersOf } from "../../membership/member-view.ts";
import { electoralText, type Members, unknownMembers } from "../../membership/members.ts";

const rightful: ReadonlySet<Standing> = new Set<Standing>(["candidate", "leaving", "unwilling"]);
const goes: ReadonlySet<Standing> = new Set<Standing>(["leaving", "unwilling"]);
/** So long after nodes have found each other again one of them may learn that it was replaced. */
const settleMs = 2_000;
/** So long after the first packets of others have come through again some may still be on their way. */
const reunionMs = 1_000;

/** Who the speakers are: by the membership protocol, or by the API where it is off. */
export class KnownMembers {
  readonly #protocol: boolean;
  readonly #node: string;
  #view: MemberView | undefined;
  #members: Members = unknownMembers;
  #text = "";
  #joinedOnce = false;
  #reunitedAt = Number.NEGATIVE_INFINITY;
  #deaf = false;
  #cautiousUntil = Number.NEGATIVE_INFINITY;

  /** @param protocol the membership protocol runs on this node. */
  constructor(protocol: boolean, node: string) {
    this.#protocol = protocol;
    this.#node = node;
  }

  /** What the protocol said last; undefined: nothing yet, or it is off. */
  get view(): MemberView | undefined {
    return this.#view;
  }

  /** As of {@link view}. */
  get current(): Members {
    return this.#members;
  }

  /**
   * Other speakers live though they are not heard, or may: something keeps the protocol's packets from passing, or did so until just
   * now. Not on the first silence of all others, which is their death as far as anybody can tell.
   */
  isCautious(now: number): boolean {
    return this.#isFiltered || now < this.#cautiousUntil;
  }

  get #isFiltered(): boolean {
    return this.#view !== undefined && (this.#deaf || this.#view.source === "api");
  }

  /**
   * Whether this node was the rightful owner of what it announces. One that died, was cut off or was alone may have been
   * replaced long ago.
   */
  mayHandOver(now: number): boolean {
    if (this.#view === undefined) return true;
    const { standing, company } = this.#view;
    // The next owner would wait for this one to fall silent, unless the API says that it is to go.
    if (this.#isFiltered && !goes.has(standing)) return false;
    // The second choice answers on for its like, who know that it does, and not for one that wants addresses: that takes them at once.
    const isRightful = rightful.has(standing) || this.#members.alive.has(this.#node);
    return isRightful && company === "together" && now - this.#reunitedAt > settleMs;
  }

  /** @returns true when elections may give another result than before. @param now milliseconds, monotonic. */
  follow(view: MemberView, now: number): boolean {
    if (view.company === "together" && this.#view !== undefined && this.#view.company !== "together") this.#reunitedAt = now;
    const wasFiltered = this.#isFiltered;
    if (view.company === "deaf") this.#deaf = true;
    else if (view.company === "together") this.#deaf = false;
    this.#view = view;
    if (wasFiltered && !this.#isFiltered) this.#cautiousUntil = now + reunionMs;
    this.#members = membersOf(view);
    const text = textOf(this.#members);
    const changed = text !== this.#text;
    this.#text = text;
    return changed;
  }

  /** @returns undefined before this node has joined for the first time: then nothing is known, and nothing to be said. */
  members(api: ApiView): Members | undefined {
    const members = this.#protocol && api.synced ? this.#members : membersFromApi(api);
    if (members.conduct !== "joining") this.#joinedOnce = true;
    return this.#joinedOnce ? members : undefined;
  }
}

function textOf({ conduct, alive, dead, facts }: Members): string {
  const told = [...facts].map(([node, said]) => [node, electoralText(said)]);
  return JSON.stringify([conduct, [...alive].sort(), [...dead].sort(), told]);
}
