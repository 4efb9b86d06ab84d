/** Something to say about a legacy configuration. error: it is not converted. warning: something is lost or changed. */
export type LegacyRemark = {
  readonly severity: "error" | "warning";
  /** Such as `peers[0].my-asn`; empty for the whole. */
  readonly path: string;
  /** What, and the way out. Never the value of a password. */
  readonly message: string;
};

export function legacyError(path: string, message: string): LegacyRemark {
  return { severity: "error", path, message };
}

export function legacyWarning(path: string, message: string): LegacyRemark {
  return { severity: "warning", path, message };
}
