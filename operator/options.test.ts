import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { tlsSettings } from "./framework/tls-flags.ts";
import { readOptions } from "./options.ts";

const tls = (version: string, ciphers = "", curves = "") =>
  tlsSettings({ "tls-min-version": version, "tls-cipher-suites": ciphers, "tls-curve-preferences": curves });
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
  ["an unknown log level", ["--log-level=loud"], 1, /--log-level/],
  ["a Secret without its Deployment", ["--ml-secret-name=memberlist"], 1, /--deployment/],
  ["an argument that is no flag", ["serve"], 1, /"serve"/],
  ["a class that is none", ["--lb-class=metallb.io/*,*"], 1, /--lb-class: "\*" is no loadBalancerClass/],
  ["suites for TLS 1.3", ["--tls-cipher-suites=TLS_RSA_WITH_AES_128_CBC_SHA"], 1, /TLS 1.3/],
];
for (const [name, args, code, text] of refusals) {
  test(`${name} ends with code ${code}`, () => {
    const read = options(args);
    equal("exitCode" in read && read.exitCode, code);
    match("text" in read ? read.text : "", text);
  });
}

test("TLS flags become Node's settings", () => {
  deepEqual(tls(""), { minVersion: "TLSv1.3" });
  deepEqual(tls("VersionTLS12", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_256_CBC_SHA", "29,23"), {
    minVersion: "TLSv1.2",
    ciphers: "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA",
    ecdhCurve: "X25519:P-256",
  });
});

for (const curves of ["x", "0", "65536", "29,29", "9999"]) {
  test(`the curve list ${curves} is refused`, () => {
    let message = "";
    try {
      tls("", "", curves);
    } catch (error) {
      message = String(error);
    }
    match(message, /--tls-curve-preferences/);
  });
}
