import { type CompileOptions, compile } from "./compile.ts";
import type { Finding } from "./finding.ts";
import { identityOf, listOf } from "./identity.ts";
import { compareFindings } from "./problem.ts";
import type { Resources } from "./resources.ts";
import { attachmentKey, incumbentKey } from "./seniority.ts";
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
const meaningful = {
  pools: "IPAddressPool",
  l2Advertisements: "L2Advertisement",
  bgpAdvertisements: "BGPAdvertisement",
  bgpPeers: "BGPPeer",
  bfdProfiles: "BFDProfile",
  communities: "Community",
} as const satisfies { readonly [list in keyof Resources]?: string };

type MeaningfulList = keyof typeof meaningful;

/**
 * Takes new objects into force. An object with an error keeps its last good meaning, as long as the object exists and
 * the process lives; what then contradicts that meaning is set aside in turn, so that no address changes hands and no
 * announcement ends because of a mistake. Total, like compile.
 * @param previous what was in force before; undefined at the start of the process.
 */
export function adopt(
  previous: Adopted | undefined,
  resources: Resources,
  options: Omit<CompileOptions, "incumbents"> = {},
): Adopted {
  const present = compile(resources, options);
  const lastGood = previous === undefined ? new Map<string, unknown>() : indexOf(previous.inForce);
  const kept = new Set<string>();
  const induced: Finding[] = [];
  let inForce = resources;
  let compiled = present;
  for (;;) {
    const fallen = erroneous(compiled.findings).filter((key) => lastGood.has(key) && !kept.has(key));
    if (fallen.length === 0) break; // each round keeps at least one object more, so this ends
    for (const key of fallen) kept.add(key);
    inForce = substitute(resources, kept, lastGood);
    compiled = compile(inForce, { ...options, incumbents: withAttachments(kept, previous?.snapshot) });
    // About an object that is not replaced: it clashes with the last good meaning of another.
    induced.push(...compiled.findings.filter((finding) => finding.severity === "error" && !kept.has(keyOfRef(finding))));
  }
  const setAside = new Set(erroneous(compiled.findings).filter((key) => !kept.has(key)));
  const replaced = changed(resources, kept, lastGood);
  const aboutPresent = [...present.findings, ...induced].filter((finding) => replaced.has(keyOfRef(finding)));
  const aboutInForce = compiled.findings.filter((finding) => !replaced.has(keyOfRef(finding)));
  const findings = new Map([...aboutPresent, ...aboutInForce].map((finding) => [JSON.stringify(finding), finding]));
  return {
    inForce: mapLists(inForce, (key, raw) => (setAside.has(key) ? [] : [raw])),
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

/** The objects that are kept, and on which pools those of them that are BGP advertisements were in force. */
function withAttachments(kept: ReadonlySet<string>, before: Snapshot | undefined): ReadonlySet<string> {
  const attachments = (before?.pools ?? []).flatMap((pool) =>
    pool.bgp
      .filter(({ name }) => kept.has(incumbentKey(meaningful.bgpAdvertisements, name)))
      .map(({ name }) => attachmentKey(name, pool.name)),
  );
  return new Set([...kept, ...attachments]);
}

/** Those of the kept objects whose last good version is not what the API holds: they are judged by what it holds. */
function changed(resources: Resources, kept: ReadonlySet<string>, lastGood: ReadonlyMap<string, unknown>): ReadonlySet<string> {
  const present = indexOf(resources);
  return new Set([...kept].filter((key) => !isSame(present.get(key), lastGood.get(key))));
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const [left, right] = [identityOf("", a), identityOf("", b)];
  return left.uid !== "" && left.uid === right.uid && left.generation > 0 && left.generation === right.generation;
}

function substitute(resources: Resources, kept: ReadonlySet<string>, lastGood: ReadonlyMap<string, unknown>): Resources {
  return mapLists(resources, (key, raw) => [kept.has(key) ? lastGood.get(key) : raw]);
}

function indexOf(resources: Resources): ReadonlyMap<string, unknown> {
  const index = new Map<string, unknown>();
  mapLists(resources, (key, raw) => {
    index.set(key, raw);
    return [];
  });
  return index;
}

/** The resources with each meaningful object replaced by some others. */
function mapLists(resources: Resources, change: (key: string, raw: unknown) => readonly unknown[]): Resources {
  const lists = Object.entries(meaningful).map(([list, kind]) => {
    const objects = listOf(resources[list as MeaningfulList]);
    return [list, objects.flatMap((raw) => change(incumbentKey(kind, identityOf(kind, raw).name), raw))];
  });
  return { ...resources, ...Object.fromEntries(lists) };
}
