import { formatAddress } from "../../crds/net/address.ts";
import type { Verdict } from "../intent/desired.ts";
import { equalAnnouncements, type L2Announcement } from "../intent/intent.ts";
import type { Reason } from "../intent/reason.ts";
import { anyExists } from "../l2/link-selection.ts";
import type { Decision } from "./intent-engine.ts";
import type { AnnouncementChange } from "./messages.ts";
import type { WithheldReason } from "./rival-desk.ts";

/** A Service whose announcement began, ended or changed. Texts are canonical addresses. */
export type Transition = {
  readonly key: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Why it ended, or why it is not announced. */
  readonly reason: Reason | "noInterface" | WithheldReason | undefined;
};

/** An address that cannot be announced because no interface that its advertisements name exists here. */
export type Failure = { readonly key: string; readonly ip: string };

/** By canonical text of an address. */
export type Hold = (ip: string) => WithheldReason | undefined;

export type Outcome = {
  readonly changes: readonly AnnouncementChange[];
  readonly transitions: readonly Transition[];
  /** Told once, until the address can be announced or goes. */
  readonly failures: readonly Failure[];
};

const nothing: readonly L2Announcement[] = [];

/** What this node announces, as last sent to the wire; turns decisions into differences. */
export class Announcements {
  readonly #sent = new Map<string, readonly L2Announcement[]>();
  readonly #failed = new Map<string, string>();

  /**
   * @param existing names of the node's interfaces.
   * @param hold why an address is not to be announced though this node was elected.
   */
  follow(decisions: readonly Decision[], existing: ReadonlySet<string>, hold: Hold = () => undefined): Outcome {
    const changes: AnnouncementChange[] = [];
    const transitions: Transition[] = [];
    const failures: Failure[] = [];
    for (const { key, verdict } of decisions) {
      const wanted = verdict.type === "announce" ? verdict.announcements : nothing;
      const possible = wanted.filter(({ interfaces }) => anyExists(interfaces, existing));
      this.#noteFailures(key, wanted, possible, failures);
      const { announcements, withheld } = withoutHeld(possible, hold);
      const before = this.#sent.get(key) ?? nothing;
      if (equalAnnouncements(before, announcements)) continue;
      if (announcements.length === 0) this.#sent.delete(key);
      else this.#sent.set(key, announcements);
      changes.push({ service: key, announcements, ...(isTakenOver(verdict) && { handOver: true }) });
      transitions.push({
        key,
        before: textsOf(before),
        after: textsOf(announcements),
        reason: withheld ?? reasonOf(verdict, announcements),
      });
    }
    return { changes, transitions, failures };
  }

  /** What one Service announces from this node; empty when nothing. */
  of(key: string): readonly L2Announcement[] {
    return this.#sent.get(key) ?? nothing;
  }

  entries(): IterableIterator<[string, readonly L2Announcement[]]> {
    return this.#sent.entries();
  }

  get size(): number {
    return this.#sent.size;
  }

  #noteFailures(key: string, wanted: readonly L2Announcement[], announced: readonly L2Announcement[], failures: Failure[]): void {
    const failed = textsOf(wanted.filter((one) => !announced.includes(one)));
    const text = failed.join(" ");
    if (text === (this.#failed.get(key) ?? "")) return;
    if (text === "") this.#failed.delete(key);
    else this.#failed.set(key, text);
    for (const ip of failed) failures.push({ key, ip });
  }
}

function withoutHeld(
  possible: readonly L2Announcement[],
  hold: Hold,
): { readonly announcements: readonly L2Announcement[]; readonly withheld: WithheldReason | undefined } {
  let withheld: WithheldReason | undefined;
  const announcements = possible.filter(({ address }) => {
    const why = hold(formatAddress(address));
    withheld ??= why;
    return why === undefined;
  });
  return { announcements, withheld };
}

function textsOf(announcements: readonly L2Announcement[]): readonly string[] {
  return announcements.map(({ address }) => formatAddress(address));
}

function reasonOf(verdict: Verdict, announcements: readonly L2Announcement[]): Transition["reason"] {
  if (verdict.type === "silent") return verdict.reason;
  return announcements.length === 0 ? "noInterface" : undefined;
}

/** Another speaker of ours takes the addresses, and will say so on the segment. */
function isTakenOver(verdict: Verdict): boolean {
  return verdict.type === "silent" && verdict.owner?.by === "herald";
}
