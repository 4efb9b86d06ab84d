import { parseDuration } from "../../duration.ts";
import { setOfRanges } from "../../net/address-set.ts";
import { parsePoolEntry } from "../../net/range.ts";
import { isIPAddressPool } from "../../schema.ts";
import type { IPAddressPoolSpec } from "../../types/ip-address-pool.ts";
import { heraldAnnotations, isDraining } from "../../types/well-known.ts";
import { annotationText, annotationWarning } from "../annotation.ts";
import { shapeFindings } from "../draft.ts";
import type { Finding } from "../finding.ts";
import { type Identity, identityOf, withoutStatus } from "../identity.ts";
import { errorIn } from "../problem.ts";
import type { Pool } from "../snapshot.ts";
import { compileScope, type Labelled } from "./allocation-scope.ts";
import { buggyAddressFindings, onlyBuggyFindings } from "./buggy-addresses.ts";
import { type ConflictPolicy, conflictPolicies } from "./conflict-policy.ts";
import { unreachableAddressFindings } from "./unreachable-addresses.ts";

/** Entries that cannot be read are named up to here: a pool can have a hundred thousand of them. */
const namedAtMost = 100;

/** An entry of `spec.addresses` that could be read, and where it stands. */
export type ReadEntry = Pool["entries"][number] & { readonly index: number };

/** One IPAddressPool by itself, before it is compared with the others. */
export type PoolDraft = {
  readonly identity: Identity;
  /** The entries that could be read; all of them when `pool` is there. */
  readonly entries: readonly ReadEntry[];
  /** Absent when the object has an error of its own. Nothing is attached yet. */
  readonly pool: Pool | undefined;
  readonly findings: readonly Finding[];
};

/** Reads one IPAddressPool, whatever `raw` is. */
export function draftPool(raw: unknown, namespaces: readonly Labelled[]): PoolDraft {
  const identity = identityOf("IPAddressPool", raw);
  const object = withoutStatus(raw);
  if (!isIPAddressPool(object) || identity.name === "") {
    return { identity, entries: [], pool: undefined, findings: shapeFindings(identity, "v1beta1", object) };
  }
  const { entries, findings } = readAddresses(identity, object.spec);
  const allocation = object.spec.serviceAllocation;
  const scoped = allocation === undefined ? undefined : compileScope(identity.ref, allocation, namespaces);
  const all = [...findings, ...(scoped?.findings ?? [])];
  if (all.length > 0) return { identity, entries, pool: undefined, findings: all };
  const reservation = readReserveFor(identity);
  const conflict = readConflictPolicy(identity);
  const pool: Pool = {
    name: identity.name,
    generation: identity.generation,
    labels: identity.labels,
    entries: entries.map(({ text, range }) => ({ text, range })),
    addresses: setOfRanges(entries.map(({ range }) => range)),
    autoAssign: object.spec.autoAssign ?? true,
    avoidBuggyIPs: object.spec.avoidBuggyIPs ?? false,
    ...(scoped === undefined ? {} : { scope: scoped.scope }),
    draining: isDraining(identity.annotations),
    ...(reservation.ms === undefined ? {} : { reserveForMs: reservation.ms }),
    ...(conflict.policy === undefined ? {} : { conflictPolicy: conflict.policy }),
    l2: [],
    bgp: [],
  };
  const { ref } = identity;
  const warnings = [buggyAddressFindings, onlyBuggyFindings, unreachableAddressFindings].flatMap((find) => find(ref, pool));
  return { identity, entries, pool, findings: [...reservation.findings, ...conflict.findings, ...warnings] };
}

/** A year, in nanoseconds. */
const longestReservation = 8_760n * 3_600_000_000_000n;

function readReserveFor(identity: Identity): { readonly ms?: number; readonly findings: readonly Finding[] } {
  const key = heraldAnnotations.reserveFor;
  const text = annotationText(identity, key);
  if (text === undefined) return { findings: [] };
  const nanoseconds = parseDuration(text);
  if (nanoseconds === undefined || nanoseconds < 0n || nanoseconds > longestReservation) {
    const what = `${JSON.stringify(text)} is no duration up to 8760h, so that nothing is reserved: write one such as 10m or 1h30m`;
    return { findings: [annotationWarning(identity, key, what)] };
  }
  const ms = Number(nanoseconds / 1_000_000n);
  return ms === 0 ? { findings: [] } : { ms, findings: [] };
}

/** What cannot be read leaves the default in force. */
function readConflictPolicy(identity: Identity): {
  readonly policy?: ConflictPolicy;
  readonly findings: readonly Finding[];
} {
  const key = heraldAnnotations.conflictPolicy;
  const text = annotationText(identity, key);
  const policy = conflictPolicies.find((name) => name === text);
  if (text === undefined || policy === "report") return { findings: [] };
  if (policy !== undefined) return { policy, findings: [] };
  const what = `${JSON.stringify(text)} is none of ${conflictPolicies.join(", ")}, so that conflicts are only reported: write one of them`;
  return { findings: [annotationWarning(identity, key, what)] };
}

function readAddresses(
  { ref }: Identity,
  { addresses }: IPAddressPoolSpec,
): { readonly entries: readonly ReadEntry[]; readonly findings: readonly Finding[] } {
  const entries: ReadEntry[] = [];
  const findings: Finding[] = [];
  if (addresses.length === 0) {
    const example = "list at least one CIDR or range, such as 192.0.2.10-192.0.2.20";
    findings.push(errorIn(ref, "AddressesEmpty", "spec.addresses", `the pool has no addresses: ${example}`));
  }
  let unnamed = false;
  for (const [index, text] of addresses.entries()) {
    const parsed = parsePoolEntry(text);
    const field = `spec.addresses[${index}]`;
    if (parsed.ok) entries.push({ text, range: parsed.range, index });
    else if (findings.length === namedAtMost) unnamed = true;
    else findings.push(errorIn(ref, parsed.code, field, `invalid entry ${JSON.stringify(text)}: ${parsed.reason}`));
  }
  // Without a count: whoever mends one of them must not seem to bring a new error.
  if (unnamed) findings.push(errorIn(ref, "AddressInvalid", "spec.addresses", "more entries cannot be read; mend these first"));
  return { entries, findings };
}
