import { listOf, property } from "../../crds/config/identity.ts";
import { yamlDocuments } from "../../crds/yaml-documents.ts";
import type { Input } from "./input.ts";

/** One object of a file, and where it stands. */
export type Placed = {
  /** `file:line`. */
  readonly place: string;
  readonly object: unknown;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Undefined: whoever applies the object says which. */
  readonly namespace: string | undefined;
};

/** A place that cannot be read as it stands. */
export type Unreadable = { readonly place: string; readonly reason: string };

/** Every object of some files, members of Lists one by one. Total. */
export function objectsIn(files: readonly Input[]): {
  readonly objects: readonly Placed[];
  readonly unreadable: readonly Unreadable[];
} {
  const objects: Placed[] = [];
  const unreadable: Unreadable[] = [];
  for (const { name, text } of files) {
    for (const document of yamlDocuments(text)) {
      const place = `${name}:${document.line}`;
      if (document.ok) objects.push(...itemsOf(document.value).map((object) => placed(object, place)));
      else unreadable.push({ place, reason: document.reason });
    }
  }
  return { objects, unreadable };
}

/** The members of a List, or the object itself. */
function itemsOf(value: unknown): readonly unknown[] {
  return property(value, "kind") === "List" ? listOf(property(value, "items")) : [value];
}

function placed(object: unknown, place: string): Placed {
  const metadata = property(object, "metadata");
  const namespace = property(metadata, "namespace");
  return {
    place,
    object,
    apiVersion: textOf(property(object, "apiVersion")),
    kind: textOf(property(object, "kind")),
    name: textOf(property(metadata, "name")),
    namespace: typeof namespace === "string" && namespace !== "" ? namespace : undefined,
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
