import type { Rule } from "../rule.ts";
import type { AdmissionDifference } from "./admission-difference.ts";
import { isAboutAnother, isAsStored, refusedFor, sharesNoNodeWithRivals } from "./meaning.ts";

/** Why the two sides judge a write differently; the first rule that explains a difference is its reason. */
export const knownAdmission: readonly Rule<AdmissionDifference>[] = [
  {
    id: "an error that was there before",
    explains: (difference) => difference.kind !== "only MetalLB accepts" && isAboutAnother(difference),
    reason: "MetalLB refuses every write of a kind while one stored object is in error; Herald refuses new errors only.",
    documented: "A faulty object",
  },
  {
    id: "a range between the families",
    explains: (difference) => refusedFor(difference, "a range between the families"),
    reason: "MetalLB takes it and it holds nothing.",
    documented: "A range that starts with IPv4 and ends with IPv6",
  },
  {
    id: "IPv4-mapped addresses",
    explains: (difference) => refusedFor(difference, "IPv4-mapped addresses"),
    reason: "What such a prefix holds is undefined in MetalLB.",
    documented: "An IPv6 entry that holds IPv4-mapped addresses (`::ffff:0:0/96`)",
  },
  {
    id: "a router ID that is none",
    explains: (difference) => refusedFor(difference, "a router ID that is none"),
    reason: "The OPEN message cannot carry it.",
    documented: "`routerID` that is an IPv6 address, or 0.0.0.0",
  },
  {
    id: "a negative IPv6 aggregation length",
    explains: (difference) => refusedFor(difference, "a negative IPv6 aggregation length"),
    reason: "MetalLB fails when it announces.",
    documented: "`aggregationLengthV6` below zero",
  },
  {
    id: "disableMP unchecked",
    explains: ({ kind, operation, manifest }) =>
      kind === "only MetalLB accepts" &&
      operation === "create" &&
      manifest.kind === "BGPPeer" &&
      manifest.spec["disableMP"] === true,
    reason: "MetalLB skips every check of a new peer with it.",
    documented: "Creating a BGPPeer with `disableMP: true`",
  },
  {
    id: "an alias twice",
    explains: (difference) => refusedFor(difference, "an alias twice"),
    reason: "MetalLB's webhook looks at no entry without a colon; its speakers then refuse the whole configuration.",
    documented: "A community alias that a BGPAdvertisement names twice",
  },
  {
    id: "a name with a colon",
    explains: ({ kind, manifest, refusal }) =>
      kind === "only Herald accepts" && manifest.kind === "BGPAdvertisement" && /invalid community format: .*:/.test(refusal),
    reason: "MetalLB's webhook takes every text with a colon for a value; to Herald it may be an alias that is not there yet.",
    documented: "A community with a colon that is the name of an alias, and one like `1:2:3`",
  },
  {
    id: "a local preference of 32 bits",
    explains: ({ kind, manifest, refusal }) =>
      kind === "only Herald accepts" && manifest.kind === "BGPAdvertisement" && /format int32 in spec\.localPref/.test(refusal),
    reason: "MetalLB's definition says int32, which API servers heed; Herald's says 0 to 4294967295.",
    documented: "`localPref` of 2147483648 and more",
  },
  {
    id: "selectors as they stood",
    explains: ({ kind, operation, manifest, stored, refusal }) =>
      kind === "only Herald accepts" &&
      operation === "replace" &&
      manifest.apiVersion === "metallb.io/v1beta1" &&
      /spec\.nodeSelectors\[\d+\]\.matchExpressions\[\d+\]\.values: Required value/.test(refusal) &&
      isAsStored("nodeSelectors", manifest, stored),
    reason:
      "API servers take what a write leaves as it was; MetalLB's conversion shows them the stored selectors in another form.",
    documented: "A BGPPeer read as v1beta1",
  },
  {
    id: "a twin on other nodes",
    explains: (difference) =>
      difference.kind === "only Herald accepts" &&
      difference.mode === "frr" &&
      difference.manifest.kind === "BGPPeer" &&
      /already exists|RouterID different|myAsn different/.test(difference.refusal) &&
      sharesNoNodeWithRivals(difference),
    reason: "MetalLB 0.15 compares all peers, later releases and Herald those that share a node.",
    documented: "Two BGPPeers that no node has both of, with `frr` or `frr-k8s`",
  },
];
