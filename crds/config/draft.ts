import { validateObject } from "../schema.ts";
import type { Finding } from "./finding.ts";
import type { Identity } from "./identity.ts";
import { errorIn, schemaFindings } from "./problem.ts";

/** One object by itself, before it is compared with the others. */
export type Draft<Meaning> = {
  readonly identity: Identity;
  /** Absent when the object has an error of its own. */
  readonly meaning: Meaning | undefined;
  readonly findings: readonly Finding[];
};

/** A draft whose meaning counts only when none of the findings is an error. */
export function draftOf<Meaning>(identity: Identity, meaning: Meaning | undefined, findings: readonly Finding[]): Draft<Meaning> {
  const isFaulty = findings.some(({ severity }) => severity === "error");
  return { identity, meaning: isFaulty ? undefined : meaning, findings };
}

/** What keeps an object from being read at all: its shape, or that it has no name. Empty when nothing does. */
export function shapeFindings({ ref, name }: Identity, version: string, object: unknown): readonly Finding[] {
  const errors = schemaFindings(ref, validateObject(ref.kind, version, object));
  return name === "" ? [...errors, errorIn(ref, "SchemaViolation", "metadata.name", "is required")] : errors;
}
