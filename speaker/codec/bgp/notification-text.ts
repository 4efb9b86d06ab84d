import { u16At, u32At } from "../octets.ts";
import { attributeName } from "./attribute-rule.ts";
import { decodeCapabilities } from "./capability-codec.ts";
import { capabilityName, familyName } from "./capability-text.ts";
import { bgpDecoded, type NotificationReason } from "./error.ts";
import { ceaseSubcode, errorCode, headerSubcode, messageTypeOf, openSubcode } from "./registry.ts";
import { shutdownText } from "./shutdown-communication.ts";

/** What the reader of a NOTIFICATION knows beside its octets. */
export type NotificationFacts = { readonly expectedAs?: number };

/** By error code. RFC 4271 §4.5, RFC 7313 §5, RFC 9687 §4. */
const codeTexts: readonly string[] = [
  "",
  "message header error",
  "OPEN message error",
  "UPDATE message error",
  "hold timer expired",
  "message not allowed in this state",
  "Cease",
  "ROUTE-REFRESH message error",
  "send hold timer expired",
];

/** By error code and subcode. */
const subcodeTexts: { readonly [code: number]: { readonly [subcode: number]: string } } = {
  [errorCode.header]: { 1: "connection not synchronized", 2: "bad message length", 3: "bad message type" },
  [errorCode.open]: {
    1: "unsupported version number",
    2: "bad peer AS",
    3: "bad BGP identifier",
    4: "unsupported optional parameter",
    5: "authentication failure",
    6: "unacceptable hold time",
    7: "unsupported capability",
    11: "role mismatch",
  },
  [errorCode.update]: {
    1: "malformed attribute list",
    2: "unrecognized well-known attribute",
    3: "missing well-known attribute",
    4: "attribute flags error",
    5: "attribute length error",
    6: "invalid ORIGIN",
    7: "AS routing loop",
    8: "invalid NEXT_HOP",
    9: "optional attribute error",
    10: "invalid network field",
    11: "malformed AS_PATH",
  },
  [errorCode.fsm]: {
    1: "message not allowed in OpenSent",
    2: "message not allowed in OpenConfirm",
    3: "message not allowed in Established",
  },
  [errorCode.cease]: {
    1: "maximum number of prefixes reached",
    2: "administrative shutdown",
    3: "peer de-configured",
    4: "administrative reset",
    5: "connection rejected",
    6: "other configuration change",
    7: "connection collision resolution",
    8: "out of resources",
    9: "hard reset",
    10: "BFD down",
  },
  [errorCode.routeRefresh]: { 1: "invalid message length" },
};

/** Capabilities told by name in one line; a peer may send a thousand. */
const maxNamedCapabilities = 4;

/**
 * What a NOTIFICATION says, in words for an operator: its name, and what its data add, such as
 * `bad peer AS 64512, expected 64513` or `administrative shutdown: "back at 14:00"`. Total; one line, whatever the data are.
 */
export function notificationText(reason: NotificationReason, facts: NotificationFacts = {}): string {
  const { code, subcode } = reason;
  const general = codeTexts[code] || `error ${code}`;
  const name = subcodeTexts[code]?.[subcode] ?? (subcode === 0 ? general : `${general}, subcode ${subcode}`);
  return name + detail(reason, facts);
}

/** Beside the name: what the data say, as RFCs and usage have it; empty for what is not understood. */
function detail({ code, subcode, data }: NotificationReason, facts: NotificationFacts): string {
  switch (code) {
    case errorCode.header:
      return headerDetail(subcode, data);
    case errorCode.open:
      return openDetail(subcode, data, facts);
    case errorCode.update:
      return updateDetail(data);
    case errorCode.fsm:
      return typeDetail(data);
    case errorCode.cease:
      return ceaseDetail(subcode, data);
    default:
      return "";
  }
}

function headerDetail(subcode: number, data: Uint8Array): string {
  if (subcode === headerSubcode.badLength && data.length === 2) return ` of ${u16At(data, 0)} octets`;
  return subcode === headerSubcode.badType && data.length === 1 ? ` ${data[0]}` : "";
}

/** The AS number and the hold time as FRR sends them back: those that it refuses. */
function openDetail(subcode: number, data: Uint8Array, { expectedAs }: NotificationFacts): string {
  if (subcode === openSubcode.badPeerAs) return asDetail(data) + (expectedAs === undefined ? "" : `, expected ${expectedAs}`);
  if (subcode === openSubcode.version && data.length === 2) return `, the highest it speaks is ${u16At(data, 0)}`;
  if (subcode === openSubcode.holdTime && data.length === 2) return ` of ${u16At(data, 0)} s`;
  return subcode === openSubcode.unsupportedCapability ? capabilityDetail(data) : "";
}

function asDetail(data: Uint8Array): string {
  if (data.length === 2) return ` ${u16At(data, 0)}`;
  return data.length === 4 ? ` ${u32At(data, 0)}` : "";
}

/** RFC 5492 §5. */
function capabilityDetail(data: Uint8Array): string {
  const decoded = bgpDecoded(() => decodeCapabilities(data), errorCode.open, openSubcode.unspecific);
  if (!decoded.ok || decoded.value.length === 0) return "";
  const named = decoded.value.slice(0, maxNamedCapabilities).map(capabilityName);
  return `: it wants ${named.join(", ")}${decoded.value.length > maxNamedCapabilities ? " and more" : ""}`;
}

/** The attribute with which it went wrong: flags(1) code(1) and more, or the code alone. RFC 4271 §6.3. */
function updateDetail(data: Uint8Array): string {
  const code = data.length === 1 ? data[0] : data[1];
  return code === undefined ? "" : `: ${attributeName(code)}`;
}

/** RFC 6608 §4. */
function typeDetail(data: Uint8Array): string {
  const type = data.length === 1 ? messageTypeOf(data[0] ?? 0) : undefined;
  return type === undefined ? "" : `: ${type.toUpperCase()}`;
}

/** RFC 9003 §2, RFC 4486 §4, RFC 8538 §3.1: a hard reset has another NOTIFICATION inside. */
function ceaseDetail(subcode: number, data: Uint8Array): string {
  switch (subcode) {
    case ceaseSubcode.administrativeShutdown:
    case ceaseSubcode.administrativeReset: {
      const text = shutdownText(data);
      return text === "" ? "" : `: "${text}"`;
    }
    case ceaseSubcode.maxPrefixes:
      return data.length === 7 ? `: ${u32At(data, 3)} of ${familyName(u16At(data, 0), data[2] ?? 0)}` : "";
    case ceaseSubcode.hardReset: {
      const [code, inner] = data;
      const nested = code === errorCode.cease && inner === ceaseSubcode.hardReset;
      if (code === undefined || inner === undefined || nested) return "";
      return `: ${notificationText({ code, subcode: inner, data: data.subarray(2) })}`;
    }
    default:
      return "";
  }
}
