import { isDeepStrictEqual } from "node:util";
import type { Snapshot } from "../../../crds/config/snapshot.ts";
import { type BfdRequest, bfdRequest } from "../../bfd/session-request.ts";
import type { ToBeat } from "../threads/messages.ts";
import { addBfdCounts, type BfdMetrics, removeBfdSeries } from "./bfd-metrics.ts";
import type { BfdReport, BfdStatus } from "./bfd-report.ts";

export type BfdDeskOptions = {
  readonly node: string;
  readonly metrics: BfdMetrics;
  readonly postToBeat: (message: ToBeat) => void;
};

/** The mind's part of BFD: tells the beat which sessions are wanted, and keeps what the beat says of them. */
export class BfdDesk {
  readonly #options: BfdDeskOptions;
  #requests: readonly BfdRequest[] = [];
  #report: Pick<BfdReport, "sessions" | "waiting"> = { sessions: [], waiting: [] };

  constructor(options: BfdDeskOptions) {
    this.#options = options;
  }

  /** A configuration is in force. */
  follow({ peers, bfdProfiles }: Pick<Snapshot, "peers" | "bfdProfiles">): void {
    const { node, postToBeat } = this.#options;
    const requests = peers.flatMap((peer) => bfdRequest(peer, bfdProfiles, node) ?? []);
    if (isDeepStrictEqual(requests, this.#requests)) return;
    this.#requests = requests;
    postToBeat({ type: "bfd", requests });
  }

  receive({ sessions, waiting }: BfdReport): void {
    const { metrics } = this.#options;
    const former = new Map(this.#report.sessions.map((session) => [session.id, session]));
    const labels = new Set(sessions.map(labelText));
    for (const session of this.#report.sessions) if (!labels.has(labelText(session))) removeBfdSeries(metrics, session);
    for (const session of sessions) addBfdCounts(metrics, session, former.get(session.id));
    this.#report = { sessions, waiting };
  }

  /** What the beat said last. */
  get sessions(): readonly BfdStatus[] {
    return this.#report.sessions;
  }

  /** Plain data. */
  state(): object {
    return { sessions: this.#report.sessions, waiting: this.#report.waiting };
  }
}

/** Sessions with the same labels share a series. */
function labelText({ remote, vrf }: BfdStatus): string {
  return `${remote} ${vrf ?? ""}`;
}
