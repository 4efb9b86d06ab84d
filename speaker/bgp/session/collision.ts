import type { Negotiated } from "./negotiated.ts";
import type { Link } from "./session-state.ts";

/**
 * Which of two connections with the same peer stays: the one opened by the side with the higher BGP Identifier, and with
 * equal ones by the side with the higher AS number. Both sides come to the same answer. RFC 4271 §6.8, RFC 6286 §2.3.
 */
export function survivingOrigin(agreed: Negotiated): Link["origin"] {
  const { ownIdentifier, peerIdentifier, ownAS, peerAS } = agreed;
  const ours = ownIdentifier === peerIdentifier ? ownAS > peerAS : ownIdentifier > peerIdentifier;
  return ours ? "outbound" : "inbound";
}
