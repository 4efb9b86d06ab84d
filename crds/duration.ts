/** Nanoseconds in each unit of Go's duration text. */
const nanosecondsIn: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const longest = 2n ** 63n - 1n;

/**
 * Reads Go duration text, such as `90s` or `1h2.5m`: optional sign, then numbers with units, or plain `0`.
 * @returns nanoseconds; undefined when it is none, or longer than 2^63 - 1 ns.
 */
export function parseDuration(text: string): bigint | undefined {
  const [, sign = "", rest = ""] = /^([-+]?)(.+)$/.exec(text) ?? [];
  if (rest === "0") return 0n;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/.test(rest)) return undefined;
  let total = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of rest.matchAll(/(\d*)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g)) {
    const nanoseconds = nanosecondsIn[unit] ?? 0n;
    total += BigInt(whole || 0) * nanoseconds + (BigInt(fraction || 0) * nanoseconds) / 10n ** BigInt(fraction.length);
  }
  if (total > longest) return undefined;
  return sign === "-" ? -total : total;
}

/** Go's canonical text: `1m30s`, `0s`, `1.5ms`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${formatDuration(-nanoseconds)}`;
  if (nanoseconds === 0n) return "0s";
  for (const unit of ["ns", "µs", "ms"] as const) {
    const size = nanosecondsIn[unit] ?? 1n;
    if (nanoseconds < size * 1000n) return `${decimal(nanoseconds, size)}${unit}`;
  }
  const hours = nanoseconds / 3_600_000_000_000n;
  const minutes = (nanoseconds / 60_000_000_000n) % 60n;
  const seconds = `${decimal(nanoseconds % 60_000_000_000n, 1_000_000_000n)}s`;
  if (hours > 0n) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${minutes}m${seconds}` : seconds;
}

function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const fraction = (value % unit).toString().padStart(digits, "0").replace(/0+$/, "");
  return digits === 0 || fraction === "" ? String(value / unit) : `${value / unit}.${fraction}`;
}
