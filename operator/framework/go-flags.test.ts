import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { parseFlags } from "./go-flags.ts";

const table = [
  { name: "port", kind: "int", default: 9120, env: "PORT", help: "metrics port" },
  { name: "namespace", kind: "string", default: "", env: "METALLB_NAMESPACE", help: "namespace" },
  { name: "webhook-http2", kind: "bool", default: false, help: "HTTP/2" },
] as const;

const accepted: readonly (readonly [string, readonly string[], object])[] = [
  ["defaults", [], {}],
  ["one or two dashes, value apart or after =", ["-port", "1", "--namespace=a=b"], { port: 1, namespace: "a=b" }],
  ["a bool alone is true and takes no word after it", ["--webhook-http2", "false"], { "webhook-http2": true }],
  ["a bool after =", ["--webhook-http2=F"], { "webhook-http2": false }],
  ["an empty value", ["--namespace="], { namespace: "" }],
  ["a value that looks like a flag", ["--namespace", "-x"], { namespace: "-x" }],
  ["the last of several", ["--port=1", "--port=0x10"], { port: 16 }],
  ["nothing after --", ["--", "--port=1"], {}],
  ["Go's octal and signs", ["--port=-017"], { port: -15 }],
];
for (const [name, args, expected] of accepted)
  test(`flags: ${name}`, () => {
    const parsed = parseFlags("controller", table, args, {});
    deepEqual(parsed.ok && parsed.values, { port: 9120, namespace: "", "webhook-http2": false, ...expected });
  });

const refused: readonly (readonly [readonly string[], RegExp, number])[] = [
  [["--nope"], /^flag provided but not defined: -nope\nUsage of controller:\n/, 2],
  [["--port"], /^flag needs an argument: -port\n/, 2],
  [["--port=x"], /^invalid value "x" for flag -port: parse error\n/, 2],
  [["--webhook-http2=maybe"], /^invalid value "maybe"/, 2],
  [["---port=1"], /^bad flag syntax: ---port=1\n/, 2],
  [["-h"], /^Usage of controller:\n {2}-port int\n {4}\tmetrics port \(default 9120\)/, 0],
];
for (const [args, text, exitCode] of refused)
  test(`flags: ${args.join(" ")} ends with ${exitCode}`, () => {
    const parsed = parseFlags("controller", table, args, {});
    equal(parsed.ok, false);
    if (parsed.ok) return;
    match(parsed.text, text);
    equal(parsed.exitCode, exitCode);
  });

test("flags: a variable is the default, the command line wins, an empty variable is none", () => {
  const namespace = (args: readonly string[], value: string) => {
    const parsed = parseFlags("controller", table, args, { METALLB_NAMESPACE: value });
    return parsed.ok ? parsed.values.namespace : undefined;
  };
  equal(parseFlags("controller", table, [], { PORT: "" }).ok, true);
  equal(parseFlags("controller", table, [], { PORT: "x" }).ok, false);
  deepEqual([namespace([], "env"), namespace(["--namespace=flag"], "env"), namespace([], "")], ["env", "flag", ""]);
});

test("flags: what follows the first word that is no flag is handed back", () => {
  const parsed = parseFlags("controller", table, ["--port=1", "word", "--nope"], {});
  deepEqual(parsed.ok && parsed.rest, ["word", "--nope"]);
});
