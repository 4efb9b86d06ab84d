import { Writer } from "../cursor.ts";
import { readAttributes } from "./attribute-reader.ts";
import { attributeOctets } from "./attribute-writer.ts";
import { type BgpDecoded, bgpDecoded } from "./error.ts";
import type { UpdateMessage } from "./message.ts";
import { readPrefixes, writePrefixes } from "./nlri.ts";
import { type AddressFamily, attributeCode, errorCode, hasFamily, ipv4Unicast, updateSubcode } from "./registry.ts";
import type { AsNumberWidth, UpdateContext } from "./update-context.ts";
import { scanUpdate, type UpdateFault, type UpdateScan } from "./update-scan.ts";

/** What an UPDATE comes to, for one who keeps no routes. */
export type UpdateSummary = {
  /** Routes of negotiated families that count as announced. */
  readonly announced: number;
  /** Routes that count as withdrawn: also those announced with a fault. */
  readonly withdrawn: number;
  /** The message is the End-of-RIB of this family. RFC 4724 §2. */
  readonly endOfRib?: AddressFamily;
  readonly fault?: UpdateFault;
};

/** `message` holds what could be read; with the treatment `treat-as-withdraw` its announced routes are withdrawn. */
export type DecodedUpdate = { readonly message: UpdateMessage; readonly summary: UpdateSummary };

/**
 * Total. Checks all of an UPDATE and counts its routes without building any.
 * @param body of the message, without its header.
 * @returns an error when RFC 7606 wants the session to end: NOTIFICATION 3/x.
 */
export function inspectUpdate(body: Uint8Array, context: UpdateContext): BgpDecoded<UpdateSummary> {
  return scanned(() => summaryOf(body, scanUpdate(body, context), context));
}

/** Total; {@link inspectUpdate} with all values. */
export function decodeUpdate(body: Uint8Array, context: UpdateContext): BgpDecoded<DecodedUpdate> {
  return scanned(() => {
    const scan = scanUpdate(body, context);
    const message: UpdateMessage = {
      type: "update",
      withdrawn: readPrefixes(scan.withdrawn, "IPv4"),
      attributes: readAttributes(scan, context),
      nlri: readPrefixes(scan.nlri, "IPv4"),
    };
    return { message, summary: summaryOf(body, scan, context) };
  });
}

/**
 * Inverse of {@link decodeUpdate} for messages without fault.
 * @throws {RangeError} when a part has more than 65535 octets or a value cannot be written, such as a route of another family.
 */
export function encodeUpdate({ withdrawn, attributes, nlri }: UpdateMessage, width: AsNumberWidth): Uint8Array {
  const routes = new Writer(256);
  writePrefixes(routes, withdrawn, "IPv4");
  const withdrawnOctets = routes.finish();
  const path = attributeOctets(attributes, width);
  const w = new Writer(4 + withdrawnOctets.length + path.length + 5 * nlri.length);
  for (const part of [withdrawnOctets, path]) {
    if (part.length > 0xffff) throw new RangeError(`an UPDATE with a part of ${part.length} octets does not fit a message`);
    w.u16(part.length).bytes(part);
  }
  writePrefixes(w, nlri, "IPv4");
  return w.finish();
}

function scanned<Value>(decode: () => Value): BgpDecoded<Value> {
  return bgpDecoded(decode, errorCode.update, updateSubcode.malformedAttributeList);
}

function summaryOf(body: Uint8Array, scan: UpdateScan, context: UpdateContext): UpdateSummary {
  const { announced, withdrawals, fault } = scan;
  const lost = fault?.treatment === "treat-as-withdraw";
  const endOfRib = endOfRibOf(body, scan, context);
  return {
    announced: lost ? 0 : announced,
    withdrawn: withdrawals + (lost ? announced : 0),
    ...(endOfRib && { endOfRib }),
    ...(fault && { fault }),
  };
}

/** Octets of an UPDATE's body in which nothing stands but two lengths of zero. */
const emptyOctets = 4;

function endOfRibOf(body: Uint8Array, scan: UpdateScan, { families }: UpdateContext): AddressFamily | undefined {
  if (body.length === emptyOctets) return hasFamily(families, ipv4Unicast.afi, ipv4Unicast.safi) ? ipv4Unicast : undefined;
  const { attributes, mpUnreach, withdrawn, nlri, fault } = scan;
  const alone = attributes.length === 1 && attributes[0]?.code === attributeCode.mpUnreach;
  const nothing = withdrawn.length + nlri.length === 0 && fault === undefined;
  if (!alone || !nothing || mpUnreach === undefined || mpUnreach.nlri.length > 0) return undefined;
  const { afi, safi } = mpUnreach;
  return hasFamily(families, afi, safi) ? { afi, safi } : undefined;
}
