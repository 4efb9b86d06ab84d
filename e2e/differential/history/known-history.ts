import type { Rule } from "../rule.ts";
import type { HistoryDifference } from "./history-difference.ts";
import {
  asksForOneOfTwo,
  becomes,
  except,
  hasLoneBuggyAddress,
  isFromPoolOfNoNamespace,
  isPartOf,
  isRace,
  isRaceOfMoved,
  keptElsewhere,
  keptOf,
  sameSet,
  statesOf,
  wishesChanged,
} from "./meaning.ts";

/** Events that MetalLB repeats whenever it looks at a Service. */
const repeated = ["AdditionalAssignFailed", "AllocationFailed", "LoadBalancerFailed", "deprecatedAnnotation"];

/** What MetalLB says when it finds no second address. */
const triedInVain = ["AdditionalAssignFailed"];

/** What MetalLB says when it takes both addresses of a Service and gives it others. */
const givenAnew = ["ClearAssignment", "IPAllocated", "AdditionalAssignFailed", "AllocationFailed", "deprecatedAnnotation"];

/** Why the two sides make different things of a step; the first rule that explains a difference is its reason. */
export const knownHistory: readonly Rule<HistoryDifference>[] = [
  {
    id: "the old address stays",
    explains: (difference) => {
      const { had, metallb, herald } = statesOf(difference);
      const keeps = sameSet(herald.addresses, had.addresses);
      const isTold = ["AllocationFailed", "LoadBalancerFailed"].some((reason) => herald.events.includes(reason));
      const isAlone = difference.kind === "addresses" && wishesChanged(difference);
      return isAlone && keeps && isTold && metallb.addresses.length === 0;
    },
    reason: "What is asked for anew cannot be had: MetalLB has released the old address by then, Herald keeps it.",
    documented: "Another address or pool is asked for and cannot be had",
  },
  {
    id: "one address stays where two are required",
    explains: (difference) => {
      const { had, metallb, herald } = statesOf(difference);
      const keeps = had.addresses.length === 1 && sameSet(herald.addresses, had.addresses);
      const isTold = [...difference.toldBefore, ...herald.events].includes("AdditionalAssignFailed");
      const isAlone = difference.kind === "addresses" && becomes(difference, "RequireDualStack");
      return isAlone && keeps && isTold && metallb.addresses.length === 0;
    },
    reason: "The second address that is now required cannot be had: MetalLB takes the first, Herald leaves it.",
    documented: "A Service with one address comes to require two, and the second cannot be had",
  },
  {
    id: "selectors that match no namespace",
    explains: (difference) => difference.kind === "addresses" && isFromPoolOfNoNamespace(difference),
    reason: "MetalLB opens the pool to all namespaces, Herald to none.",
    documented: "`serviceAllocation.namespaceSelectors` that match no namespace",
  },
  {
    id: "one address of two is named",
    explains: (difference) => {
      const { had, metallb, herald } = statesOf(difference);
      const [only = "", second] = herald.addresses;
      const isOne = second === undefined && had.addresses.includes(only) && asksForOneOfTwo(difference, only);
      const more = isPartOf(except(herald.events, metallb.events), ["AllocationFailed"]);
      return difference.kind === "events" && isOne && more && isPartOf(except(metallb.events, herald.events), triedInVain);
    },
    reason: "MetalLB looks for a second address, which the Service does not want; Herald says that two are to be named.",
    documented: "A dual-stack Service asks for the one address that it has",
  },
  {
    id: "one address of a pair is given up",
    explains: (difference) => {
      const { had, metallb, herald } = statesOf(difference);
      const matters = difference.kind === "addresses" || isPartOf(except(metallb.events, herald.events), givenAnew);
      const keepsItsFamily = had.addresses.length === 2 && herald.addresses.length === 1 && keptOf(difference).length === 1;
      return matters && isAboutAddresses(difference) && keepsItsFamily && becomes(difference, "SingleStack");
    },
    reason: "One address of two is no longer asked for: Herald releases that one, MetalLB both.",
    documented: "A dual-stack Service becomes single-stack",
  },
  {
    id: "the good address of a pair stays",
    explains: (difference) => {
      const { had, metallb, herald } = statesOf(difference);
      const matters = difference.kind === "addresses" || isPartOf(except(metallb.events, herald.events), givenAnew);
      const keepsOne = had.addresses.length === 2 && keptOf(difference).length === 1 && herald.events.includes("ClearAssignment");
      return matters && isAboutAddresses(difference) && keepsOne && metallb.events.includes("ClearAssignment");
    },
    reason: "One address of two became wrong: Herald releases that one, MetalLB both.",
    documented: "One address of a dual-stack pair becomes wrong",
  },
  {
    id: "the address that stayed goes to nobody else",
    explains: (difference) => {
      const { had, metallb, herald } = statesOf(difference);
      const waits = difference.kind === "addresses" && sameSet(herald.addresses, had.addresses);
      return waits && except(metallb.addresses, had.addresses).some((address) => keptElsewhere(difference, address));
    },
    reason: "MetalLB gave a Service that waits the address that another Service of Herald's has kept.",
    documented: "Another address or pool is asked for and cannot be had",
  },
  {
    id: "another waiting Service first",
    explains: (difference) => difference.kind === "addresses" && isRace(difference),
    reason: "Several Services wait for the same addresses: MetalLB serves them in any order, Herald the longest waiting first.",
    documented: "An address becomes free, or a Service that shares it changes its ports",
  },
  {
    id: "another moved Service first",
    explains: (difference) => difference.kind === "addresses" && isRaceOfMoved(difference),
    reason: "Several Services lose their addresses at once and get others: which of them gets which is open on both sides.",
    documented: "Several Services lose their addresses at once",
  },
  {
    id: "the pair is not turned round",
    explains: (difference) => {
      const { had, herald } = statesOf(difference);
      const [first = ""] = herald.addresses;
      return difference.kind === "order of addresses" && first.includes(":") && had.addresses.includes(first);
    },
    reason: "The address that was kept stands first and the one that joined it second.",
    documented: "One address of a dual-stack pair becomes wrong",
  },
  {
    id: "nothing is told twice",
    explains: (difference) => {
      const { had, metallb, herald } = statesOf(difference);
      const more = except(metallb.events, herald.events);
      const isOld = isPartOf(more, difference.toldBefore) && isPartOf(more, repeated);
      const stands = !more.includes("deprecatedAnnotation") || sameSet(had.addresses, herald.addresses);
      return difference.kind === "events" && isPartOf(herald.events, metallb.events) && isOld && stands;
    },
    reason: "MetalLB repeats the event at every pass.",
    documented: "`AdditionalAssignFailed`, `AllocationFailed`, `LoadBalancerFailed`, `deprecatedAnnotation`",
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
    explains: (difference) => {
      const { kind, subject, metallb, herald } = difference;
      const [theirs, ours] = [metallb.pools[subject] ?? [], herald.pools[subject] ?? []];
      const oneLess = ours.map((count, index) => (index === availableIPv4 ? String(Number(count) - 1) : count));
      return kind === "counters" && hasLoneBuggyAddress(difference) && theirs.join() === oneLess.join();
    },
    reason: "MetalLB counts a lone buggy address as -1.",
    documented: "A lone address ending in .0 or .255 (`/32`) with `avoidBuggyIPs`",
  },
];

/** Where the counter stands in an observation. */
const availableIPv4 = 2;

function isAboutAddresses({ kind }: HistoryDifference): boolean {
  return kind === "addresses" || kind === "events";
}
