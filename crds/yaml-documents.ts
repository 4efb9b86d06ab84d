import { LineCounter, parseAllDocuments } from "yaml";

/** One document of a YAML file: what it holds, or why it cannot be read. */
export type YamlDocument =
  | { readonly ok: true; readonly line: number; readonly value: unknown }
  | { readonly ok: false; readonly line: number; readonly reason: string };

/** Reads every document of a file, empty ones left out. Total; lines count from 1. */
export function yamlDocuments(text: string): readonly YamlDocument[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, uniqueKeys: true });
  const found: YamlDocument[] = [];
  for (const document of documents) {
    const [error] = document.errors;
    if (error !== undefined) {
      const { line } = lineCounter.linePos(error.pos[0]);
      const duplicate = error.code === "DUPLICATE_KEY" ? wordAt(text, error.pos[0]) : undefined;
      found.push({ ok: false, line, reason: duplicate === undefined ? firstLine(error.message) : doubled(duplicate) });
      continue;
    }
    const { line } = lineCounter.linePos(document.range[0]);
    try {
      const value: unknown = document.toJS();
      if (value !== null && value !== undefined) found.push({ ok: true, line, value });
    } catch (thrown) {
      found.push({ ok: false, line, reason: thrown instanceof Error ? thrown.message : String(thrown) }); // too many aliases
    }
  }
  return found;
}

function doubled(key: string): string {
  return `the key "${key}" is there twice: is a line with --- missing between two objects?`;
}

function wordAt(text: string, position: number): string {
  return /^["']?([^"':\s]+)/.exec(text.slice(position))?.[1] ?? "";
}

function firstLine(message: string): string {
  return message.split("\n")[0] ?? message;
}
