import { heraldAnnotations } from "../../types/well-known.ts";
import { annotationText, annotationWarning } from "../annotation.ts";
import type { Finding } from "../finding.ts";
import type { Identity } from "../identity.ts";
import type { Peer } from "../snapshot.ts";

/** A packet that came further arrives with a TTL of 0, that is, not at all. */
const mostHops = 254;

export type PeerAnnotations = {
  readonly meaning: Pick<Peer, "passive" | "ttlSecurityHops">;
  readonly findings: readonly Finding[];
};

/** What a BGPPeer says by annotations. One that cannot be read is no reason to take the peer out of service. */
export function readPeerAnnotations(identity: Identity): PeerAnnotations {
  const passive = readPassive(identity);
  const security = readTtlSecurity(identity);
  return {
    meaning: { ...passive.meaning, ...security.meaning },
    findings: [...passive.findings, ...security.findings],
  };
}

function readPassive(identity: Identity): PeerAnnotations {
  const key = heraldAnnotations.passive;
  const text = annotationText(identity, key);
  if (text === undefined || text === "false") return { meaning: {}, findings: [] };
  if (text === "true") return { meaning: { passive: true }, findings: [] };
  const what = `${JSON.stringify(text)} is neither true nor false, so that the speaker connects to the peer: write one of them`;
  return { meaning: {}, findings: [annotationWarning(identity, key, what)] };
}

function readTtlSecurity(identity: Identity): PeerAnnotations {
  const key = heraldAnnotations.ttlSecurity;
  const text = annotationText(identity, key);
  if (text === undefined) return { meaning: {}, findings: [] };
  const hops = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 0;
  if (hops >= 1 && hops <= mostHops) return { meaning: { ttlSecurityHops: hops }, findings: [] };
  const what = `${JSON.stringify(text)} is no number from 1 to ${mostHops}, so that packets from any distance are taken: write 1 for a router next to the node`;
  return { meaning: {}, findings: [annotationWarning(identity, key, what)] };
}
