import { deepEqual, ok } from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { importsOf, isTest, type Source, sources, typeScriptSources } from "./sources.ts";

const all = typeScriptSources();
const pathsWhere = (wrong: (source: Source) => boolean) => all.filter(wrong).map(({ path }) => path);
const linesOf = ({ text }: Source) => text.split("\n").length - 1;

test("there are sources to look at", () => ok(all.length > 50));

test("no file has more than 400 lines", () => {
  deepEqual(
    pathsWhere((source) => linesOf(source) > 400),
    [],
  );
});

test("half of the files have at most 120 lines", (context) => {
  const lengths = all.map(linesOf).sort((a, b) => a - b);
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0;
  context.diagnostic(`${all.length} files, median ${median} lines, longest ${lengths.at(-1)}`);
  ok(median <= 120);
});

test("files are nouns in kebab-case, and none is called index, utils, helpers, common, manager, data or info", () => {
  const vague = /^(index|utils?|helpers?|common|manager|data|info)\b/;
  deepEqual(
    pathsWhere(({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?(\.(test|e2e))?\.ts$/.test(basename(path))),
    [],
  );
  deepEqual(
    pathsWhere(({ path }) => vague.test(basename(path))),
    [],
  );
});

test("nothing is exported by default", () => {
  deepEqual(
    pathsWhere(({ text }) => /^export default\b/m.test(text) || /\bas default\b/.test(text.replace(/`[^`]*`/g, ""))),
    [],
  );
});

test("no test is skipped, left for later or run alone", () => {
  deepEqual(
    pathsWhere((source) => isTest(source) && /\b(test|it|describe)\.(skip|todo|only)\b/.test(source.text)),
    [],
  );
});

test("imports say the file's extension", () => {
  deepEqual(
    pathsWhere((source) => importsOf(source).some((path) => path.startsWith(".") && !/\.(ts|json)$/.test(path))),
    [],
  );
});

test("no two files import each other, directly or around a corner", () => {
  const graph = new Map(
    all.map((source) => [
      source.path,
      importsOf(source)
        .filter((path) => path.startsWith("."))
        .map((path) => join(dirname(source.path), path)),
    ]),
  );
  deepEqual(cycleIn(graph), []);
});

/** What the worlds of property tests are made with; it does not ship. */
const testTools = new Set(["fast-check"]);

test("a third-party package is imported by one file only, its door", () => {
  const doors = new Map<string, string[]>();
  for (const source of all.filter((candidate) => !isTest(candidate) && !candidate.path.startsWith("project/")))
    for (const name of new Set(
      importsOf(source)
        .filter((path) => !/^(\.|node:)/.test(path))
        .map(packageOf)
        .filter((name) => !testTools.has(name)),
    ))
      doors.set(name, [...(doors.get(name) ?? []), source.path]);
  ok(doors.size > 0);
  deepEqual(
    [...doors].filter(([, files]) => files.length > 1),
    [],
  );
});

test("the repository does not speak of the workshop it was made in", () => {
  const text = sources(["**/*.md", "**/*.{ts,sh,yaml,json}", "Makefile", "Dockerfile", ".ci/run", ".github/**/*.yaml"]);
  const workshop = new RegExp(
    [
      "/work/",
      "shared folder",
      "helper session",
      `\\bissue ${"#?"}\\d`,
      "claude",
      "anthropic",
      "registry\\.npmjs",
      "\\b(control|speaker) \\d+\\.\\d+\\b",
    ].join("|"),
    "i",
  );
  const own = "project/style.test.ts";
  deepEqual(
    text
      .filter(({ path, text: content }) => path !== own && workshop.test(content))
      .map(({ path, text: content }) => `${path}: ${workshop.exec(content)?.[0]}`),
    [],
  );
});

/** The files of one cycle in the order of their imports; empty when there is none. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const finished = new Set<string>();
  const visit = (path: string, above: readonly string[]): readonly string[] => {
    if (above.includes(path)) return [...above.slice(above.indexOf(path)), path];
    if (finished.has(path)) return [];
    for (const next of graph.get(path) ?? []) {
      const cycle = visit(next, [...above, path]);
      if (cycle.length > 0) return cycle;
    }
    finished.add(path);
    return [];
  };
  for (const path of graph.keys()) {
    const cycle = visit(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

function packageOf(path: string): string {
  return path
    .split("/")
    .slice(0, path.startsWith("@") ? 2 : 1)
    .join("/");
}
