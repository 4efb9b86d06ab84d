import type { BGPPeerSpec } from "../../types/bgp-peer.ts";
import type { Finding, ObjectRef } from "../finding.ts";
import { errorIn } from "../problem.ts";

/** A finding for what MetalLB's native engine cannot do; said only where METALLB_BGP_TYPE is `native`. */
export function nativeFinding(ref: ObjectRef, field: string, what: string): Finding {
  return errorIn(ref, "NativeUnsupported", field, `${what} with METALLB_BGP_TYPE=native: remove it, or leave the variable unset`);
}

/** The fields of a BGPPeer that the native engine refuses. @param keepaliveIsSet and is not zero. */
export function nativePeerFindings(ref: ObjectRef, spec: BGPPeerSpec, keepaliveIsSet: boolean): readonly Finding[] {
  const refused: Partial<Record<keyof BGPPeerSpec, boolean>> = {
    bfdProfile: isText(spec.bfdProfile),
    keepaliveTime: keepaliveIsSet,
    vrf: isText(spec.vrf),
    connectTime: spec.connectTime !== undefined,
    enableGracefulRestart: spec.enableGracefulRestart === true,
    disableMP: spec.disableMP === true,
    dualStackAddressFamily: spec.dualStackAddressFamily === true,
    dynamicASN: spec.dynamicASN !== undefined,
    interface: isText(spec.interface),
    localASN: spec.localASN !== undefined,
  };
  const fields = Object.entries(refused).filter(([, isRefused]) => isRefused);
  return fields.map(([field]) => nativeFinding(ref, `spec.${field}`, `${field} is not available`));
}

function isText(text: string | undefined): boolean {
  return text !== undefined && text !== "";
}
