import { listIn, type Manifest } from "../manifest/manifest.ts";
import type { AdmissionDifference } from "./admission-difference.ts";

/** What the rules of known.ts ask about a difference. */

/** True when the refusal speaks of an error that the stored objects have without this write. */
export function isAboutAnother({ manifest, stored, refusal }: AdmissionDifference): boolean {
  if (manifest.kind !== "BGPAdvertisement" || !stored.some(({ metadata }) => metadata.name === "wide")) return false;
  if (manifest.metadata.name === "narrow") return true; // written as it stood
  const selectsIt = listIn(manifest, "ipAddressPools").includes("wide");
  if (/pool "wide" has ipv6 CIDR/.test(refusal)) return !selectsIt;
  return /invalid aggregation length 28: prefix 30 /.test(refusal) && manifest.spec["aggregationLength"] !== 28;
}

/** Whether a pool has an entry of this form. */
export function namesEntry(manifest: Manifest, form: RegExp): boolean {
  return manifest.kind === "IPAddressPool" && listIn(manifest, "addresses").some((entry) => form.test(String(entry)));
}
