import type { NotificationMessage } from "../codec/bgp/message.ts";
import { shutdownText } from "./shutdown-communication.ts";

/** A NOTIFICATION to send, and in words what it is for. */
export type Refusal = { readonly code: number; readonly subcode: number; readonly data: Uint8Array; readonly reason: string };

const none = new Uint8Array();

/** Error codes. RFC 4271 §4.5, RFC 7313 §5, RFC 9687 §3.2. */
export const errorCode = {
  header: 1,
  open: 2,
  update: 3,
  holdTimer: 4,
  fsm: 5,
  cease: 6,
  routeRefresh: 7,
  sendHoldTimer: 8,
} as const;

/** Subcodes of an OPEN's error. RFC 4271 §6.2, RFC 5492 §5. */
export const openError = { version: 1, peerAS: 2, identifier: 3, parameter: 4, holdTime: 6, capability: 7 } as const;

/** Subcodes of Cease. RFC 4486, RFC 8538, RFC 9384. */
export const cease = {
  prefixLimit: 1,
  administrativeShutdown: 2,
  peerRemoved: 3,
  administrativeReset: 4,
  connectionRejected: 5,
  configurationChanged: 6,
  collision: 7,
  resources: 8,
  hardReset: 9,
  bfdDown: 10,
} as const;

export function refusal(code: number, subcode: number, reason: string, data: Uint8Array = none): Refusal {
  return { code, subcode, data, reason };
}

export function notificationOf({ code, subcode, data }: Refusal): NotificationMessage {
  return { type: "notification", code, subcode, data };
}

const codeNames: readonly string[] = [
  "",
  "message header error",
  "OPEN error",
  "UPDATE error",
  "hold timer expired",
  "message not allowed in this state",
  "Cease",
  "ROUTE-REFRESH error",
  "send hold timer expired",
];

const subcodeNames: { readonly [code: number]: readonly string[] } = {
  1: ["", "connection not synchronized", "bad message length", "bad message type"],
  2: [
    "",
    "unsupported version number",
    "bad peer AS",
    "bad BGP identifier",
    "unsupported optional parameter",
    "authentication failure",
    "unacceptable hold time",
    "unsupported capability",
    "",
    "",
    "",
    "role mismatch",
  ],
  3: [
    "",
    "malformed attribute list",
    "unrecognized well-known attribute",
    "missing well-known attribute",
    "attribute flags error",
    "attribute length error",
    "invalid ORIGIN",
    "AS routing loop",
    "invalid NEXT_HOP",
    "optional attribute error",
    "invalid network field",
    "malformed AS_PATH",
  ],
  5: ["", "in OpenSent", "in OpenConfirm", "in Established"],
  6: [
    "",
    "maximum number of prefixes reached",
    "administrative shutdown",
    "peer de-configured",
    "administrative reset",
    "connection rejected",
    "other configuration change",
    "connection collision resolution",
    "out of resources",
    "hard reset",
    "BFD down",
  ],
  7: ["", "invalid message length"],
};

/** What a NOTIFICATION says, for a reader: the most specific name, and the text of a shutdown. Never more than a line. */
export function notificationText({ code, subcode, data }: Omit<NotificationMessage, "type">): string {
  const specific = subcodeNames[code]?.[subcode] ?? "";
  const general = codeNames[code] || `error code ${code}`;
  const name = specific === "" ? (subcode === 0 ? general : `${general}, subcode ${subcode}`) : specific;
  const speaks = code === errorCode.cease && (subcode === cease.administrativeShutdown || subcode === cease.administrativeReset);
  const communication = speaks ? shutdownText(data) : "";
  return communication === "" ? name : `${name}, saying "${communication}"`;
}

/** For logs: code, subcode and data as they were. */
export function notificationFigures({ code, subcode, data }: Omit<NotificationMessage, "type">): string {
  const hex = Array.from(data, (octet) => octet.toString(16).padStart(2, "0")).join("");
  return `code ${code}/${subcode}${hex === "" ? "" : `, data ${hex}`}`;
}
