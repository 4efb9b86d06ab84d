import { type Address, formatAddress } from "../../../crds/net/address.ts";
import type { Touched } from "../../intent/cause.ts";
import type { Verdict } from "../../intent/desired.ts";
import { equalAnnouncements, type L2Announcement } from "../../intent/intent.ts";
import type { Reason } from "../../intent/reason.ts";
import { anyExists } from "../../l2/link-selection.ts";
import type { Unreachable } from "../../status/unreachable.ts";
import type { Decision } from "../intent/intent-engine.ts";
import type { AnnouncementChange } from "../threads/messages.ts";
import type { WithheldReason } from "./rival-desk.ts";

/** A Service whose announcement began, ended or changed. */
export type Transition = {
  readonly key: string;
  readonly before: readonly L2Announcement[];
  readonly after: readonly L2Announcement[];
  /** Why it ended, or why it is not announced. */
  readonly reason: Reason | "noInterface" | WithheldReason | undefined;
  /** The node that announces it instead, when that is known. */
  readonly owner: string | undefined;
  readonly touched: Touched;
};

/** An address that cannot be announced because no interface that its advertisements name exists here. */
export type Failure = { readonly key: string; readonly ip: string };

/** Asked for every address before it is announced, and while it is. */
export type Hold = (address: Address, isAnnounced: boolean) => WithheldReason | undefined;

export type Outcome = {
  readonly changes: readonly AnnouncementChange[];
  readonly transitions: readonly Transition[];
  /** Told once, until the address can be announced or goes. */
  readonly failures: readonly Failure[];
  /** Told once, until it is otherwise; not beyond the first hundred. */
  readonly unreachable: readonly Unreachable[];
};

/** Where a whole pool cannot be reached, events of every Service would leave no room for others. */
const toldOneByOne = 100;

const nothing: readonly L2Announcement[] = [];

/** What this node announces, as last sent to the wire; turns decisions into differences. */
export class Announcements {
  readonly #sent = new Map<string, readonly L2Announcement[]>();
  readonly #failed = new Map<string, string>();
  readonly #unreachable = new Map<string, Unreachable>();

  /**
   * @param existing names of the node's interfaces.
   * @param mayHandOver this node was the rightful owner until now, so that its answers do no harm until the next one announces.
   * @param hold why an address is not to be announced though this node was elected.
   */
  follow(
    decisions: readonly Omit<Decision, "bgp">[],
    existing: ReadonlySet<string>,
    mayHandOver: boolean,
    hold: Hold = () => undefined,
  ): Outcome {
    const changes: AnnouncementChange[] = [];
    const transitions: Transition[] = [];
    const failures: Failure[] = [];
    const unreachable: Unreachable[] = [];
    for (const { key, verdict, touched, relieves } of decisions) {
      const wanted = verdict.type === "announce" ? verdict.announcements : nothing;
      const possible = wanted.filter(({ interfaces }) => anyExists(interfaces, existing));
      this.#noteFailures(key, wanted, possible, failures);
      const before = this.#sent.get(key) ?? nothing;
      const { announcements: allowed, withheld } = withoutHeld(possible, before, hold);
      // Nearly always: a list that was filtered has room for sixteen more, and is kept.
      const announcements = allowed.length === wanted.length ? wanted : allowed;
      this.#noteReach(key, verdict, announcements, unreachable);
      if (equalAnnouncements(before, announcements)) continue;
      if (announcements.length === 0) this.#sent.delete(key);
      else this.#sent.set(key, announcements);
      changes.push({
        service: key,
        announcements,
        ...(mayHandOver && isTakenOver(verdict) && { handOver: true }),
        ...(relieves && announcements.length > 0 && { relieves: true }),
      });
      const reason = withheld ?? reasonOf(verdict, announcements);
      transitions.push({ key, before, after: announcements, reason, owner: otherOwnerOf(verdict), touched });
    }
    return { changes, transitions, failures, unreachable };
  }

  /** What one Service announces from this node; empty when nothing. */
  of(key: string): readonly L2Announcement[] {
    return this.#sent.get(key) ?? nothing;
  }

  entries(): IterableIterator<[string, readonly L2Announcement[]]> {
    return this.#sent.entries();
  }

  /** What these Services announce now, as changes that say the same again. */
  asChanges(services: readonly string[]): readonly AnnouncementChange[] {
    return services.flatMap((service) => {
      const announcements = this.#sent.get(service);
      return announcements === undefined ? [] : [{ service, announcements }];
    });
  }

  get size(): number {
    return this.#sent.size;
  }

  /** Services that are announced though all nodes lack something, by key. */
  get unreachable(): ReadonlyMap<string, Unreachable> {
    return this.#unreachable;
  }

  #noteFailures(key: string, wanted: readonly L2Announcement[], announced: readonly L2Announcement[], failures: Failure[]): void {
    const failed = ipsOf(wanted.filter((one) => !announced.includes(one)));
    const text = failed.join(" ");
    if (text === (this.#failed.get(key) ?? "")) return;
    if (text === "") this.#failed.delete(key);
    else this.#failed.set(key, text);
    for (const ip of failed) failures.push({ key, ip });
  }

  #noteReach(key: string, verdict: Verdict, announced: readonly L2Announcement[], fresh: Unreachable[]): void {
    const shortcoming = verdict.type === "announce" && announced.length > 0 ? verdict.shortcoming : undefined;
    if (shortcoming === undefined) {
      this.#unreachable.delete(key);
      return;
    }
    const one = { key, ips: ipsOf(announced), shortcoming };
    const known = this.#unreachable.get(key);
    if (known?.shortcoming === shortcoming && known.ips.join() === one.ips.join()) return;
    this.#unreachable.set(key, one);
    if (this.#unreachable.size <= toldOneByOne) fresh.push(one);
  }
}

function withoutHeld(
  possible: readonly L2Announcement[],
  before: readonly L2Announcement[],
  hold: Hold,
): { readonly announcements: readonly L2Announcement[]; readonly withheld: WithheldReason | undefined } {
  let withheld: WithheldReason | undefined;
  const announcements = possible.filter(({ address }) => {
    const isAnnounced = before.some((one) => one.address.family === address.family && one.address.bits === address.bits);
    const why = hold(address, isAnnounced);
    withheld ??= why;
    return why === undefined;
  });
  return { announcements, withheld };
}

/** Canonical texts. */
export function ipsOf(announcements: readonly L2Announcement[]): readonly string[] {
  return announcements.map(({ address }) => formatAddress(address));
}

function reasonOf(verdict: Verdict, announcements: readonly L2Announcement[]): Transition["reason"] {
  if (verdict.type === "silent") return verdict.reason;
  return announcements.length === 0 ? "noInterface" : undefined;
}

function otherOwnerOf(verdict: Verdict): string | undefined {
  if (verdict.type === "announce" || verdict.owner === undefined) return undefined;
  return verdict.owner.by === "nobody" ? undefined : verdict.owner.node;
}

/** Another speaker of ours takes the addresses, and will say so on the segment. */
function isTakenOver(verdict: Verdict): boolean {
  return verdict.type === "silent" && verdict.owner?.by === "herald";
}
