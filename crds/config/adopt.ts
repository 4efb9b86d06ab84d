import { compile } from "./compile.ts";
import type { Finding } from "./finding.ts";
import { identityOf, listOf } from "./identity.ts";
import { compareFindings } from "./problem.ts";
import type { Resources } from "./resources.ts";
import { incumbentKey } from "./seniority.ts";
import type { Snapshot } from "./snapshot.ts";

/** The configuration that a process acts on. */
export type Adopted = {
  /** The objects as they are in force: the present ones, or the last good ones of those that have an error now. */
  readonly inForce: Resources;
  readonly snapshot: Snapshot;
  /** About the present objects, also about those whose last good version is still in force. */
  readonly findings: readonly Finding[];
};

/** The lists whose objects have a meaning in the snapshot. */
const meaningful = { pools: "IPAddressPool", l2Advertisements: "L2Advertisement" } as const;

/**
 * Takes new objects into force. An object with an error keeps its last good meaning, as long as the object exists and
 * the process lives; what then overlaps that meaning is set aside in turn, so that no address changes hands because of a
 * mistake. Total, like compile.
 * @param previous what was in force before; undefined at the start of the process.
 */
export function adopt(previous: Adopted | undefined, resources: Resources): Adopted {
  const present = compile(resources);
  const lastGood = previous === undefined ? new Map<string, unknown>() : indexOf(previous.inForce);
  const kept = new Set<string>();
  const findings = new Map(present.findings.map((finding) => [textOf(finding), finding]));
  let inForce = resources;
  let compiled = present;
  for (;;) {
    const fallen = erroneous(compiled.findings).filter((key) => lastGood.has(key) && !kept.has(key));
    if (fallen.length === 0) break; // each round keeps at least one object more, so this ends
    for (const key of fallen) kept.add(key);
    inForce = substitute(resources, kept, lastGood);
    compiled = compile(inForce, kept);
    for (const finding of compiled.findings) {
      // About an object that is not replaced: it clashes with the last good meaning of another.
      if (finding.severity === "error" && !kept.has(keyOfRef(finding))) findings.set(textOf(finding), finding);
    }
  }
  const setAside = new Set(erroneous(compiled.findings));
  return {
    inForce: withoutObjects(inForce, setAside),
    snapshot: compiled.snapshot,
    findings: [...findings.values()].sort(compareFindings),
  };
}

function erroneous(findings: readonly Finding[]): readonly string[] {
  return findings.filter(({ severity }) => severity === "error").map(keyOfRef);
}

function keyOfRef({ object }: Finding): string {
  return incumbentKey(object.kind, object.name);
}

function indexOf(inForce: Resources): ReadonlyMap<string, unknown> {
  return new Map([
    ...listOf(inForce.pools).map((raw): [string, unknown] => [keyOf(meaningful.pools, raw), raw]),
    ...listOf(inForce.l2Advertisements).map((raw): [string, unknown] => [keyOf(meaningful.l2Advertisements, raw), raw]),
  ]);
}

function keyOf(kind: string, raw: unknown): string {
  return incumbentKey(kind, identityOf(kind, raw).name);
}

function substitute(resources: Resources, kept: ReadonlySet<string>, lastGood: ReadonlyMap<string, unknown>): Resources {
  const replaced = (kind: string, list: unknown) =>
    listOf(list).map((raw) => {
      const key = keyOf(kind, raw);
      return kept.has(key) ? lastGood.get(key) : raw;
    });
  return {
    ...resources,
    pools: replaced(meaningful.pools, resources.pools),
    l2Advertisements: replaced(meaningful.l2Advertisements, resources.l2Advertisements),
  };
}

function withoutObjects(resources: Resources, keys: ReadonlySet<string>): Resources {
  const remaining = (kind: string, list: unknown) => listOf(list).filter((raw) => !keys.has(keyOf(kind, raw)));
  return {
    ...resources,
    pools: remaining(meaningful.pools, resources.pools),
    l2Advertisements: remaining(meaningful.l2Advertisements, resources.l2Advertisements),
  };
}

function textOf({ code, object, field, message }: Finding): string {
  return JSON.stringify([code, object.kind, object.name, field, message]);
}
