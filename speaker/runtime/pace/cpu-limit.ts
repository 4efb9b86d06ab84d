/** How much CPU time a control group may use: so many milliseconds, of all its processors, in each period. */
export type CpuLimit = { readonly quotaMs: number; readonly periodMs: number };

/** What the kernel's files say. */
export type LimitReading =
  | { readonly type: "limited"; readonly limit: CpuLimit }
  | { readonly type: "unlimited" }
  | { readonly type: "unreadable"; readonly reason: string };

/** @param text of `cpu.max` (version 2): quota, or `max`, and period in microseconds. */
export function readingOfCpuMax(text: string): LimitReading {
  const [quota = "", period = "100000", ...rest] = text.trim().split(/\s+/);
  if (quota === "max" && rest.length === 0) return { type: "unlimited" };
  return rest.length === 0 ? readingOf(quota, period) : unreadable(text);
}

/** @param quota of `cpu.cfs_quota_us`, -1 for none. @param period of `cpu.cfs_period_us` (version 1). */
export function readingOfCfs(quota: string, period: string): LimitReading {
  return quota.trim() === "-1" ? { type: "unlimited" } : readingOf(quota.trim(), period.trim());
}

function readingOf(quota: string, period: string): LimitReading {
  if (![quota, period].every((text) => /^[1-9]\d{0,11}$/.test(text))) return unreadable(`${quota} ${period}`);
  return { type: "limited", limit: { quotaMs: Number(quota) / 1000, periodMs: Number(period) / 1000 } };
}

function unreadable(text: string): LimitReading {
  return { type: "unreadable", reason: `"${text.trim().slice(0, 80)}" is no quota and period in microseconds` };
}
