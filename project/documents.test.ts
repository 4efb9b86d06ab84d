import { deepEqual, ok } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { annotations, heraldAnnotations, serviceConditions } from "../crds/types/well-known.ts";
import { operatorFlags } from "../operator/options.ts";
import { documentsOf, installManifests, type Rule } from "./manifests.ts";
import { isTest, root, sources, typeScriptSources } from "./sources.ts";

const read = (path: string) => readFileSync(`${root}${path}`, "utf8");
const pages = sources(["*.md", "docs/**/*.md", "charts/**/*.md"]);

/** The cells of every row of the tables of a Markdown text, heads and rulers left out. */
function rowsOf(text: string): readonly (readonly string[])[] {
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  return rows.filter((row, index) => !/^\|[-|]+\|$/.test(row) && !/^\|[-|]+\|$/.test(rows[index + 1] ?? "")).map(cellsOf);
}

function cellsOf(row: string): readonly string[] {
  return row
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}

const words = (cell: string) =>
  cell
    .split(", ")
    .filter((word) => word !== "")
    .sort();

/** A rule as the page writes it; one text, so that sets of rules can be compared. */
function ruleText(
  groups: readonly string[],
  resources: readonly string[],
  names: readonly string[],
  verbs: readonly string[],
): string {
  return [groups, resources, names, verbs].map((list) => [...list].sort().join(",")).join(" | ");
}

const allVerbs = ["create", "delete", "get", "list", "patch", "update", "watch"];

function rulesOnPage(section: string): readonly string[] {
  return rowsOf(section).map(([group = "", resources = "", names = "", verbs = ""]) =>
    ruleText(groupsOf(group), words(resources), words(names), verbs === "all" ? allVerbs : words(verbs)),
  );
}

function groupsOf(cell: string): readonly string[] {
  if (cell === "URLs") return [];
  return [cell === "core" ? "" : cell];
}

function textOfRule({ apiGroups = [], resources = [], nonResourceURLs = [], resourceNames = [], verbs }: Rule): string {
  return ruleText(apiGroups, [...resources, ...nonResourceURLs], resourceNames, verbs);
}

test("docs/rbac.md has exactly the rules of install.yaml, role by role", () => {
  const roles = installManifests().filter(({ kind }) => kind === "Role" || kind === "ClusterRole");
  const sections = read("docs/rbac.md").split(/^## /m).slice(1);
  deepEqual(sections.length, roles.length);
  for (const section of sections) {
    const [, kind, name] = /^(\w+) (\S+)/.exec(section) ?? [];
    const role = roles.find((candidate) => candidate.kind === kind && candidate.metadata.name === name);
    ok(role?.rules !== undefined, `${kind} ${name}`);
    deepEqual([...rulesOnPage(section)].sort(), role.rules.map(textOfRule).sort(), `${kind} ${name}`);
  }
});

test("the role for readers has every path that a daemon serves, and no other", () => {
  const served = typeScriptSources()
    .filter((source) => !isTest(source))
    .flatMap(({ text }) => [...text.matchAll(/"(\/herald\/v1\/[a-z-]+)":/g)].map(([, path]) => path));
  ok(served.length > 0);
  const reader = installManifests().find(({ metadata }) => metadata.name === "metallb-metrics-reader");
  const granted = reader?.rules?.flatMap(({ nonResourceURLs = [] }) => nonResourceURLs) ?? [];
  deepEqual([...granted].sort(), [...new Set([...served, "/metrics"])].sort());
});

test("no rule grants a wildcard", () => {
  const rules = installManifests().flatMap(({ rules }) => rules ?? []);
  deepEqual(
    rules.filter((rule) => textOfRule(rule).includes("*")),
    [],
  );
});

test("docs/annotations.md names every annotation and every condition of Services that the program knows", () => {
  const inText = typeScriptSources()
    .filter((source) => !isTest(source))
    .flatMap(({ text }) => text.match(/\bherald-lb\.io\/[a-z0-9-]+/g) ?? []);
  const known = new Set([annotations, heraldAnnotations, serviceConditions].flatMap((keys) => Object.values<string>(keys)));
  for (const key of inText) known.add(key);
  const documented = new Set(rowsOf(read("docs/annotations.md")).map(([name = ""]) => name.replaceAll("`", "")));
  deepEqual(
    [...known].filter((name) => !documented.has(name)),
    [],
  );
  deepEqual(
    [...documented].filter((name) => !known.has(name)),
    [],
  );
});

test("docs/flags.md has every flag of the operator with its variable", () => {
  const row = (flag: string, variable: string) => `${flag} ${variable}`.replaceAll("`", "").trim();
  deepEqual(
    rowsOf(read("docs/flags.md"))
      .map(([flag = "", variable = ""]) => row(flag, variable))
      .sort(),
    operatorFlags.map((flag) => row(`--${flag.name}`, "env" in flag ? flag.env : "")).sort(),
  );
});

test("every make target that a page names exists, and every target says what it does", () => {
  const makefile = read("Makefile");
  const targets = new Set([...makefile.matchAll(/^([a-z0-9-]+):.* ## \S/gm)].map(([, target]) => target));
  for (const wanted of ["demo", "test", "test-unit", "lab-up", "lab-down", "bench", "soak", "lint"])
    ok(targets.has(wanted), wanted);
  const named = pages.flatMap(({ text }) =>
    [...text.matchAll(/\bmake ([a-z]+(?:-[a-z]+)*)(?=`|$| {2})/gm)].map(([, target]) => target),
  );
  ok(named.length > 0);
  deepEqual(
    named.filter((target) => !targets.has(target)),
    [],
  );
});

test("every file that a make target runs exists", () => {
  const files = [...read("Makefile").matchAll(/\b(?:node|bash) ([\w/.-]+\.(?:ts|sh))/g)].map(([, file]) => file ?? "");
  ok(files.length > 5);
  deepEqual(
    files.filter((file) => !existsSync(`${root}${file}`)),
    [],
  );
});

test("every link of a page leads to a file", () => {
  const links = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)]
      .map(([, link = ""]) => ({ path, link }))
      .filter(({ link }) => !/^https?:/.test(link)),
  );
  ok(links.length > 5);
  deepEqual(
    links.filter(({ path, link }) => !existsSync(join(root, dirname(path), link))),
    [],
  );
});

test("every YAML file parses, each key once", () => {
  const files = sources(["config/**/*.yaml", "examples/**/*.yaml", "crds/manifests/*.yaml", ".github/**/*.yaml", "*.yaml"]);
  ok(files.length > 20);
  for (const { path, text } of files) ok(documentsOf(text).length > 0, path);
});

test("a workflow's jobs have a machine, a limit of time and steps", () => {
  const workflows = sources([".github/workflows/*.yaml"]);
  ok(workflows.length > 0);
  for (const { path, text } of workflows) {
    const [workflow] = documentsOf(text) as {
      jobs: Record<string, { "runs-on"?: string; "timeout-minutes"?: number; steps?: unknown[] }>;
    }[];
    for (const [name, job] of Object.entries(workflow?.jobs ?? {}))
      ok(
        job["runs-on"] !== undefined && job["timeout-minutes"] !== undefined && (job.steps ?? []).length > 0,
        `${path}: ${name}`,
      );
  }
});
