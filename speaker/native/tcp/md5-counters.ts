import { readFileSync } from "node:fs";

/** Segments that the kernel dropped since it started, for the sake of TCP MD5. */
export type Md5Counters = {
  /** Without a digest, where one was expected. */
  readonly missing: number;
  /** With a digest, where none was expected. */
  readonly unexpected: number;
  /** With a digest by another password. */
  readonly wrong: number;
};

const none: Md5Counters = { missing: 0, unexpected: 0, wrong: 0 };

/** Of this thread's network namespace. Zeros where the kernel does not say. Never throws. */
export function readMd5Counters(): Md5Counters {
  try {
    return md5CountersIn(readFileSync("/proc/thread-self/net/netstat", "utf8"));
  } catch {
    return none;
  }
}

/** @param text of /proc/net/netstat: lines in pairs, names and values. */
export function md5CountersIn(text: string): Md5Counters {
  const [names, values] = text.split("\n").filter((line) => line.startsWith("TcpExt:"));
  if (names === undefined || values === undefined) return none;
  const columns = values.split(" ");
  const at = names.split(" ");
  const count = (name: string): number => Number(columns[at.indexOf(name)] ?? 0) || 0;
  return { missing: count("TCPMD5NotFound"), unexpected: count("TCPMD5Unexpected"), wrong: count("TCPMD5Failure") };
}

/** What came between two readings, in words; empty: nothing. */
export function md5Trouble(before: Md5Counters, after: Md5Counters): string {
  const counts = [
    [after.wrong - before.wrong, "with a wrong MD5 digest"],
    [after.missing - before.missing, "without an MD5 digest"],
    [after.unexpected - before.unexpected, "with an MD5 digest that nobody expects"],
  ] as const;
  const parts = counts.flatMap(([count, what]) =>
    count > 0 ? [`${count} ${count === 1 ? "segment" : "segments"} ${what}`] : [],
  );
  return parts.length === 0 ? "" : `the kernel counted ${parts.join(" and ")}`;
}
