import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** A file of the repository; `path` is relative to its root. */
export type Source = { readonly path: string; readonly text: string };

const folders = ["crds", "operator", "webhooks", "speaker", "e2e", "bench", "project", "scripts"];

/** Every TypeScript file that is ours. */
export function typeScriptSources(): readonly Source[] {
  return sources([...folders.map((folder) => `${folder}/**/*.ts`), "*.ts"]);
}

/** The files that the patterns match, sorted; never a dependency or something built. */
export function sources(globs: readonly string[]): readonly Source[] {
  return [...new Set(globs.flatMap((glob) => globSync(glob, { cwd: root })))]
    .filter((path) => !/(^|\/)(node_modules|\.build|dist)\//.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(`${root}${path}`, "utf8") }));
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^;"']*?from\s*["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s*["']([^"']+)["']/g;

/** What a file imports, as written: of values and of types, static and dynamic. */
export function importsOf({ text }: Source): readonly string[] {
  return [...text.matchAll(importPattern)].flatMap((match) => match[1] ?? match[2] ?? match[3] ?? []);
}

export function isTest({ path }: Source): boolean {
  return /\.(test|e2e)\.ts$/.test(path);
}
