import { isBFDProfile } from "../../schema.ts";
import type { Backend } from "../backend.ts";
import { type Draft, draftOf, shapeFindings } from "../draft.ts";
import { identityOf, withoutStatus } from "../identity.ts";
import type { BfdProfile } from "../snapshot.ts";
import { nativeFinding } from "./native-limits.ts";

/** One BFDProfile by itself. */
export type BfdProfileDraft = Draft<BfdProfile>;

/** Reads one BFDProfile, whatever `raw` is. The bounds of its numbers are its schema's. */
export function draftBfdProfile(raw: unknown, backend: Backend): BfdProfileDraft {
  const identity = identityOf("BFDProfile", raw);
  const object = withoutStatus(raw);
  if (!isBFDProfile(object) || identity.name === "") {
    return { identity, meaning: undefined, findings: shapeFindings(identity, "v1beta1", object) };
  }
  const { receiveInterval, transmitInterval, echoInterval, detectMultiplier, minimumTtl, echoMode, passiveMode } =
    object.spec ?? {};
  const profile: BfdProfile = {
    name: identity.name,
    ...(receiveInterval !== undefined && { receiveIntervalMs: receiveInterval }),
    ...(transmitInterval !== undefined && { transmitIntervalMs: transmitInterval }),
    ...(echoInterval !== undefined && { echoIntervalMs: echoInterval }),
    ...(detectMultiplier !== undefined && { detectMultiplier }),
    ...(minimumTtl !== undefined && { minimumTtl }),
    echoMode: echoMode ?? false,
    passiveMode: passiveMode ?? false,
  };
  return draftOf(identity, profile, backend === "native" ? [nativeFinding(identity.ref, "spec", "BFD is not available")] : []);
}
