import { formatAddress } from "../../../crds/net/address.ts";
import type { Clock } from "../../../operator/framework/clock.ts";
import type { DerivedCondition } from "../../../operator/framework/conditions.ts";
import type { PlannedSession } from "../../bgp/session/session-plan.ts";
import { type SessionStanding, sessionConditions } from "../../status/session-conditions.ts";
import { PacedConditions } from "../report/paced-conditions.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";

/** What is told of the BGP sessions of this node: conditions at a pace, and all of it on demand. */
export class BgpReport {
  readonly #paced: PacedConditions;
  #sessions: readonly BgpSessionFacts[] = [];
  #planned: readonly PlannedSession[] = [];

  /** @param onChange the conditions changed. */
  constructor(clock: Clock, onChange: () => void) {
    this.#paced = new PacedConditions({ clock, onChange, present: () => this.#present() });
  }

  /** One for each BGPPeer, as said last. */
  get conditions(): readonly DerivedCondition[] {
    return this.#paced.conditions;
  }

  get sessions(): readonly BgpSessionFacts[] {
    return this.#sessions;
  }

  /** Sessions that may not be opened for the time being. */
  get unopened(): readonly PlannedSession[] {
    const opened = new Set(this.#sessions.map(({ key }) => key));
    return this.#planned.filter(({ key, notReady }) => notReady !== undefined && !opened.has(key));
  }

  /** @param planned all that this node is to have. @param sessions those that there are. */
  follow(planned: readonly PlannedSession[], sessions: readonly BgpSessionFacts[]): void {
    this.#planned = planned;
    this.#sessions = sessions;
    this.#paced.follow();
  }

  #present(): readonly DerivedCondition[] {
    const unopened = this.unopened.map(({ peers, notReady = "" }): SessionStanding => {
      return { peers, neighbour: "", state: "Idle", lastError: notReady };
    });
    return sessionConditions([...this.#sessions.map(standingOf), ...unopened]);
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
