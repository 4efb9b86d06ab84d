/** The values of `--log-level`. Beside the logger, so that a thread that only reads the flag does not load it. */
export const logLevelNames = ["all", "debug", "info", "warn", "error", "none"] as const;
export type LogLevelName = (typeof logLevelNames)[number];
