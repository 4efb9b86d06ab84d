import type { Clock } from "../../operator/framework/clock.ts";
import type { DerivedCondition } from "../../operator/framework/conditions.ts";
import { sessionConditions } from "../status/session-conditions.ts";
import type { BgpSessionFacts } from "./bgp-facts.ts";
import { type BgpMetrics, neighbourOf } from "./bgp-metrics.ts";
import { PacedConditions } from "./paced-conditions.ts";

export type BgpReportOptions = {
  readonly clock: Clock;
  readonly metrics: BgpMetrics;
  /** The conditions changed. */
  readonly onChange: () => void;
};

/** What is told of the BGP sessions of this node: metrics at once, conditions at a pace, and all of it on demand. */
export class BgpReport {
  readonly #metrics: BgpMetrics;
  readonly #paced: PacedConditions;
  #sessions: readonly BgpSessionFacts[] = [];

  constructor({ clock, metrics, onChange }: BgpReportOptions) {
    this.#metrics = metrics;
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
    this.#metrics.follow(sessions);
    this.#paced.follow();
  }
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
