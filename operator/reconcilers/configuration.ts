import type { Adopted } from "../../crds/config/adopt.ts";
import type { Finding } from "../../crds/config/finding.ts";
import type { ObjectBase } from "../../crds/types/kubernetes.ts";

/** What the user's objects mean to this process at present. */
export type Configuration = {
  readonly adopted: Adopted;
  /**
   * Pools of which nobody may say what they do not hold: their present spec is set aside, whether or not an earlier one is in
   * force, or nobody deleted them.
   */
  readonly unreadable: ReadonlySet<string>;
  /** What is said about each object, by `kind/name`. */
  readonly findings: ReadonlyMap<string, readonly Finding[]>;
  /** Names of the pools that an L2Advertisement announces, by its name. */
  readonly poolsOfL2: ReadonlyMap<string, readonly string[]>;
  /** The same of BGPAdvertisements. */
  readonly poolsOfBGP: ReadonlyMap<string, readonly string[]>;
  /** The version of each object that was compiled, by `kind/name`. */
  readonly compiled: CompiledVersions;
};

/** By `kind/name`; see {@link versionOf}. */
export type CompiledVersions = ReadonlyMap<string, string>;

/** Arranges what was adopted. */
export function configurationOf(
  adopted: Adopted,
  unreadable: ReadonlySet<string>,
  compiled: CompiledVersions = new Map(),
): Configuration {
  const findings = new Map<string, Finding[]>();
  for (const finding of adopted.findings) add(findings, `${finding.object.kind}/${finding.object.name}`, finding);
  const poolsOfL2 = new Map<string, string[]>();
  const poolsOfBGP = new Map<string, string[]>();
  for (const { name, l2, bgp } of adopted.snapshot.pools) {
    for (const advertisement of l2) add(poolsOfL2, advertisement.name, name);
    for (const advertisement of bgp) add(poolsOfBGP, advertisement.name, name);
  }
  return { adopted, unreadable, findings, poolsOfL2, poolsOfBGP, compiled };
}

/** Everything that is said about one object. */
export function findingsOn({ findings }: Configuration, kind: string, name: string): readonly Finding[] {
  return findings.get(`${kind}/${name}`) ?? [];
}

/** What the user last made of an object; its status does not count. */
export function versionOf({ metadata }: ObjectBase): string {
  return `${metadata.uid}@${metadata.generation}`;
}

/** The version of this object that the configuration speaks of; undefined: none. */
export function compiledVersion({ compiled }: Configuration, kind: string, { metadata }: ObjectBase): string | undefined {
  return compiled.get(`${kind}/${metadata.name}`);
}

function add<T>(lists: Map<string, T[]>, key: string, member: T): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [member]);
  else known.push(member);
}
