import { Reader, Writer } from "../cursor.ts";
import { type BgpDecoded, bgpDecoded, type NotificationReason } from "./error.ts";
import { headerOctets, maxMessageOctets } from "./header.ts";
import type { NotificationMessage } from "./message.ts";
import { errorCode, headerSubcode } from "./registry.ts";

/** Octets of data that a NOTIFICATION holds at most. */
const maxDataOctets = maxMessageOctets - headerOctets - 2;

/** Total. @param body code(1) subcode(1) data. An error of this message must not be answered: RFC 4271 §6.4. */
export function decodeNotification(body: Uint8Array): BgpDecoded<NotificationMessage> {
  return bgpDecoded(
    () => {
      const r = new Reader(body, "BGP NOTIFICATION");
      return { type: "notification", code: r.u8("code"), subcode: r.u8("subcode"), data: r.rest() };
    },
    errorCode.header,
    headerSubcode.badLength,
  );
}

/** Inverse of {@link decodeNotification}. */
export function encodeNotification({ code, subcode, data }: NotificationReason): Uint8Array {
  return new Writer(2 + data.length).u8(code).u8(subcode).bytes(data).finish();
}

/** The NOTIFICATION that answers a fault; data that does not fit is cut. */
export function notificationFor({ code, subcode, data }: NotificationReason): NotificationMessage {
  return { type: "notification", code, subcode, data: data.slice(0, maxDataOctets) };
}
