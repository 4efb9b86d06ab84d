/** What to do where a machine that no member stands for claims an address. */
export const conflictPolicies = ["report", "defend", "quarantine"] as const;

/**
 * report: say so. defend: say so, and announce against it now and then. quarantine: say so, and do not announce the
 * address while the other machine answers for it.
 */
export type ConflictPolicy = (typeof conflictPolicies)[number];
