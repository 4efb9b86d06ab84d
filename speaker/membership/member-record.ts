import type { RecordPart, Standing } from "../codec/membership-record.ts";

/** What a node says of itself. A value; one object is shared by all who hold it. */
export type MemberRecord = Omit<RecordPart, "verdict" | "part" | "parts">;

/** The same words as for what is told. */
export type Status = RecordPart["verdict"];

/** Nodes that may hear us, whatever we concluded. */
export const reachableStatuses: ReadonlySet<Status> = new Set<Status>(["alive", "dead"]);

/** What this node holds of one node. */
export type Entry = {
  readonly record: MemberRecord;
  readonly status: Status;
  /** When the status began, in milliseconds of this node's own life. */
  readonly since: number;
  /** In words, why the status is what it is. */
  readonly reason: string;
};

/** How something heard of a node relates to what is held of it. */
export type Novelty =
  /** It replaces what is held. */
  | "news"
  | "same"
  /** It is older than what is held. */
  | "stale"
  /** A death of the life that is held as living. */
  | "death"
  /** A life that is held as ended. */
  | "outlived";

/** Higher than any incarnation that nodes reach by themselves; what is above is nonsense and not listened to. */
export const maxIncarnation = 0x7fff_ffff;

/** Compares by incarnation, then by verdict, then by generation. */
export function noveltyOf(
  told: { readonly incarnation: number; readonly generation: number; readonly verdict: RecordPart["verdict"] },
  held: Entry | undefined,
): Novelty {
  if (told.incarnation > maxIncarnation) return "stale";
  if (held === undefined || told.incarnation > held.record.incarnation) return "news";
  if (told.incarnation < held.record.incarnation) return "stale";
  const ended = held.status === "dead" || held.status === "left";
  if (told.verdict === "left") return held.status === "left" ? "same" : "news";
  if (told.verdict === "dead") return ended ? "same" : "death";
  if (ended) return "outlived";
  if (told.generation === held.record.generation) return "same";
  return told.generation > held.record.generation ? "news" : "stale";
}

/** A node that wants addresses, as far as it says itself. */
export function wantsAddresses(standing: Standing): boolean {
  return standing === "candidate";
}
