import {
  type Document,
  isNode,
  isScalar,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  type SchemaOptions,
  stringify,
  visit,
  type YAMLMap,
} from "yaml";
import { doubledKeys, type Entry, lostObjects, objectsRunTogether } from "./doubled-keys.ts";

/** One document of a YAML file: what it holds, or why it cannot be read. */
export type YamlDocument =
  | { readonly ok: true; readonly line: number; readonly value: unknown }
  | { readonly ok: false; readonly line: number; readonly reason: string };

/** `kubectl`: numbers, booleans and null as kubectl reads them. `text`: every scalar but null as it is written. */
export type Scalars = "kubectl" | "text";

type Tags = Extract<NonNullable<SchemaOptions["customTags"]>, (...args: never) => unknown>;

/** Kubectl's YAML is version 1.1 (`no` is false, 010 is 8) without its dates and numbers of base 60 (`64512:10`). */
const asKubectl: Tags = (tags) =>
  tags.filter(
    (tag) => typeof tag === "string" || (tag.format !== "TIME" && !/:(timestamp|binary|omap|pairs|set)$/.test(tag.tag)),
  );

const schemas: { readonly [scalars in Scalars]: SchemaOptions & { readonly version?: "1.1" } } = {
  kubectl: { version: "1.1", customTags: asKubectl },
  text: { schema: "failsafe", customTags: ["null"], merge: true },
};

/**
 * Reads every document of a file, empty ones left out; lines count from 1. Total. Duplicate keys are errors, which name the
 * Kubernetes object that is lost when a line with --- is missing; the objects that run together follow as documents of
 * their own.
 */
export function yamlDocuments(text: string, scalars: Scalars = "kubectl"): readonly YamlDocument[] {
  const lineCounter = new LineCounter();
  const lineOf = (offset: number): number => lineCounter.linePos(offset).line;
  const documents = parseAllDocuments(text, {
    ...schemas[scalars],
    lineCounter,
    uniqueKeys: false,
    prettyErrors: false,
    resolveKnownTags: false,
    logLevel: "silent",
  });
  return documents.flatMap((document) => readDocument(document, lineOf));
}

/** YAML text of some objects: keys sorted, one document each, strings in quotes wherever any reader might see something else. */
export function yamlText(objects: readonly object[]): string {
  const options = {
    schema: "core",
    compat: "yaml-1.1",
    sortMapEntries: true,
    aliasDuplicateObjects: false,
    lineWidth: 0,
  } as const;
  return objects.map((object) => stringify(object, options)).join("---\n");
}

type Parsed = Document.Parsed<ParsedNode>;
type LineOf = (offset: number) => number;

const unresolvedAlias = "a value that begins with * stands for another one that is not there: write it in quotes";

const tooMuch = "it cannot be read: it is nested too deeply, or repeats itself too often";

/** Errors for which the library's sentence would not do. */
const ownWords: Readonly<Record<string, string>> = {
  BAD_ALIAS: unresolvedAlias,
  BAD_DIRECTIVE: "a line begins with %: it is no directive that is known",
  RESOURCE_EXHAUSTION: tooMuch,
};

function readDocument(document: Parsed, lineOf: LineOf): readonly YamlDocument[] {
  const [error] = document.errors;
  if (error !== undefined) return [{ ok: false, line: lineOf(error.pos[0]), reason: reasonOf(error) }];
  const line = lineOf((document.contents ?? document).range[0]);
  try {
    const faulty = doublesIn(document, lineOf);
    if (faulty.length > 0) return faulty;
    const value: unknown = document.toJS();
    return value === null || value === undefined ? [] : [{ ok: true, line, value }];
  } catch (thrown) {
    const alias = thrown instanceof ReferenceError && thrown.message.startsWith("Unresolved alias");
    return [{ ok: false, line, reason: alias ? unresolvedAlias : tooMuch }];
  }
}

/** The library's sentence without any text of the file, which may be a password. */
function reasonOf({ code, message }: Parsed["errors"][number]): string {
  return ownWords[code] ?? message.split(/: | \\/, 1)[0] ?? code;
}

/** The doubled keys of a document; empty when there is none. */
function doublesIn(document: Parsed, lineOf: LineOf): readonly YamlDocument[] {
  const found: YamlDocument[] = [];
  visit(document, {
    Map: (_key, map) => {
      const entries = entriesOf(map, document, lineOf);
      if (new Set(entries.map(({ key }) => key)).size === entries.length) return;
      const pieces = map === document.contents ? objectsRunTogether(entries) : [entries];
      for (const fault of pieces.length > 1 ? lostObjects(pieces) : doubledKeys(entries)) found.push({ ok: false, ...fault });
      if (pieces.length > 1) found.push(...pieces.map(documentOf));
    },
  });
  return found;
}

function entriesOf(map: YAMLMap, document: Parsed, lineOf: LineOf): readonly Entry[] {
  return map.items.flatMap(({ key, value }) => {
    if (!isScalar(key) || key.value === "<<" || typeof key.value === "symbol") return [];
    const line = lineOf(key.range?.[0] ?? 0);
    return [
      {
        key: String(key.value),
        line,
        get value() {
          return isNode(value) ? value.toJS(document) : undefined;
        },
      },
    ];
  });
}

function documentOf(piece: readonly Entry[]): YamlDocument {
  return { ok: true, line: piece[0]?.line ?? 1, value: Object.fromEntries(piece.map(({ key, value }) => [key, value])) };
}
