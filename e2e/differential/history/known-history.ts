import type { Rule } from "../rule.ts";
import type { HistoryDifference } from "./history-difference.ts";
import { except, isOwnStep, isPartOf, isRace, partedServices, sameSet, statesOf } from "./meaning.ts";

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
