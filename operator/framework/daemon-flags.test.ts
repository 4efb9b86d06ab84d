import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { daemonFlags, readDaemonOptions } from "./daemon-flags.ts";
import { parseFlags } from "./go-flags.ts";

const read = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  readDaemonOptions(parseFlags("daemon", daemonFlags, args, env), (_values, shared) => shared);

test("the defaults that both daemons share are MetalLB's", () => {
  deepEqual(read([]), {
    ok: true,
    options: {
      namespace: "",
      podName: "",
      metricsPort: 9120,
      healthPort: 17472,
      logLevel: "info",
      tls: { minVersion: "TLSv1.3" },
      metricsCertDirectory: undefined,
      kubeconfig: undefined,
      profileAddress: undefined,
      withoutEffect: [],
    },
  });
});

test("a variable is the default of its flag", () => {
  const { options } = { options: undefined, ...read(["--pod-name=flag"], { METALLB_NAMESPACE: "env", METALLB_POD_NAME: "env" }) };
  deepEqual([options?.namespace, options?.podName], ["env", "flag"]);
});

const refusals: readonly [string, readonly string[], number, RegExp][] = [
  ["an unknown flag", ["--colour"], 2, /^flag provided but not defined: -colour\nUsage of daemon:/],
  ["an unknown log level", ["--log-level=loud"], 1, /^--log-level must be one of all, debug, info, warn, error, none\n$/],
  ["an address of profiles that is none", ["--pprof-bind-address=6060"], 1, /^--pprof-bind-address must be host:port/],
  ["an argument that is no flag", ["serve"], 1, /^unexpected argument "serve"\n$/],
  ["TLS settings that contradict each other", ["--tls-cipher-suites=TLS_RSA_WITH_AES_128_CBC_SHA"], 1, /TLS 1.3/],
];
for (const [name, args, code, text] of refusals)
  test(`${name} ends with code ${code}`, () => {
    const refused = read(args);
    equal(!refused.ok && refused.exitCode, code);
    match(refused.ok ? "accepted" : refused.text, text);
  });

test("what a daemon's own flags cannot mean ends with code 1 and its sentence", () => {
  const parsed = parseFlags("daemon", daemonFlags, [], {});
  const refused = readDaemonOptions(parsed, () => {
    throw new Error("--own must be a number");
  });
  deepEqual(refused, { ok: false, exitCode: 1, text: "--own must be a number\n" });
});
