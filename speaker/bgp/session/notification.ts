import type { NotificationMessage } from "../../codec/bgp/message.ts";

/** A NOTIFICATION to send, and in words what it is for. */
export type Refusal = { readonly code: number; readonly subcode: number; readonly data: Uint8Array; readonly reason: string };

const none = new Uint8Array();

export function refusal(code: number, subcode: number, reason: string, data: Uint8Array = none): Refusal {
  return { code, subcode, data, reason };
}

/** A peer may send 4,075 octets, and each is two letters of a log line and of a condition. */
const maxDataOctets = 64;

/** For logs: code, subcode and data as they were, but for what is too long. */
export function notificationFigures({ code, subcode, data }: Omit<NotificationMessage, "type">): string {
  const hex = Array.from(data.subarray(0, maxDataOctets), (octet) => octet.toString(16).padStart(2, "0")).join("");
  const more = data.length > maxDataOctets ? `... of ${data.length} octets` : "";
  return `code ${code}/${subcode}${hex === "" ? "" : `, data ${hex}${more}`}`;
}
