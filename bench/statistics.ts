/** The value below which the share `p` (0–1) of the samples lies; NaN for no samples. */
export function quantile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? Number.NaN;
}

/** `p50 1.2 ms, p99 3.4 ms, worst 5.6 ms (n 100)` */
export function spread(samples: readonly number[]): string {
  const [p50, p99] = [quantile(samples, 0.5), quantile(samples, 0.99)];
  return `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, worst ${Math.max(...samples).toFixed(2)} ms (n ${samples.length})`;
}

/** Prints latencies, those without an answer counted apart. */
export function report(what: string, latencies: readonly number[]): void {
  const answered = latencies.filter((latency) => !Number.isNaN(latency));
  const lost = latencies.length - answered.length;
  console.log(`  ${what}: ${spread(answered)}${lost === 0 ? "" : `, ${lost} unanswered within 1 s`}`);
}
