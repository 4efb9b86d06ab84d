import { formatAddress } from "../../../crds/net/address.ts";
import type { BgpAnnouncement } from "../../bgp/route.ts";
import { type BgpVerdict, equalBgpAnnouncements } from "../../intent/bgp.ts";
import type { BgpReason } from "../../intent/bgp-reason.ts";
import type { Touched } from "../../intent/cause.ts";
import type { Decision } from "../intent/intent-engine.ts";
import type { RouteChange } from "../threads/messages.ts";

/** A Service whose announcement by BGP began or ended, or that has other addresses. Canonical texts. */
export type BgpTransition = {
  readonly key: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** What this node announced before. */
  readonly announced: readonly BgpAnnouncement[];
  /** Why it ended. */
  readonly reason: BgpReason | undefined;
  readonly touched: Touched;
};

export type BgpOutcome = { readonly changes: readonly RouteChange[]; readonly transitions: readonly BgpTransition[] };

type Sent = { readonly ips: readonly string[]; readonly announcements: readonly BgpAnnouncement[] };

const nothing: Sent = { ips: [], announcements: [] };

/** What this node announces by BGP, as last sent to the wire; turns decisions into differences. */
export class BgpAnnouncements {
  readonly #sent = new Map<string, Sent>();

  follow(decisions: readonly Decision[]): BgpOutcome {
    const changes: RouteChange[] = [];
    const transitions: BgpTransition[] = [];
    for (const { key, bgp, touched } of decisions) {
      const before = this.#sent.get(key) ?? nothing;
      const after = wantedOf(bgp);
      if (before === nothing && after === nothing) continue; // nearly all, where nothing is announced by BGP
      const sameIps = before.ips.join() === after.ips.join();
      const sameRoutes = equalBgpAnnouncements(before.announcements, after.announcements);
      if (sameIps && sameRoutes) continue;
      if (after.announcements.length === 0) this.#sent.delete(key);
      else this.#sent.set(key, after);
      if (!sameRoutes) changes.push({ service: key, announcements: after.announcements });
      if (sameIps) continue;
      const reason = bgp.type === "silent" ? bgp.reason : undefined;
      transitions.push({ key, before: before.ips, after: after.ips, announced: before.announcements, reason, touched });
    }
    return { changes, transitions };
  }

  /** What one Service announces from this node; empty when nothing. */
  of(key: string): readonly BgpAnnouncement[] {
    return (this.#sent.get(key) ?? nothing).announcements;
  }

  *entries(): IterableIterator<readonly [string, readonly BgpAnnouncement[]]> {
    for (const [key, { announcements }] of this.#sent) yield [key, announcements];
  }
}

function wantedOf(verdict: BgpVerdict): Sent {
  if (verdict.type === "silent") return nothing;
  return { ips: verdict.addresses.map(formatAddress), announcements: verdict.announcements };
}
