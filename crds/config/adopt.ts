import { type Compiled, type CompileOptions, compile } from "./compile.ts";
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
  /**
   * Objects in force, as `kind/name`, that would be set aside if nothing kept its last good meaning: what contradicts
   * them is itself set aside. They have no error to be kept in spite of, and must not outrank others as if they had.
   */
  readonly spared: ReadonlySet<string>;
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

/** Which objects keep their last good meaning, and what all mean then. */
type Settled = {
  readonly kept: ReadonlySet<string>;
  readonly inForce: Resources;
  readonly compiled: Compiled;
  /** Errors of objects that clash with the last good meaning of another. */
  readonly induced: readonly Finding[];
  /** The objects that had an error beside others on the way, and have none now. */
  readonly spared: ReadonlySet<string>;
};

/**
 * Takes new objects into force. An object with an error keeps its last good meaning, as long as the object exists and
 * the process lives; what then contradicts that meaning is set aside in turn, so that no address changes hands and no
 * announcement ends because of a mistake. Total, like compile. Idempotent: the same objects once more change nothing.
 * @param previous what was in force before; undefined at the start of the process.
 */
export function adopt(
  previous: Adopted | undefined,
  resources: Resources,
  options: Omit<CompileOptions, "incumbents"> = {},
): Adopted {
  const present = compile(resources, options);
  const lastGood = previous === undefined ? new Map<string, unknown>() : indexOf(previous.inForce);
  const { kept, inForce, compiled, induced, spared } = settle(previous, lastGood, resources, present, options);
  const setAside = new Set(erroneous(compiled.findings).filter((key) => !kept.has(key)));
  const replaced = changed(resources, kept, lastGood);
  const aboutPresent = [...present.findings, ...induced].filter((finding) => replaced.has(keyOfRef(finding)));
  const aboutInForce = compiled.findings.filter((finding) => !replaced.has(keyOfRef(finding)));
  const findings = new Map([...aboutPresent, ...aboutInForce].map((finding) => [JSON.stringify(finding), finding]));
  return {
    inForce: mapLists(inForce, (key, raw) => (setAside.has(key) ? [] : [raw])),
    snapshot: compiled.snapshot,
    findings: [...findings.values()].sort(compareFindings),
    spared,
  };
}

/** Settles without keeping those that were spared before, unless one of them has an error even so. */
function settle(
  previous: Adopted | undefined,
  lastGood: ReadonlyMap<string, unknown>,
  resources: Resources,
  present: Compiled,
  options: CompileOptions,
): Settled {
  const attempt = (keepable: ReadonlyMap<string, unknown>) =>
    keep({ keepable, before: previous?.snapshot, resources, present, options });
  const spared = previous?.spared ?? new Set();
  const settled = attempt(new Map([...lastGood].filter(([key]) => !spared.has(key))));
  return erroneous(settled.compiled.findings).some((key) => spared.has(key)) ? attempt(lastGood) : settled;
}

type Keeping = {
  /** The last good objects that may be kept. */
  readonly keepable: ReadonlyMap<string, unknown>;
  readonly before: Snapshot | undefined;
  readonly resources: Resources;
  /** What the resources mean when nothing is kept. */
  readonly present: Compiled;
  readonly options: CompileOptions;
};

/** Keeps what has an error, then what has one because of that, and so on. */
function keep({ keepable, before, resources, present, options }: Keeping): Settled {
  const kept = new Set<string>();
  const induced: Finding[] = [];
  const erred = new Set<string>();
  let inForce = resources;
  let compiled = present;
  for (;;) {
    const erring = erroneous(compiled.findings);
    const fallen = erring.filter((key) => keepable.has(key) && !kept.has(key));
    if (fallen.length === 0) {
      const spared = [...erred].filter((key) => !kept.has(key) && !erring.includes(key));
      return { kept, inForce, compiled, induced, spared: new Set(spared) };
    }
    for (const key of erring) erred.add(key);
    for (const key of fallen) kept.add(key); // each round keeps at least one object more, so this ends
    inForce = substitute(resources, kept, keepable);
    compiled = compile(inForce, { ...options, incumbents: withAttachments(kept, before) });
    // About an object that is not replaced: it clashes with the last good meaning of another.
    induced.push(...compiled.findings.filter((finding) => finding.severity === "error" && !kept.has(keyOfRef(finding))));
  }
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
