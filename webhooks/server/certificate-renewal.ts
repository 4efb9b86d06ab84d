import { createAuthority, createServingPair } from "../../operator/framework/http/certificates.ts";
import { authorityHolds, type CertificateSet, servingHolds } from "./certificate-check.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How often certificates are looked at when nothing else happens. */
export const checkIntervalMs = 12 * hourMs;

const renewalLeadMs = 90 * dayMs;
const authorityLifetimeMs = 3650 * dayMs;
const servingLifetimeMs = 365 * dayMs;

/**
 * A set that holds for the next 90 days: `present` itself when it does; else with a new serving certificate; else, when the
 * authority does not hold or its key is lost, with both new. Certificates are back-dated by an hour, for clocks that are late.
 * @param name DNS name that the API server calls.
 * @param now wall clock, milliseconds.
 */
export async function renewed(present: CertificateSet | undefined, name: string, now: number): Promise<CertificateSet> {
  const until = now + renewalLeadMs;
  if (present === undefined || !authorityHolds(present.authority, now, until)) {
    const validity = { from: now - hourMs, until: now + authorityLifetimeMs };
    return issued(await createAuthority("cert", "metallb", validity), name, now);
  }
  return servingHolds(present, name, now, until) ? present : issued(present.authority, name, now);
}

async function issued(authority: CertificateSet["authority"], name: string, now: number): Promise<CertificateSet> {
  const validity = { from: now - hourMs, until: now + servingLifetimeMs };
  return { authority, serving: await createServingPair(authority, name, validity) };
}
