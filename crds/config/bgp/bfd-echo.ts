import type { Finding } from "../finding.ts";
import type { Identity } from "../identity.ts";
import { errorIn } from "../problem.ts";
import type { Owned } from "./local-preference.ts";
import type { RankedPeer } from "./peer-conflicts.ts";

/** MetalLB has no BFD echo for IPv6, and refuses a profile with it where an IPv6 address would be announced. */
export function echoFinding(blamed: Identity, { identity, peer }: RankedPeer, owned: Owned, pool: string): Finding {
  const [name, advertisement] = [peer.bfdProfile ?? "", owned.identity.ref];
  const what =
    `${identity.ref.kind} "${peer.name}" uses BFDProfile "${name}" with echoMode, which is for IPv4 only, and ` +
    `${advertisement.kind} "${advertisement.name}" announces IPv6 addresses of pool "${pool}" to it: ` +
    "switch echoMode off, or leave the peer or the pool out of the advertisement";
  const field = blamed.ref.kind === identity.ref.kind ? "spec.bfdProfile" : "spec.peers";
  const others = [identity.ref, advertisement].filter(({ kind }) => kind !== blamed.ref.kind);
  return {
    ...errorIn(blamed.ref, "BfdEchoOnIPv6", field, what),
    others: [...others, { ...blamed.ref, kind: "BFDProfile", name }, { ...blamed.ref, kind: "IPAddressPool", name: pool }],
  };
}
