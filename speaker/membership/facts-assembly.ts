import { factsPartOctets, maxFactsParts } from "../codec/membership-limit.ts";
import type { RecordPart, Verdict } from "../codec/membership-record.ts";
import type { MemberRecord } from "./member-record.ts";

/** Nodes whose parts are collected at one time. */
const maxAssemblies = 64;

type Assembly = { readonly version: string; readonly parts: (Uint8Array | undefined)[]; missing: number };

/** The record in parts that fit into packets; one part for most. */
export function partsOf(record: MemberRecord, verdict: Verdict): readonly RecordPart[] {
  const { facts } = record;
  const parts = Math.max(1, Math.ceil(facts.length / factsPartOctets));
  return Array.from({ length: parts }, (_, part) => ({
    ...record,
    verdict,
    part,
    parts,
    facts: parts === 1 ? facts : facts.subarray(part * factsPartOctets, (part + 1) * factsPartOctets),
  }));
}

/** Puts parts together again. Bounded: the oldest unfinished record gives way. */
export class FactsAssembly {
  readonly #open = new Map<string, Assembly>();

  /** Records of which parts are missing. */
  get size(): number {
    return this.#open.size;
  }

  /** @returns the whole record once its last part is there. */
  add(told: RecordPart): MemberRecord | undefined {
    const { name, part, parts } = told;
    if (parts <= 1) return told;
    if (parts > maxFactsParts || part >= parts) return undefined;
    const version = `${told.startId}/${told.incarnation}/${told.generation}/${parts}`;
    const assembly = this.#assemblyOf(name, version, parts);
    if (assembly.parts[part] === undefined) assembly.missing -= 1;
    assembly.parts[part] = told.facts;
    if (assembly.missing > 0) return undefined;
    this.#open.delete(name);
    return { ...told, facts: joined(assembly.parts) };
  }

  #assemblyOf(name: string, version: string, parts: number): Assembly {
    const open = this.#open.get(name);
    if (open !== undefined && open.version === version) return open;
    this.#open.delete(name);
    const [oldest] = this.#open.keys();
    if (this.#open.size >= maxAssemblies && oldest !== undefined) this.#open.delete(oldest);
    const assembly = { version, parts: new Array<Uint8Array | undefined>(parts).fill(undefined), missing: parts };
    this.#open.set(name, assembly);
    return assembly;
  }
}

function joined(parts: readonly (Uint8Array | undefined)[]): Uint8Array {
  const octets = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0));
  let at = 0;
  for (const part of parts) {
    octets.set(part ?? new Uint8Array(), at);
    at += part?.length ?? 0;
  }
  return octets;
}
