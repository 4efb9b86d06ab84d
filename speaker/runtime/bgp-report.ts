import { formatAddress } from "../../crds/net/address.ts";
import type { Clock } from "../../operator/framework/clock.ts";
import type { DerivedCondition } from "../../operator/framework/conditions.ts";
import { sessionConditions } from "../status/session-conditions.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";
import { PacedConditions } from "./paced-conditions.ts";

/** What is told of the BGP sessions of this node: conditions at a pace, and all of it on demand. */
export class BgpReport {
  readonly #paced: PacedConditions;
  #sessions: readonly BgpSessionFacts[] = [];

  /** @param onChange the conditions changed. */
  constructor(clock: Clock, onChange: () => void) {
    this.#paced = new PacedConditions({ clock, onChange, present: () => sessionConditions(this.#sessions.map(standingOf)) });
  }

  /** One for each BGPPeer, as said last. */
  get conditions(): readonly DerivedCondition[] {
    return this.#paced.conditions;
  }

  get sessions(): readonly BgpSessionFacts[] {
    return this.#sessions;
  }

  /** @param sessions all of this node's. */
  follow(sessions: readonly BgpSessionFacts[]): void {
    this.#sessions = sessions;
    this.#paced.follow();
  }
}

/** Whom a session is with, as text: address and port; for an unnumbered one that has found nobody yet, the interface. */
export function neighbourOf({ endpoint, ends, port }: BgpSessionFacts): string {
  const remote = ends?.remote ?? (endpoint.type === "address" ? endpoint.address : undefined);
  if (remote === undefined) return endpoint.type === "interface" ? endpoint.name : "";
  const text = formatAddress(remote);
  return remote.family === "IPv6" ? `[${text}]:${port}` : `${text}:${port}`;
}

function standingOf(session: BgpSessionFacts) {
  const { peers, state, negotiated, lastError } = session;
  return {
    peers,
    state,
    neighbour: neighbourOf(session),
    ...(negotiated !== undefined && { peerAS: negotiated.peerAS }),
    ...(lastError !== undefined && { lastError }),
  };
}
