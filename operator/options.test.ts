import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "./options.ts";

const options = (args: readonly string[], env: Record<string, string> = {}) => {
  const read = readOptions(args, env);
  return read.ok ? read.options : read;
};

test("the defaults are MetalLB's", () => {
  const read = readOptions([], {});
  deepEqual(read.ok && [read.options.metricsPort, read.options.healthPort, read.options.webhookMode, read.options.logLevel], [
    9120,
    17472,
    "enabled",
    "info",
  ]);
});

test("environment variables give defaults and flags win", () => {
  const env = { METALLB_NAMESPACE: "from-env", METALLB_POD_NAME: "pod" };
  const read = readOptions(["-namespace=from-flag", "--port", "0", "--disable-cert-rotation"], env);
  deepEqual(
    read.ok && [read.options.namespace, read.options.podName, read.options.metricsPort, read.options.webhookCertDirectory],
    ["from-flag", "pod", 0, "/tmp/k8s-webhook-server/serving-certs"],
  );
});

const refusals: readonly [string, readonly string[], number, RegExp][] = [
  ["an unknown flag", ["--frr"], 2, /not defined: -frr/],
  ["an unknown webhook mode", ["--webhook-mode=on"], 1, /--webhook-mode/],
  ["a Secret without its Deployment", ["--ml-secret-name=memberlist"], 1, /--deployment/],
  ["a class that is none", ["--lb-class=metallb.io/*,*"], 1, /--lb-class: "\*" is no loadBalancerClass/],
];
for (const [name, args, code, text] of refusals) {
  test(`${name} ends with code ${code}`, () => {
    const read = options(args);
    equal("exitCode" in read && read.exitCode, code);
    match("text" in read ? read.text : "", text);
  });
}
