const CAP_NET_RAW = 13n;
const CAP_SYS_NICE = 23n;

/**
 * Whether a process may open the sockets that the speaker needs.
 * @param status the text of /proc/self/status.
 * @param uid the process's user id, for the sentence.
 * @returns undefined when CAP_NET_RAW is effective, else a sentence that says what to change.
 */
export function missingCapability(status: string, uid: number): string | undefined {
  if (has(status, "CapEff", CAP_NET_RAW)) return undefined;
  if (has(status, "CapBnd", CAP_NET_RAW))
    return (
      `CAP_NET_RAW is granted but not effective for uid ${uid}: Kubernetes gives added capabilities to uid 0 only. ` +
      "Run the speaker as uid 0."
    );
  return "CAP_NET_RAW is missing: add NET_RAW to the container's securityContext.capabilities.add and run it as uid 0.";
}

/** Whether CAP_SYS_NICE, without which no thread becomes a real-time one, is effective. @param status as above. */
export function mayBecomeRealTime(status: string): boolean {
  return has(status, "CapEff", CAP_SYS_NICE);
}

function has(status: string, set: "CapEff" | "CapBnd", capability: bigint): boolean {
  const hex = new RegExp(`^${set}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1];
  return hex !== undefined && ((BigInt(`0x${hex}`) >> capability) & 1n) === 1n;
}
