import type { AdmissionDifference } from "./admission/admission-difference.ts";
import { isAboutAnother, namesEntry } from "./admission/meaning.ts";
import type { HistoryDifference } from "./history/history-difference.ts";
import { except, isOwnStep, isPartOf, isRace, partedServices, sameSet, statesOf } from "./history/meaning.ts";
import type { Rule } from "./rule.ts";

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
    explains: ({ kind, manifest }) =>
      kind === "only MetalLB accepts" && namesEntry(manifest, /^[0-9.]+ *- *[0-9a-f]*:|^[0-9a-f]*:.*- *[0-9]+\.[0-9.]+$/i),
    reason: "MetalLB takes it and it holds nothing.",
    documented: "A range that starts with IPv4 and ends with IPv6",
  },
  {
    id: "IPv4-mapped addresses",
    explains: ({ kind, manifest }) => kind === "only MetalLB accepts" && namesEntry(manifest, /^::ffff:[0-9.]+\//i),
    reason: "What such a prefix holds is undefined in MetalLB.",
    documented: "An IPv6 entry that holds IPv4-mapped addresses (`::ffff:0:0/96`)",
  },
  {
    id: "a router ID that is none",
    explains: ({ kind, manifest }) =>
      kind === "only MetalLB accepts" && /^(0\.0\.0\.0|.*:.*)$/.test(String(manifest.spec["routerID"] ?? "")),
    reason: "The OPEN message cannot carry it.",
    documented: "`routerID` that is an IPv6 address, or 0.0.0.0",
  },
  {
    id: "a negative IPv6 aggregation length",
    explains: ({ kind, manifest }) => kind === "only MetalLB accepts" && Number(manifest.spec["aggregationLengthV6"]) < 0,
    reason: "MetalLB fails when it announces.",
    documented: "`aggregationLengthV6` below zero",
  },
  {
    id: "disableMP unchecked",
    explains: ({ kind, operation, manifest }) =>
      kind === "only MetalLB accepts" && operation === "create" && manifest.spec["disableMP"] === true,
    reason: "MetalLB skips every check of a new peer with it.",
    documented: "Creating a BGPPeer with `disableMP: true`",
  },
  {
    id: "an alias twice",
    explains: (difference) =>
      difference.kind === "only MetalLB accepts" &&
      /duplicate definition of community "[^":]+": remove one/.test(difference.refusal),
    reason: "MetalLB's webhook looks at no entry without a colon; its speakers then refuse the whole configuration.",
    documented: "A community alias that a BGPAdvertisement names twice",
  },
  {
    id: "a name with a colon",
    explains: ({ kind, manifest, refusal }) =>
      kind === "only Herald accepts" && manifest.kind === "BGPAdvertisement" && /invalid community format: .*:/.test(refusal),
    reason: "MetalLB's webhook takes every text with a colon for a value; to Herald it may be an alias that is not there yet.",
    documented: "A BGPAdvertisement with a community that nothing defines",
  },
  {
    id: "a twin on other nodes",
    explains: ({ kind, mode, manifest, refusal }) =>
      kind === "only Herald accepts" &&
      mode === "frr" &&
      manifest.kind === "BGPPeer" &&
      /already exists|RouterID different|myAsn different/.test(refusal),
    reason: "MetalLB 0.15 compares all peers, later releases and Herald those that share a node.",
    documented: "Two BGPPeers that no node has both of, with `frr` or `frr-k8s`",
  },
];

/** Why the two sides make different things of a step. */
export const knownHistory: readonly Rule<HistoryDifference>[] = [
  {
    id: "the old address stays",
    explains: (difference) => {
      const { had, metallb, herald } = statesOf(difference);
      const keeps = had.addresses.length > 0 && sameSet(herald.addresses, had.addresses);
      return difference.kind === "addresses" && isOwnStep(difference) && keeps && metallb.addresses.length === 0;
    },
    reason: "What is asked for anew cannot be had: MetalLB has released the old address by then, Herald keeps it.",
    documented: "Another address or pool is asked for and cannot be had",
  },
  {
    id: "the good address of a pair stays",
    explains: (difference) => {
      const { had, herald } = statesOf(difference);
      const kept = herald.addresses.filter((address) => had.addresses.includes(address));
      const matters = difference.kind === "addresses" || difference.kind === "events";
      return matters && had.addresses.length === 2 && herald.addresses.length < 2 && kept.length === 1;
    },
    reason: "One address of two became wrong, or one of two is no longer asked for: Herald releases that one, MetalLB both.",
    documented: "One address of a dual-stack pair becomes wrong",
  },
  {
    id: "the address that stayed goes to nobody else",
    explains: (difference) => {
      const { had, metallb } = statesOf(difference);
      if (difference.kind !== "addresses" || had.addresses.length > 0 || metallb.addresses.length === 0) return false;
      const kept = partedServices(difference).flatMap((key) => difference.herald.services[key]?.addresses ?? []);
      return metallb.addresses.some((address) => kept.includes(address));
    },
    reason: "MetalLB gave a waiting Service the address that another Service of Herald's has kept.",
    documented: "Another address or pool is asked for and cannot be had",
  },
  {
    id: "another waiting Service first",
    explains: (difference) => difference.kind === "addresses" && isRace(difference),
    reason: "Several Services wait for the same addresses: MetalLB serves them in any order, Herald the longest waiting first.",
    documented: "An address becomes free, or a Service that shares it changes its ports",
  },
  {
    id: "the pair is not turned round",
    explains: (difference) => {
      const { herald } = statesOf(difference);
      return difference.kind === "order of addresses" && herald.addresses[0]?.includes(":") === true;
    },
    reason: "The address that was kept stands first and the one that joined it second.",
    documented: "One address of a dual-stack pair becomes wrong",
  },
  {
    id: "nothing is told twice",
    explains: (difference) => {
      const { metallb, herald } = statesOf(difference);
      const more = except(metallb.events, herald.events);
      return difference.kind === "events" && isPartOf(herald.events, metallb.events) && isPartOf(more, difference.toldBefore);
    },
    reason: "MetalLB repeats the event at every pass.",
    documented: "`AdditionalAssignFailed` and `AllocationFailed`",
  },
  {
    id: "without pools a Service is told so",
    explains: (difference) => {
      const { metallb, herald } = statesOf(difference);
      const more = except(herald.events, metallb.events);
      const said = isPartOf(metallb.events, herald.events) && isPartOf(more, ["AllocationFailed", "ClearAssignment"]);
      return difference.kind === "events" && difference.after.pools.size === 0 && said;
    },
    reason: "MetalLB says nothing to Services while there is no pool.",
    documented: "A Service while there is no pool",
  },
  {
    id: "minus one address",
    explains: ({ kind, subject, metallb }) => kind === "counters" && (metallb.pools[subject] ?? []).includes("-1"),
    reason: "MetalLB counts a lone buggy address as -1.",
    documented: "A lone address ending in .0 or .255 (`/32`) with `avoidBuggyIPs`",
  },
];
