import { deepEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { tlsSettings } from "./tls-flags.ts";

const tls = (version: string, ciphers = "", curves = "") =>
  tlsSettings({ "tls-min-version": version, "tls-cipher-suites": ciphers, "tls-curve-preferences": curves });

test("TLS flags become Node's settings", () => {
  deepEqual(tls(""), { minVersion: "TLSv1.3" });
  deepEqual(tls("VersionTLS12", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_256_CBC_SHA", "29,23"), {
    minVersion: "TLSv1.2",
    ciphers: "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA",
    ecdhCurve: "X25519:P-256",
  });
});

test("names of TLS 1.3's suites are known and change nothing, as in Go", () => {
  deepEqual(tls("VersionTLS12", "TLS_AES_128_GCM_SHA256"), { minVersion: "TLSv1.2" });
});

test("an unknown version or suite is refused by name, with the versions that are possible", () => {
  throws(() => tls("TLSv1.2"), /--tls-min-version: unknown "TLSv1.2"; possible are VersionTLS10, .*VersionTLS13/);
  throws(() => tls("VersionTLS12", "TLS_NULL"), /--tls-cipher-suites: unknown suite "TLS_NULL"/);
});

for (const curves of ["x", "0", "65536", "29,29", "9999"])
  test(`the curve list ${curves} is refused`, () => throws(() => tls("", "", curves), /--tls-curve-preferences/));

test("suites for TLS 1.3 are refused", () => throws(() => tls("", "TLS_RSA_WITH_AES_128_CBC_SHA"), /TLS 1.3/));
