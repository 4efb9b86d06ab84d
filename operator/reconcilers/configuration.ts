import type { Adopted } from "../../crds/config/adopt.ts";
import type { Finding } from "../../crds/config/finding.ts";

/** What the user's objects mean to this process at present. */
export type Configuration = {
  readonly adopted: Adopted;
  /** Pools whose addresses nobody may judge: they exist without ever having been valid here, or nobody deleted them. */
  readonly unreadable: ReadonlySet<string>;
  /** What is said about each object, by `kind/name`. */
  readonly findings: ReadonlyMap<string, readonly Finding[]>;
};

/** Arranges what was adopted. */
export function configurationOf(adopted: Adopted, unreadable: ReadonlySet<string>): Configuration {
  const findings = new Map<string, Finding[]>();
  for (const finding of adopted.findings) {
    const key = `${finding.object.kind}/${finding.object.name}`;
    const known = findings.get(key);
    if (known === undefined) findings.set(key, [finding]);
    else known.push(finding);
  }
  return { adopted, unreadable, findings };
}

/** Everything that is said about one object. */
export function findingsOn({ findings }: Configuration, kind: string, name: string): readonly Finding[] {
  return findings.get(`${kind}/${name}`) ?? [];
}
