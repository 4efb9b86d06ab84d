import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { KeyPair } from "../../operator/framework/http/certificates.ts";

/** An authority and the serving certificate that it signed: what the Secret holds. */
export type CertificateSet = { readonly authority: KeyPair; readonly serving: KeyPair };

/** Whether `authority` is a certificate authority with its own key, valid from `from` to `until` (milliseconds since the epoch). */
export function authorityHolds({ cert, key }: KeyPair, from: number, until: number): boolean {
  const certificate = read(() => new X509Certificate(cert));
  const privateKey = read(() => createPrivateKey(key));
  return certificate?.ca === true && holdsBetween(certificate, from, until) && fits(certificate, privateKey);
}

/** Whether the set's serving certificate is for `name`, with its own key, signed by the set's authority, and valid throughout. */
export function servingHolds({ authority, serving }: CertificateSet, name: string, from: number, until: number): boolean {
  const issuer = read(() => new X509Certificate(authority.cert));
  const certificate = read(() => new X509Certificate(serving.cert));
  const privateKey = read(() => createPrivateKey(serving.key));
  if (issuer === undefined || certificate === undefined) return false;
  return (
    certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey) &&
    certificate.checkHost(name) !== undefined &&
    holdsBetween(certificate, from, until) &&
    fits(certificate, privateKey)
  );
}

/** Whether both can be read and belong together. Given no certificate at all, a TLS server would go on and serve nobody. */
export function pairFits({ cert, key }: KeyPair): boolean {
  const certificate = read(() => new X509Certificate(cert));
  return (
    certificate !== undefined &&
    fits(
      certificate,
      read(() => createPrivateKey(key)),
    )
  );
}

function holdsBetween(certificate: X509Certificate, from: number, until: number): boolean {
  return certificate.validFromDate.getTime() <= from && certificate.validToDate.getTime() >= until;
}

function fits(certificate: X509Certificate, key: KeyObject | undefined): boolean {
  return key !== undefined && certificate.checkPrivateKey(key);
}

/** Anything may stand in a Secret; what cannot be read does not hold. */
function read<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
