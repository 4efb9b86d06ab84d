import { equal, match, notEqual } from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { createServingPair, selfSignedCertificate } from "../../operator/framework/http/certificates.ts";
import { authorityHolds, type CertificateSet, servingHolds } from "./certificate-check.ts";
import { renewed } from "./certificate-renewal.ts";

const dayMs = 86_400_000;
const name = "metallb-webhook-service.metallb-system.svc";
const now = Date.UTC(2026, 0, 1);
const fresh: CertificateSet = await renewed(undefined, name, now);

test("the authority is MetalLB's in name, lifetime and key form", () => {
  const certificate = new X509Certificate(fresh.authority.cert);
  equal(certificate.ca, true);
  match(certificate.subject, /CN=cert/);
  match(certificate.subject, /O=metallb/);
  equal(certificate.subjectAltName, "DNS:cert");
  equal(certificate.validFromDate.getTime(), now - 3_600_000);
  equal(certificate.validToDate.getTime(), now + 3650 * dayMs);
  equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
  match(fresh.authority.key, /^-----BEGIN RSA PRIVATE KEY-----/);
});

test("the serving certificate is for the Service's name, for servers, one year, signed by the authority", () => {
  const certificate = new X509Certificate(fresh.serving.cert);
  equal(certificate.subject, `CN=${name}`);
  equal(certificate.subjectAltName, `DNS:${name}`);
  equal(certificate.ca, false);
  equal(certificate.keyUsage?.join(), "1.3.6.1.5.5.7.3.1");
  equal(certificate.validFromDate.getTime(), now - 3_600_000);
  equal(certificate.validToDate.getTime(), now + 365 * dayMs);
  equal(certificate.verify(new X509Certificate(fresh.authority.cert).publicKey), true);
  equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
  match(fresh.serving.key, /^-----BEGIN RSA PRIVATE KEY-----/);
});

test("a set that holds for 90 more days is kept", async () => {
  equal(await renewed(fresh, name, now), fresh);
  equal(await renewed(fresh, name, now + 275 * dayMs - 1), fresh);
});

test("the serving certificate is renewed 90 days ahead, under the same authority", async () => {
  const later = await renewed(fresh, name, now + 275 * dayMs + 1000);
  equal(later.authority, fresh.authority);
  notEqual(later.serving.cert, fresh.serving.cert);
  equal(servingHolds(later, name, now + 276 * dayMs, now + 400 * dayMs), true);
});

test("another Service name needs another serving certificate", async () => {
  const other = await renewed(fresh, "metallb-webhook-service.lb.svc", now);
  equal(other.authority, fresh.authority);
  equal(new X509Certificate(other.serving.cert).subjectAltName, "DNS:metallb-webhook-service.lb.svc");
});

test("the authority is renewed 90 days ahead, and the serving certificate with it", async () => {
  const later = await renewed(fresh, name, now + 3561 * dayMs);
  notEqual(later.authority.cert, fresh.authority.cert);
  equal(servingHolds(later, name, now + 3561 * dayMs, now + 3700 * dayMs), true);
});

const other = await renewed(undefined, name, now);
const broken: readonly [string, CertificateSet][] = [
  ["an unreadable authority", { ...fresh, authority: { cert: "none", key: fresh.authority.key } }],
  ["an authority with another's key", { ...fresh, authority: { cert: fresh.authority.cert, key: other.authority.key } }],
  ["a serving certificate in the authority's place", { ...fresh, authority: fresh.serving }],
];
for (const [what, set] of broken)
  test(`${what} is replaced`, async () => {
    equal(authorityHolds(set.authority, now, now), false);
    notEqual((await renewed(set, name, now)).authority.cert, set.authority.cert);
  });

const brokenServing: readonly [string, CertificateSet][] = [
  ["an unreadable certificate", { ...fresh, serving: { cert: "none", key: "none" } }],
  ["a certificate with another's key", { ...fresh, serving: { cert: fresh.serving.cert, key: other.serving.key } }],
  ["a certificate of another authority of the same name", { ...fresh, serving: other.serving }],
];
for (const [what, set] of brokenServing)
  test(`${what} is not served`, async () => {
    equal(servingHolds(set, name, now, now), false);
    equal((await renewed(set, name, now)).authority, fresh.authority);
  });

test("a certificate that is not valid yet does not hold", async () => {
  const early = await createServingPair(fresh.authority, name, { from: now + dayMs, until: now + 300 * dayMs });
  equal(servingHolds({ ...fresh, serving: early }, name, now, now + 100 * dayMs), false);
});

test("a self-signed certificate is for every name given", async () => {
  const pair = await selfSignedCertificate(["localhost", "speaker"], now);
  const certificate = new X509Certificate(pair.cert);
  equal(certificate.subjectAltName, "DNS:localhost, DNS:speaker");
  equal(certificate.verify(certificate.publicKey), true);
  equal(certificate.validToDate.getTime(), now + 365 * dayMs);
});
