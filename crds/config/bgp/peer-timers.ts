import { formatDuration, parseDuration } from "../../duration.ts";
import type { BGPPeerSpec } from "../../types/bgp-peer.ts";
import type { Finding, ObjectRef } from "../finding.ts";
import { errorIn } from "../problem.ts";
import type { PeerTimers } from "../snapshot.ts";

const second = 1_000_000_000n;
const millisecond = 1_000_000n;
/** The field of the OPEN message has 16 bits. RFC 4271 §4.2. */
const longestSeconds = 65535n;

export type ReadTimers = {
  readonly timers?: PeerTimers;
  /** keepaliveTime is set and not zero. */
  readonly keepaliveIsSet: boolean;
  readonly findings: readonly Finding[];
};

/**
 * Reads holdTime and keepaliveTime. One of them alone gives the other: a third, or three times as long. A hold time counts
 * in whole seconds; 0, or 3 and more. RFC 4271 §4.2.
 */
export function readTimers(ref: ObjectRef, spec: BGPPeerSpec): ReadTimers {
  const holdGiven = readDuration(ref, "holdTime", spec.holdTime);
  const keepaliveGiven = readDuration(ref, "keepaliveTime", spec.keepaliveTime);
  const keepaliveIsSet = (keepaliveGiven.value ?? 0n) !== 0n;
  const findings = [...holdGiven.findings, ...keepaliveGiven.findings];
  if (findings.length > 0 || (holdGiven.value === undefined && keepaliveGiven.value === undefined)) {
    return { keepaliveIsSet, findings };
  }
  const hold = holdGiven.value ?? (keepaliveGiven.value ?? 0n) * 3n;
  const keepalive = keepaliveGiven.value ?? hold / 3n;
  const holdField = spec.holdTime === undefined ? "spec.keepaliveTime" : "spec.holdTime";
  const holdSeconds = hold / second;
  if (hold < 0n || holdSeconds > longestSeconds || holdSeconds === 1n || holdSeconds === 2n) {
    const what = `a hold time of ${formatDuration(hold)} is not possible: it is 0s, or from 3s to ${longestSeconds}s`;
    return { keepaliveIsSet, findings: [errorIn(ref, "TimersInvalid", holdField, what)] };
  }
  if (keepalive < 0n || keepalive > hold) {
    const what = `${formatDuration(keepalive)} must lie between 0s and the hold time, ${formatDuration(hold)}: a third of it is usual`;
    return { keepaliveIsSet, findings: [errorIn(ref, "TimersInvalid", "spec.keepaliveTime", what)] };
  }
  const timers = { holdTimeSeconds: Number(holdSeconds), keepaliveTimeMs: keepaliveMs(holdSeconds, keepalive) };
  const isTooOften = holdSeconds > 0n && keepalive > 0n && keepalive < second;
  return { timers, keepaliveIsSet, findings: isTooOften ? [tooOften(ref, keepalive)] : [] };
}

/** RFC 4271 §4.4: more than one KEEPALIVE a second must not be sent. */
function tooOften(ref: ObjectRef, keepalive: bigint): Finding {
  const what = `${formatDuration(keepalive)} counts as 1s: BGP allows one keepalive a second. For a quicker answer set bfdProfile`;
  return { ...errorIn(ref, "KeepaliveTooOften", "spec.keepaliveTime", what), severity: "warning" };
}

/** With a hold time of 0 nothing is sent. Without an interval of its own it is a third of the hold time. */
function keepaliveMs(holdSeconds: bigint, keepalive: bigint): number {
  if (holdSeconds === 0n) return 0;
  const wanted = keepalive === 0n ? (holdSeconds * second) / 3n : keepalive;
  return Math.max(1, Number(wanted / millisecond));
}

/** Reads connectTime: whole seconds, 1 to 65535. */
export function readConnectTime(
  ref: ObjectRef,
  text: string | undefined,
): { readonly seconds?: number; readonly findings: readonly Finding[] } {
  if (text === undefined) return { findings: [] };
  const nanoseconds = parseDuration(text) ?? -1n;
  if (nanoseconds % second === 0n && nanoseconds >= second && nanoseconds <= longestSeconds * second) {
    return { seconds: Number(nanoseconds / second), findings: [] };
  }
  const what = `${JSON.stringify(text)} is no whole number of seconds from 1s to ${longestSeconds}s: write one such as 10s`;
  return { findings: [errorIn(ref, "ConnectTimeInvalid", "spec.connectTime", what)] };
}

function readDuration(
  ref: ObjectRef,
  field: "holdTime" | "keepaliveTime",
  text: string | undefined,
): { readonly value?: bigint; readonly findings: readonly Finding[] } {
  if (text === undefined) return { findings: [] };
  const value = parseDuration(text);
  if (value !== undefined) return { value, findings: [] };
  const what = `${JSON.stringify(text)} is no duration: write one such as 90s`;
  return { findings: [errorIn(ref, "TimersInvalid", `spec.${field}`, what)] };
}
