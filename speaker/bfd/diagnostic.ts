/** Why a session of ours changed its state. */
export type Cause =
  /** The other side answers. */
  | "answered"
  | "expired"
  | "echo-failed"
  | "neighbour-down"
  | "neighbour-admin-down"
  /** This node's own forwarding stands still. */
  | "held"
  | "removed";

/** The diagnostic code that goes with each cause. RFC 5880 §4.1. */
export const diagnosticOf: { readonly [cause in Cause]: number } = {
  answered: 0,
  expired: 1,
  "echo-failed": 2,
  "neighbour-down": 3,
  "neighbour-admin-down": 3,
  held: 5,
  removed: 7,
};

const words = [
  "no diagnostic",
  "control detection time expired",
  "echo function failed",
  "neighbor signaled session down",
  "forwarding plane reset",
  "path down",
  "concatenated path down",
  "administratively down",
  "reverse concatenated path down",
] as const;

/** The diagnostic code in words. */
export function diagnosticText(code: number): string {
  return words[code] ?? `diagnostic ${code}`;
}
