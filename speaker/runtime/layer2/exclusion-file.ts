import { readFile } from "node:fs/promises";
import { yamlDocuments } from "../../../crds/yaml-documents.ts";
import { compileExclusion, type InterfaceExclusion } from "../../intent/interface-exclusion.ts";

/** Where the manifests mount the ConfigMap metallb-excludel2. */
export const exclusionPath = "/etc/metallb/excludel2.yaml";

/**
 * Reads which interfaces never announce. A file that is not there excludes nothing.
 * @throws Error saying what is wrong with the file.
 */
export async function readExclusion(path: string): Promise<InterfaceExclusion> {
  const compiled = compileExclusion(patternsOf(path, await textOf(path)));
  if (!compiled.ok) throw new Error(`${path}: ${compiled.reason}`);
  return compiled.isExcluded;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw new Error(`${path} cannot be read`, { cause: error });
  }
}

function patternsOf(path: string, text: string): readonly string[] {
  const [document] = yamlDocuments(text);
  if (document?.ok === false) throw new Error(`${path}, line ${document.line}: ${document.reason}`);
  const content = document?.value;
  if (content === null || content === undefined) return [];
  const list: unknown = typeof content === "object" ? Reflect.get(content, "announcedInterfacesToExclude") : content;
  if (list === null || (list === undefined && typeof content === "object")) return [];
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === "string")) {
    throw new Error(`${path}: announcedInterfacesToExclude must be a list of patterns`);
  }
  return list;
}
