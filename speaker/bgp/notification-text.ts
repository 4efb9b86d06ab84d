import type { NotificationMessage } from "../codec/bgp/message.ts";
import { ceaseSubcode, errorCode } from "./registry.ts";
import { shutdownText } from "./shutdown-communication.ts";

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
  const speaks =
    code === errorCode.cease && (subcode === ceaseSubcode.administrativeShutdown || subcode === ceaseSubcode.administrativeReset);
  const communication = speaks ? shutdownText(data) : "";
  return communication === "" ? name : `${name}, saying "${communication}"`;
}
