import type { NotificationMessage } from "../../codec/bgp/message.ts";

/** A NOTIFICATION to send, and in words what it is for. */
export type Refusal = { readonly code: number; readonly subcode: number; readonly data: Uint8Array; readonly reason: string };

const none = new Uint8Array();

export function refusal(code: number, subcode: number, reason: string, data: Uint8Array = none): Refusal {
  return { code, subcode, data, reason };
}

/** For logs: code, subcode and data as they were. */
export function notificationFigures({ code, subcode, data }: Omit<NotificationMessage, "type">): string {
  const hex = Array.from(data, (octet) => octet.toString(16).padStart(2, "0")).join("");
  return `code ${code}/${subcode}${hex === "" ? "" : `, data ${hex}`}`;
}
