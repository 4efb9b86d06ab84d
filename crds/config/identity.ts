import { conditionTypes } from "../types/well-known.ts";
import type { ObjectRef } from "./finding.ts";

/** What compile needs of an object's metadata and status, read without trusting any of it. */
export type Identity = {
  readonly ref: ObjectRef;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  /** RFC 3339; undefined when the API server has not set it. */
  readonly createdAt: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Condition Accepted is True for the present generation. */
  readonly accepted: boolean;
};

/** Never throws; what is missing or of a wrong type counts as empty. */
export function identityOf(kind: string, raw: unknown): Identity {
  const metadata = property(raw, "metadata");
  const name = textOf(property(metadata, "name")) ?? "";
  const namespace = textOf(property(metadata, "namespace"));
  const generation = property(metadata, "generation");
  const known = typeof generation === "number" ? generation : 0;
  return {
    ref: namespace === undefined ? { kind, name } : { kind, namespace, name },
    name,
    uid: textOf(property(metadata, "uid")) ?? "",
    generation: known,
    createdAt: textOf(property(metadata, "creationTimestamp")),
    labels: textsOf(property(metadata, "labels")),
    annotations: textsOf(property(metadata, "annotations")),
    accepted: known > 0 && acceptedGeneration(raw) === known,
  };
}

/** Reads an own property of anything. */
export function property(of: unknown, key: string): unknown {
  if (typeof of !== "object" || of === null) return undefined;
  return Object.getOwnPropertyDescriptor(of, key)?.value;
}

/** The part of an object that its user answers for: a damaged status must not set a good spec aside. */
export function withoutStatus(raw: unknown): unknown {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return raw;
  return { ...raw, status: undefined };
}

/** `list`, or nothing when it is no list. */
export function listOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list : [];
}

function acceptedGeneration(raw: unknown): unknown {
  const conditions = listOf(property(property(raw, "status"), "conditions"));
  const accepted = conditions.find((each) => property(each, "type") === conditionTypes.accepted);
  return property(accepted, "status") === "True" ? property(accepted, "observedGeneration") : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function textsOf(map: unknown): Readonly<Record<string, string>> {
  if (typeof map !== "object" || map === null) return {};
  return Object.fromEntries(Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
