import { listOf, property } from "../config/identity.ts";
import { type YamlDocument, yamlDocuments } from "../yaml-documents.ts";
import { type LegacyRemark, legacyError, legacyWarning } from "./legacy-remark.ts";

/** The text of a legacy configuration and the namespace that its objects go to. */
export type LegacyPayload = { readonly text: string; readonly namespace: string };

const defaultNamespace = "metallb-system";

/** Finds the ConfigMap with the key `config` in a file, which may hold other objects too, in documents or lists. */
export function legacyPayload(file: string): {
  readonly payload: LegacyPayload | undefined;
  readonly remarks: readonly LegacyRemark[];
} {
  const documents = yamlDocuments(file);
  const unreadable = documents.flatMap((document) => (document.ok ? [] : [faultOf(document)]));
  if (unreadable.length > 0) return { payload: undefined, remarks: unreadable };
  const objects = documents.flatMap((document) => (document.ok ? itemsOf(document.value) : []));
  const candidates = objects.filter((object) => isConfigMap(object) && configOf(object) !== undefined);
  const [found, ...others] = candidates;
  if (found === undefined) return { payload: undefined, remarks: [nothingFound(objects)] };
  if (others.length > 0) {
    const names = candidates.map((each) => `${namespaceOf(each)}/${nameOf(each)}`).join(", ");
    return {
      payload: undefined,
      remarks: [legacyError("", `there are several ConfigMaps with a key config (${names}): give one`)],
    };
  }
  const text = configOf(found);
  if (text === undefined || text.trim() === "") return { payload: undefined, remarks: [legacyError("data.config", "is empty")] };
  const left = objects.filter((object) => object !== found).map(leftOut);
  return { payload: { text, namespace: namespaceOf(found) }, remarks: [...left, ...otherKeys(found)] };
}

function faultOf({ line, reason }: Extract<YamlDocument, { readonly ok: false }>): LegacyRemark {
  return legacyError("", `line ${line}: ${reason}`);
}

/** The members of a List, or the object itself. */
function itemsOf(value: unknown): readonly unknown[] {
  return property(value, "kind") === "List" ? listOf(property(value, "items")) : [value];
}

function isConfigMap(object: unknown): boolean {
  return property(object, "kind") === "ConfigMap";
}

function configOf(object: unknown): string | undefined {
  const text = property(property(object, "data"), "config");
  return typeof text === "string" ? text : undefined;
}

function nothingFound(objects: readonly unknown[]): LegacyRemark {
  if (objects.some(isConfigMap)) return legacyError("data.config", "is missing: that key of the ConfigMap is what is converted");
  return legacyError("", "there is no ConfigMap: give its manifest, or the text of its key config with --only-data");
}

function otherKeys(configMap: unknown): readonly LegacyRemark[] {
  const data = property(configMap, "data");
  const keys = typeof data === "object" && data !== null ? Object.keys(data).filter((key) => key !== "config") : [];
  return keys.map((key) => legacyWarning(`data.${key}`, "is not part of the legacy configuration and is dropped"));
}

function leftOut(object: unknown): LegacyRemark {
  const kind = property(object, "kind");
  const what = typeof kind === "string" ? `${kind} ${JSON.stringify(nameOf(object))}` : "a document without kind";
  return legacyWarning("", `${what} is not converted and is left out`);
}

function nameOf(object: unknown): string {
  const name = property(property(object, "metadata"), "name");
  return typeof name === "string" ? name : "";
}

function namespaceOf(object: unknown): string {
  const namespace = property(property(object, "metadata"), "namespace");
  return typeof namespace === "string" && namespace !== "" ? namespace : defaultNamespace;
}
