import { type Address, formatAddress } from "../../crds/net/address.ts";
import type { BfdSessionParameters } from "./session-parameters.ts";

/** What a session is told apart by, and what is known of a packet that arrives. */
export type SessionPath = Pick<BfdSessionParameters, "remote" | "local" | "interfaceName" | "vrf" | "multihop">;

/** The same text for the same path. Also the name that the session goes by outside. */
export function pathText(path: SessionPath): string {
  return `${text(path.local)} > ${text(path.remote)} ${path.multihop ? "multihop" : "single-hop"}${deviceSuffix(path)}`;
}

/** What the session's sockets are bound to; undefined: no device. */
export function deviceOf({ interfaceName, vrf }: Pick<SessionPath, "interfaceName" | "vrf">): string | undefined {
  return interfaceName ?? vrf;
}

function deviceSuffix(path: SessionPath): string {
  const device = deviceOf(path);
  return device === undefined ? "" : ` on ${device}`;
}

function text(address: Address): string {
  return formatAddress(address);
}
