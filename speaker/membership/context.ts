import type { Challenge } from "./challenge.ts";
import type { SpeakerPod, Target } from "./event.ts";
import type { LivedClock } from "./lived-clock.ts";
import type { Entry, MemberRecord, Status } from "./member-record.ts";
import type { MemberTable } from "./member-table.ts";
import type { Outbox } from "./outbox.ts";
import type { OwnRecord } from "./own-record.ts";
import type { SteadyCount } from "./steady-count.ts";
import type { Timing } from "./timing.ts";
import type { Trust } from "./trust.ts";

/** What the parts of one node's machine share. */
export type Context = {
  readonly self: string;
  readonly address: string;
  readonly startId: string;
  readonly timing: Timing;
  readonly clock: LivedClock;
  readonly table: MemberTable;
  readonly trust: Trust;
  readonly challenge: Challenge;
  readonly outbox: Outbox;
  readonly own: OwnRecord;
  readonly steady: SteadyCount;
  /** By node; undefined until the API said it. */
  readonly pods: { current: ReadonlyMap<string, SpeakerPod> | undefined };
  /** 0 up to 1: spreads calls, decides nothing. */
  readonly random: () => number;
};

/** Where a node is reached: as it says itself, else as the API says. */
export function targetOf(context: Context, name: string): Target {
  const { table, pods } = context;
  return { name, address: table.get(name)?.record.address || pods.current?.get(name)?.address || "" };
}

/** Every other node of one of the statuses. */
export function targetsOf({ table, self }: Context, statuses: ReadonlySet<Status>): readonly Target[] {
  const targets: Target[] = [];
  for (const { record, status } of table.entries()) {
    if (statuses.has(status) && record.name !== self) targets.push({ name: record.name, address: record.address });
  }
  return targets;
}

/** Writes what is held of a node; a new start of it ends the trust in the old one. */
export function hold(context: Context, record: MemberRecord, status: Status, reason: string): boolean {
  const { self, table, trust, clock, own } = context;
  const before = table.get(record.name);
  const since = before?.status === status ? before.since : clock.lived;
  const entry: Entry = { record, status, since, reason };
  if (!table.put(entry)) return false;
  const givesUp = before !== undefined && mayHaveAddresses(before) && !mayHaveAddresses(entry);
  if (givesUp && record.name !== self) own.otherGaveUp(clock.lived);
  if (before?.record.startId !== record.startId) trust.supersede(record.name, record.startId);
  return true;
}

/** One that died a moment ago has none but where nobody else is there. */
function mayHaveAddresses({ status, record: { standing } }: Entry): boolean {
  return status === "alive" && (standing === "candidate" || standing === "damped");
}
