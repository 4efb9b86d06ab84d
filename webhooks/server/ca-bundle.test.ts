import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { trusting, trusts } from "./ca-bundle.ts";

const pem = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`;
const [a, b, c] = [pem("AAAA"), pem("BBBB"), pem("CCCC")];
const bundle = (...certificates: string[]) => Buffer.from(`${certificates.join("\n")}\n`).toString("base64");
const held = (text: string) =>
  Buffer.from(text, "base64")
    .toString()
    .match(/[A-C]{4}/g);

test("an empty bundle comes to hold the authority", () => {
  deepEqual(held(trusting(undefined, a, false)), ["AAAA"]);
  deepEqual(held(trusting("Cg==", a, false)), ["AAAA"], "a line feed is what cert-manager and MetalLB ship as a placeholder");
});

test("a bundle that holds the authority is not touched, whatever its form", () => {
  const foreign = Buffer.from(`# comment\n${a}`).toString("base64");
  equal(trusting(foreign, a, false), foreign);
  equal(trusting(bundle(b, a), a, false), bundle(b, a));
});

test("a new authority goes before the former one, and only that is kept", () => {
  deepEqual(held(trusting(bundle(b, c), a, false)), ["AAAA", "BBBB"]);
});

test("trimming leaves the authority alone", () => {
  deepEqual(held(trusting(bundle(b, a), a, true)), ["AAAA"]);
  equal(trusting(bundle(a), a, true), bundle(a));
});

test("trust is told from a bundle", () => {
  equal(trusts(bundle(b, a), a), true);
  equal(trusts(bundle(b), a), false);
  equal(trusts(undefined, a), false);
  equal(trusts("", ""), false);
});

test("an authority that is no PEM is an error, not an empty bundle", () => throws(() => trusting(undefined, "none", false)));
