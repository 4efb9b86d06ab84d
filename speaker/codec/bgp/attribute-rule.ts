import { asPathProblem } from "./as-path.ts";
import { attributeCode, attributeFlag, updateSubcode } from "./registry.ts";
import type { UpdateContext } from "./update-context.ts";

/** How an UPDATE with a fault is used, if the session goes on. RFC 7606 §2. */
export type Treatment = "treat-as-withdraw" | "attribute-discard";

/** `subcode` is that of UPDATE Message Error, for a fault that must end the session. */
export type AttributeProblem = { readonly problem: string; readonly subcode: number };

/** What one path attribute must be like. */
export type AttributeRule = {
  readonly name: string;
  /** Its Optional and Transitive bits. */
  readonly flags: number;
  /** What becomes of an UPDATE in which its value is wrong. */
  readonly treatment: Treatment;
  readonly check: (value: Uint8Array, context: UpdateContext) => AttributeProblem | undefined;
};

const wellKnown = attributeFlag.transitive;
const optional = attributeFlag.optional;
const optionalTransitive = attributeFlag.optional + attributeFlag.transitive;

/** All attributes whose value is checked. RFC 7606 §7, RFC 8092 §6, RFC 6793 §6. MP_REACH_NLRI and MP_UNREACH_NLRI have their own reader. */
const rules: ReadonlyMap<number, AttributeRule> = new Map<number, AttributeRule>([
  [attributeCode.origin, { name: "ORIGIN", flags: wellKnown, treatment: "treat-as-withdraw", check: checkOrigin }],
  [attributeCode.asPath, { name: "AS_PATH", flags: wellKnown, treatment: "treat-as-withdraw", check: checkAsPath }],
  [attributeCode.nextHop, { name: "NEXT_HOP", flags: wellKnown, treatment: "treat-as-withdraw", check: ofLength(4) }],
  [attributeCode.med, { name: "MULTI_EXIT_DISC", flags: optional, treatment: "treat-as-withdraw", check: ofLength(4) }],
  [attributeCode.localPref, { name: "LOCAL_PREF", flags: wellKnown, treatment: "treat-as-withdraw", check: ofLength(4) }],
  [
    attributeCode.atomicAggregate,
    { name: "ATOMIC_AGGREGATE", flags: wellKnown, treatment: "attribute-discard", check: ofLength(0) },
  ],
  [
    attributeCode.aggregator,
    { name: "AGGREGATOR", flags: optionalTransitive, treatment: "attribute-discard", check: checkAggregator },
  ],
  [
    attributeCode.communities,
    { name: "COMMUNITIES", flags: optionalTransitive, treatment: "treat-as-withdraw", check: multipleOf(4) },
  ],
  [attributeCode.originatorId, { name: "ORIGINATOR_ID", flags: optional, treatment: "treat-as-withdraw", check: ofLength(4) }],
  [attributeCode.clusterList, { name: "CLUSTER_LIST", flags: optional, treatment: "treat-as-withdraw", check: multipleOf(4) }],
  [attributeCode.mpReach, { name: "MP_REACH_NLRI", flags: optional, treatment: "treat-as-withdraw", check: () => undefined }],
  [attributeCode.mpUnreach, { name: "MP_UNREACH_NLRI", flags: optional, treatment: "treat-as-withdraw", check: () => undefined }],
  [
    attributeCode.extendedCommunities,
    { name: "EXTENDED_COMMUNITIES", flags: optionalTransitive, treatment: "treat-as-withdraw", check: multipleOf(8) },
  ],
  [attributeCode.as4Path, { name: "AS4_PATH", flags: optionalTransitive, treatment: "attribute-discard", check: checkAs4Path }],
  [
    attributeCode.as4Aggregator,
    { name: "AS4_AGGREGATOR", flags: optionalTransitive, treatment: "attribute-discard", check: checkAs4Aggregator },
  ],
  [
    attributeCode.ipv6ExtendedCommunities,
    { name: "IPV6_EXTENDED_COMMUNITIES", flags: optionalTransitive, treatment: "treat-as-withdraw", check: multipleOf(20) },
  ],
  [
    attributeCode.largeCommunities,
    { name: "LARGE_COMMUNITY", flags: optionalTransitive, treatment: "treat-as-withdraw", check: multipleOf(12) },
  ],
]);

/** undefined for an attribute that is unknown here. */
export function attributeRule(code: number): AttributeRule | undefined {
  return rules.get(code);
}

/** The attribute's name in the RFCs, or its number. */
export function attributeName(code: number): string {
  return rules.get(code)?.name ?? `attribute ${code}`;
}

/** Why an attribute that is sound in itself must not come from this peer. RFC 7606 §7.5, §7.9, §7.10, RFC 6793 §4.1. */
export function outOfPlace(code: number, { external, fourOctetAs }: UpdateContext): string | undefined {
  switch (code) {
    case attributeCode.localPref:
    case attributeCode.originatorId:
    case attributeCode.clusterList:
      return external ? "comes from a peer of another AS" : undefined;
    case attributeCode.as4Path:
    case attributeCode.as4Aggregator:
      return fourOctetAs ? "comes from a peer whose AS numbers have four octets" : undefined;
    default:
      return undefined;
  }
}

function checkOrigin(value: Uint8Array): AttributeProblem | undefined {
  if (value.length !== 1) return wrongLength(value, "1");
  return (value[0] ?? 0) > 2 ? { problem: `value ${value[0]} is undefined`, subcode: updateSubcode.origin } : undefined;
}

function checkAsPath(value: Uint8Array, { fourOctetAs }: UpdateContext): AttributeProblem | undefined {
  const problem = asPathProblem(value, fourOctetAs ? 4 : 2);
  return problem === undefined ? undefined : { problem, subcode: updateSubcode.asPath };
}

function checkAs4Path(value: Uint8Array): AttributeProblem | undefined {
  if (value.length === 0) return wrongLength(value, "6 or more");
  const problem = asPathProblem(value, 4);
  return problem === undefined ? undefined : { problem, subcode: updateSubcode.optionalAttribute };
}

function checkAggregator(value: Uint8Array, { fourOctetAs }: UpdateContext): AttributeProblem | undefined {
  return aggregatorProblem(value, fourOctetAs ? 4 : 2);
}

function checkAs4Aggregator(value: Uint8Array): AttributeProblem | undefined {
  return aggregatorProblem(value, 4);
}

/** AS number, then an IPv4 address. AS 0: RFC 7607 §2. */
function aggregatorProblem(value: Uint8Array, width: 2 | 4): AttributeProblem | undefined {
  if (value.length !== width + 4) return wrongLength(value, `${width + 4}`);
  if (value.subarray(0, width).some((octet) => octet !== 0)) return undefined;
  return { problem: "holds AS 0", subcode: updateSubcode.optionalAttribute };
}

function ofLength(octets: number): AttributeRule["check"] {
  return (value) => (value.length === octets ? undefined : wrongLength(value, `${octets}`));
}

function multipleOf(octets: number): AttributeRule["check"] {
  const sound = (length: number) => length > 0 && length % octets === 0;
  return (value) => (sound(value.length) ? undefined : wrongLength(value, `a multiple of ${octets}`));
}

function wrongLength(value: Uint8Array, wanted: string): AttributeProblem {
  return { problem: `has ${value.length} octets, not ${wanted}`, subcode: updateSubcode.attributeLength };
}
