import { type Address, compareAddresses, formatAddress } from "../../crds/net/address.ts";
import type { BfdSessionParameters } from "./session-parameters.ts";

/** What a session is told apart by, and what is known of a packet that arrives. */
export type SessionPath = Pick<BfdSessionParameters, "remote" | "local" | "interfaceName" | "vrf" | "multihop">;

/** The same text for the same path. Also the name that the session goes by outside. */
export function pathText(path: SessionPath): string {
  return `${text(path.local)} > ${text(path.remote)} ${path.multihop ? "multihop" : "single-hop"}${deviceSuffix(path)}`;
}

/** Whether both have the same {@link pathText}: quicker, for every packet. */
export function samePath(a: SessionPath, b: SessionPath): boolean {
  return (
    a.multihop === b.multihop &&
    a.interfaceName === b.interfaceName &&
    a.vrf === b.vrf &&
    compareAddresses(a.remote, b.remote) === 0 &&
    compareAddresses(a.local, b.local) === 0
  );
}

/** What the session's sockets are bound to; undefined: no device. */
export function deviceOf({ interfaceName, vrf }: Pick<SessionPath, "interfaceName" | "vrf">): string | undefined {
  return interfaceName ?? vrf;
}

function deviceSuffix({ interfaceName, vrf }: SessionPath): string {
  return `${interfaceName === undefined ? "" : ` on ${interfaceName}`}${vrf === undefined ? "" : ` in VRF ${vrf}`}`;
}

function text(address: Address): string {
  return formatAddress(address);
}
