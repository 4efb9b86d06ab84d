import { CodecError } from "../error.ts";
import { type BgpDecoded, BgpError, bgpDecoded } from "./error.ts";
import { decodeHeader, framed, headerOctets } from "./header.ts";
import type { BgpMessage } from "./message.ts";
import { decodeNotification, encodeNotification } from "./notification.ts";
import { decodeOpen, encodeOpen } from "./open.ts";
import { errorCode, headerSubcode, type MessageType } from "./registry.ts";
import { decodeRouteRefresh, encodeRouteRefresh } from "./route-refresh.ts";
import { decodeUpdate, encodeUpdate } from "./update.ts";
import type { AsNumberWidth, UpdateContext } from "./update-context.ts";

/**
 * The whole message, header included.
 * @param width matters for an UPDATE alone.
 * @throws {RangeError} when it does not fit 4096 octets or a value does not fit its field.
 */
export function encodeMessage(message: BgpMessage, width: AsNumberWidth): Uint8Array {
  switch (message.type) {
    case "open":
      return framed("open", encodeOpen(message));
    case "update":
      return framed("update", encodeUpdate(message, width));
    case "notification":
      return framed("notification", encodeNotification(message));
    case "keepalive":
      return framed("keepalive", new Uint8Array());
    case "route-refresh":
      return framed("route-refresh", encodeRouteRefresh(message));
  }
}

/** Total: inverse of {@link encodeMessage}. @param octets one whole message. @param context matters for an UPDATE alone. */
export function decodeMessage(octets: Uint8Array, context: UpdateContext): BgpDecoded<BgpMessage> {
  const type = typeOf(octets);
  if (!type.ok) return type;
  const body = octets.subarray(headerOctets);
  switch (type.value) {
    case "open":
      return decodeOpen(body);
    case "update": {
      const decoded = decodeUpdate(body, context);
      return decoded.ok ? { ok: true, value: decoded.value.message } : decoded;
    }
    case "notification":
      return decodeNotification(body);
    case "keepalive":
      return { ok: true, value: { type: "keepalive" } };
    case "route-refresh":
      return decodeRouteRefresh(body);
  }
}

function typeOf(octets: Uint8Array): BgpDecoded<MessageType> {
  const decode = () => {
    if (octets.length < headerOctets) throw new CodecError("BGP header", "length", 0, `${octets.length} octets are no header`);
    const { type, length } = decodeHeader(octets);
    if (length === octets.length) return type;
    const fault = new CodecError("BGP header", "length", 16, `is ${length}, there are ${octets.length} octets`);
    throw new BgpError(fault, errorCode.header, headerSubcode.badLength, octets.slice(16, 18));
  };
  return bgpDecoded(decode, errorCode.header, headerSubcode.badLength);
}
