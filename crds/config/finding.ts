import type { AdviceCode } from "./advice/advice-code.ts";

/** A closed list; one code per rule of compile. */
export type FindingCode =
  | "LegacyConfiguration"
  | "SchemaViolation"
  | "AddressesEmpty"
  | "AddressInvalid"
  | "RangeReversed"
  | "RangeMixedFamilies"
  | "BuggyAddresses"
  | "AddressesUnusable"
  | "PoolOverlap"
  | "DuplicateName"
  | "SelectorInvalid"
  | "SelectorDuplicate"
  | "DuplicateEntry"
  | "AnnotationInvalid"
  | "InterfaceNameImpossible"
  | "ReferenceUnresolved"
  | "AggregationLengthInvalid"
  | "AggregationWithServiceSelectors"
  | "AggregationMisfit"
  | "LocalPrefConflict"
  | "CommunityInvalid"
  | "CommunityUnknown"
  | "CommunityDuplicate"
  | "CommunityMisleading"
  | "CommunitiesTooMany"
  | "MyASNInvalid"
  | "RemoteASMissing"
  | "RemoteASConflict"
  | "MultiHopInternal"
  | "EndpointMissing"
  | "EndpointConflict"
  | "TimersInvalid"
  | "KeepaliveTooOften"
  | "ConnectTimeInvalid"
  | "PeerAddressInvalid"
  | "RouterIDInvalid"
  | "SourceAddressInvalid"
  | "PasswordConflict"
  | "PasswordTooLong"
  | "PasswordEmpty"
  | "SecretMissing"
  | "SecretTypeMismatch"
  | "SecretKeyMissing"
  | "BfdProfileMissing"
  | "BfdEchoOnIPv6"
  | "PeerDuplicate"
  | "RouterIDConflict"
  | "MyASNConflict"
  | "NativeUnsupported"
  | AdviceCode;

/**
 * error: sets the object aside. pending: a reference that may still appear; the object stands.
 * warning: legal, but surely not meant.
 */
export type Severity = "error" | "pending" | "warning";

export type ObjectRef = { readonly kind: string; readonly namespace?: string; readonly name: string };

/** One thing that is wrong with one object, said so that its owner can mend it. */
export type Finding = {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** The object that is blamed, and set aside when the severity is error. */
  readonly object: ObjectRef;
  /** Other objects that take part (the earlier pool of an overlap). */
  readonly others: readonly ObjectRef[];
  /** Path inside the object, such as `spec.addresses[2]`. */
  readonly field?: string;
  /** What, where, and the way out; MetalLB's phrase where scripts may match it. */
  readonly message: string;
  /** The way out, where `message` is MetalLB's text to the letter. */
  readonly remedy?: string;
};

/** All that a finding has to say. */
export function textOfFinding({ message, remedy }: Finding): string {
  return remedy === undefined ? message : `${message}\n${remedy}`;
}
