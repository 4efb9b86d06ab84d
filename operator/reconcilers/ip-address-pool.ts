import type { Snapshot } from "../../crds/config/snapshot.ts";
import type { IPAddressPool, IPAddressPoolStatus } from "../../crds/types/ip-address-pool.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import { conditionTypes } from "../../crds/types/well-known.ts";
import type { Counters } from "../allocation/counters.ts";
import type { Reservation } from "../allocation/reservations.ts";
import { sameJson } from "../framework/api/merge-patch.ts";
import type { DerivedCondition } from "../framework/conditions.ts";
import { acceptedCondition } from "./accepted-condition.ts";
import { type ConditionsDeps, ConditionsReconciler } from "./conditions-reconciler.ts";
import { type Configuration, findingsOn } from "./configuration.ts";
import type { FieldSupport } from "./field-support.ts";
import { int64 } from "./int64.ts";
import { shownNames } from "./referenced-condition.ts";
import { reservationEntries } from "./reservation-status.ts";

/** Undefined for a pool: it is not in force. The whole is undefined while nothing may be allocated. */
export type CountersOf = () => ((pool: string) => Counters | undefined) | undefined;

/** What is kept of a pool for deleted Services; undefined as for {@link CountersOf}. */
export type ReservationsOf = () => ((pool: string) => readonly Reservation[] | undefined) | undefined;

/** What the allocator knows of pools. */
export type PoolFacts = {
  readonly counters: CountersOf;
  readonly reservations: ReservationsOf;
  /** Whether `status.reservations` is stored. */
  readonly support: FieldSupport;
};

const none: Counters = { assignedIPv4: 0n, assignedIPv6: 0n, availableIPv4: 0n, availableIPv6: 0n };

/** Derives `IPAddressPool.status`: counters, reservations and the conditions Accepted and Referenced, in one write. */
export class IPAddressPoolReconciler extends ConditionsReconciler<IPAddressPool> {
  readonly #facts: PoolFacts;

  constructor(deps: ConditionsDeps<IPAddressPool>, facts: PoolFacts) {
    super(resourceTypes.ipaddresspools, deps);
    this.#facts = facts;
  }

  protected conditions({ metadata }: IPAddressPool, configuration: Configuration): readonly DerivedCondition[] {
    const { name, generation = 0 } = metadata;
    const findings = findingsOn(configuration, "IPAddressPool", name);
    const accepted = acceptedCondition(findings, generation, configuration.adopted.snapshot.poolByName.has(name));
    return [accepted, referencedPool(configuration.adopted.snapshot, name, generation)];
  }

  protected override fields({ metadata, status }: IPAddressPool): Readonly<Record<string, unknown>> | undefined {
    const countersOf = this.#facts.counters();
    if (countersOf === undefined) return status === undefined ? numbers(none) : undefined; // the schema wants all four
    const counters = countersOf(metadata.name) ?? none;
    const kept = this.#kept(metadata.name);
    if (
      status !== undefined &&
      isShown(status, counters) &&
      sameJson(status.reservations ?? [], kept ?? status.reservations ?? [])
    ) {
      return undefined;
    }
    return { ...numbers(counters), ...(kept && { reservations: kept.length === 0 ? null : kept }) };
  }

  protected override written({ status }: IPAddressPool, fields: Readonly<Record<string, unknown>>): void {
    if (!fields["reservations"]) return;
    this.#facts.support.observe(resourceTypes.ipaddresspools, status?.reservations !== undefined);
  }

  /** Undefined: the status keeps what it has, for the pool is not in force; or it cannot hold any. */
  #kept(pool: string): ReturnType<typeof reservationEntries> | undefined {
    if (!this.#facts.support.has(resourceTypes.ipaddresspools)) return undefined;
    const reservations = this.#facts.reservations()?.(pool);
    return reservations && reservationEntries(reservations);
  }
}

function referencedPool(snapshot: Snapshot, name: string, generation: number): DerivedCondition {
  const { l2 = [], bgp = [] } = snapshot.poolByName.get(name) ?? {};
  const base = { type: conditionTypes.referenced, observedGeneration: generation };
  const kinds = [
    ...(l2.length === 0 ? [] : [`L2Advertisement ${shownNames(l2.map((each) => each.name))}`]),
    ...(bgp.length === 0 ? [] : [`BGPAdvertisement ${shownNames(bgp.map((each) => each.name))}`]),
  ];
  if (kinds.length > 0) return { ...base, status: "True", reason: "Advertised", message: `Announced by ${kinds.join(" and ")}.` };
  const message = "No advertisement announces this pool: its addresses are assigned, but nothing answers for them.";
  return { ...base, status: "False", reason: "NotAdvertised", message };
}

/** Beyond 2^53 what was read is rounded, so that is how it is compared. */
function isShown(status: IPAddressPoolStatus, counters: Counters): boolean {
  return (
    status.assignedIPv4 === Number(counters.assignedIPv4) &&
    status.assignedIPv6 === Number(counters.assignedIPv6) &&
    status.availableIPv4 === Number(counters.availableIPv4) &&
    status.availableIPv6 === Number(counters.availableIPv6)
  );
}

function numbers(counters: Counters): Readonly<Record<string, unknown>> {
  return {
    assignedIPv4: int64(counters.assignedIPv4),
    assignedIPv6: int64(counters.assignedIPv6),
    availableIPv4: int64(counters.availableIPv4),
    availableIPv6: int64(counters.availableIPv6),
  };
}
