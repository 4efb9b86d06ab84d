import type { Family } from "../../../crds/net/address.ts";
import { Reader, Writer } from "../cursor.ts";
import { CodecError } from "../error.ts";
import { attributeName, attributeRule, outOfPlace, type Treatment } from "./attribute-rule.ts";
import { BgpError } from "./error.ts";
import { type MpAttribute, splitMpAttribute } from "./mp-nlri.ts";
import { walkPrefixes } from "./nlri.ts";
import { attributeCode, attributeFlag, errorCode, hasFamily, ipv4Unicast, updateSubcode } from "./registry.ts";
import type { UpdateContext } from "./update-context.ts";

/** A fault with which the session goes on. `problem` begins with the attribute's name. */
export type UpdateFault = { readonly treatment: Treatment; readonly problem: string };

/** One attribute as it stands in the message; of several with one code only the first is there. */
export type LocatedAttribute = { readonly code: number; readonly flags: number; readonly value: Uint8Array };

/** An UPDATE whose structure is known and whose values are not built. */
export type UpdateScan = {
  /** Octets of IPv4 prefixes; empty when IPv4 unicast was not negotiated. */
  readonly withdrawn: Uint8Array;
  readonly nlri: Uint8Array;
  /** Those that may be used: sound in themselves, not discarded. */
  readonly attributes: readonly LocatedAttribute[];
  readonly mpReach?: MpAttribute;
  readonly mpUnreach?: MpAttribute;
  /** Prefixes in the message, before any treatment. */
  readonly announced: number;
  readonly withdrawals: number;
  /** The worst fault; of equal ones the first. */
  readonly fault?: UpdateFault;
};

type Fault = UpdateFault & { readonly code: number; readonly subcode: number; readonly octets: Uint8Array };

const protocol = "BGP UPDATE";

/**
 * The one place that knows which UPDATE is sound: its parts, its attributes and what RFC 7606 makes of faults in them.
 * @param body of the message, without its header.
 * @throws {BgpError} when the session must end. RFC 7606 §3, §5.2, §5.3, RFC 4271 §6.3.
 * @throws {CodecError} when the lengths of the parts do not fit: 3/1.
 */
export function scanUpdate(body: Uint8Array, context: UpdateContext): UpdateScan {
  const r = new Reader(body, protocol);
  const withdrawnOctets = r.bytes(r.u16("withdrawn routes length"), "withdrawn routes");
  const attributeOctets = r.bytes(r.u16("attributes' length"), "attributes");
  const nlriOctets = r.rest();
  const attributes = new AttributeScan(context);
  attributes.read(attributeOctets);
  const ipv4 = hasFamily(context.families, ipv4Unicast.afi, ipv4Unicast.safi);
  const withdrawn = ipv4 ? withdrawnOctets : new Uint8Array();
  const nlri = ipv4 ? nlriOctets : new Uint8Array();
  const { mpReach, mpUnreach } = attributes;
  const classic = countRoutes(nlri, "NLRI");
  const reached = countMpRoutes(mpReach);
  const withdrawals = countRoutes(withdrawn, "withdrawn routes") + countMpRoutes(mpUnreach);
  attributes.require(classic + reached > 0, classic > 0);
  const fault = attributes.worst;
  if (fault?.treatment === "treat-as-withdraw" && nlriOctets.length === 0 && !(mpReach && mpReach.nlri.length > 0)) {
    attributes.refuseWithoutRoutes(fault);
  }
  return {
    withdrawn,
    nlri,
    attributes: attributes.sound,
    ...(mpReach && { mpReach }),
    ...(mpUnreach && { mpUnreach }),
    announced: classic + reached,
    withdrawals,
    ...(fault && { fault: { treatment: fault.treatment, problem: fault.problem } }),
  };
}

/** Goes through the attributes of one message and remembers what is wrong. */
class AttributeScan {
  readonly sound: LocatedAttribute[] = [];
  mpReach: MpAttribute | undefined;
  mpUnreach: MpAttribute | undefined;
  worst: Fault | undefined;
  readonly #context: UpdateContext;
  readonly #seen = new Set<number>();

  constructor(context: UpdateContext) {
    this.#context = context;
  }

  /** flags(1) code(1) length(1 or 2) value, until the end or until a length reaches over it. RFC 7606 §4. */
  read(octets: Uint8Array): void {
    for (let at = 0; at < octets.length; ) {
      const flags = octets[at] ?? 0;
      const code = octets[at + 1] ?? 0;
      const extended = (flags & attributeFlag.extendedLength) !== 0;
      const head = extended ? 4 : 3;
      const length = extended ? (octets[at + 2] ?? 0) * 0x100 + (octets[at + 3] ?? 0) : (octets[at + 2] ?? 0);
      const end = at + head + length;
      if (end > octets.length) {
        const name = octets.length - at > 1 ? attributeName(code) : "an attribute";
        this.#blame(
          "treat-as-withdraw",
          code,
          updateSubcode.malformedAttributeList,
          `${name}: reaches over the end`,
          octets.subarray(at),
        );
        return;
      }
      this.#attribute({ code, flags, value: octets.subarray(at + head, end) }, octets.subarray(at, end));
      at = end;
    }
  }

  /** Announced routes need these. RFC 7606 §3 d, RFC 4271 §5. */
  require(announces: boolean, classic: boolean): void {
    if (!announces) return;
    const needed = [attributeCode.origin, attributeCode.asPath, ...(classic ? [attributeCode.nextHop] : [])];
    const missing = needed.find((code) => !this.#seen.has(code));
    if (missing === undefined) return;
    const octets = new Writer(1).u8(missing).finish();
    this.#blame("treat-as-withdraw", missing, updateSubcode.missingWellKnown, `${attributeName(missing)}: is missing`, octets);
  }

  /** Without routes that can be withdrawn nobody knows whether the routes were found: only MP_UNREACH_NLRI alone is no such case. */
  refuseWithoutRoutes({ code, subcode, problem, octets }: Fault): void {
    if (this.#seen.size === 1 && this.#seen.has(attributeCode.mpUnreach) && code === attributeCode.mpUnreach) return;
    const cause = new CodecError(protocol, "attributes", 0, `${problem}, and there are no routes to withdraw for it`);
    throw new BgpError(cause, errorCode.update, subcode, octets);
  }

  #attribute(attribute: LocatedAttribute, octets: Uint8Array): void {
    const { code, flags, value } = attribute;
    const isMp = code === attributeCode.mpReach || code === attributeCode.mpUnreach;
    const name = attributeName(code);
    if (this.#seen.has(code)) {
      if (isMp) throw refused(code, "stands twice", updateSubcode.malformedAttributeList);
      this.#blame("attribute-discard", code, updateSubcode.malformedAttributeList, `${name}: stands twice`, octets);
      return;
    }
    this.#seen.add(code);
    if (isMp) this.#multiprotocol(attribute, octets);
    const rule = attributeRule(code);
    if (rule === undefined) {
      if ((flags & attributeFlag.optional) !== 0) this.sound.push(attribute);
      else
        this.#blame(
          "treat-as-withdraw",
          code,
          updateSubcode.unrecognizedWellKnown,
          `${name}: is well-known, but not here`,
          octets,
        );
      return;
    }
    const misplaced = outOfPlace(code, this.#context);
    if (misplaced !== undefined) {
      this.#blame("attribute-discard", code, updateSubcode.optionalAttribute, `${name}: ${misplaced}`, octets);
      return;
    }
    if ((flags & (attributeFlag.optional | attributeFlag.transitive)) !== rule.flags) {
      this.#blame(
        "treat-as-withdraw",
        code,
        updateSubcode.attributeFlags,
        `${name}: has the flags of another kind of attribute`,
        octets,
      );
      return;
    }
    const wrong = rule.check(value, this.#context);
    if (wrong === undefined) this.sound.push(attribute);
    else this.#blame(rule.treatment, code, wrong.subcode, `${name}: ${wrong.problem}`, octets);
  }

  #multiprotocol({ code, value }: LocatedAttribute, octets: Uint8Array): void {
    try {
      const split = splitMpAttribute(code, value, this.#context);
      if (code === attributeCode.mpReach) this.mpReach = split;
      else this.mpUnreach = split;
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      throw new BgpError(error, errorCode.update, updateSubcode.optionalAttribute, octets.slice());
    }
  }

  #blame(treatment: Treatment, code: number, subcode: number, problem: string, octets: Uint8Array): void {
    const worse = this.worst === undefined || (this.worst.treatment === "attribute-discard" && treatment === "treat-as-withdraw");
    if (worse) this.worst = { treatment, code, subcode, problem, octets: octets.slice() };
  }
}

function countMpRoutes(attribute: MpAttribute | undefined): number {
  if (attribute?.family === undefined) return 0;
  return count(attribute.nlri, attribute.family, "multiprotocol routes", updateSubcode.optionalAttribute);
}

function countRoutes(octets: Uint8Array, field: string): number {
  return count(octets, "IPv4", field, updateSubcode.networkField);
}

/** Where a route ends that cannot be read nobody knows, so the session ends. RFC 7606 §5.3. */
function count(octets: Uint8Array, family: Family, field: string, subcode: number): number {
  const counted = walkPrefixes(octets, family);
  if (typeof counted === "number") return counted;
  throw new BgpError(new CodecError(protocol, field, counted.at, counted.problem), errorCode.update, subcode);
}

function refused(code: number, problem: string, subcode: number): BgpError {
  return new BgpError(new CodecError(protocol, attributeName(code), 0, problem), errorCode.update, subcode);
}
