import { type ApiView, membersFromApi } from "../membership/from-api.ts";
import { type MemberView, membersOf } from "../membership/member-view.ts";
import { type Members, unknownMembers } from "../membership/members.ts";

/** Who the speakers are: by the membership protocol, or by the API where it is off. */
export class KnownMembers {
  readonly #protocol: boolean;
  #view: MemberView | undefined;
  #members: Members = unknownMembers;
  #text = "";
  #joinedOnce = false;

  /** @param protocol the membership protocol runs on this node. */
  constructor(protocol: boolean) {
    this.#protocol = protocol;
  }

  /** What the protocol said last; undefined: nothing yet, or it is off. */
  get view(): MemberView | undefined {
    return this.#view;
  }

  /** As of {@link view}. */
  get current(): Members {
    return this.#members;
  }

  /** @returns true when elections may give another result than before. */
  follow(view: MemberView): boolean {
    this.#view = view;
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
  const told = [...facts].map(([node, { interfaces, setAside, complete }]) => {
    const links = interfaces.map(({ name, prefixes }) => [name, prefixes.map(({ bits, length }) => `${bits}/${length}`)]);
    return [node, links, setAside, complete];
  });
  return JSON.stringify([conduct, [...alive].sort(), [...dead].sort(), told]);
}
