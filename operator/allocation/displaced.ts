import type { Snapshot } from "../../crds/config/snapshot.ts";
import { type Address, formatAddress, parseAddress } from "../../crds/net/address.ts";
import { contains } from "../../crds/net/address-set.ts";
import type { Service } from "../../crds/types/kubernetes.ts";
import { annotations } from "../../crds/types/well-known.ts";
import { Allocator, olderFirst } from "./allocator.ts";
import { publishedTexts } from "./decide.ts";
import { changedPools } from "./pool-index.ts";
import { serviceKey } from "./request.ts";

/** Pools as they are in force; `unreadable` names those that exist and are not in the snapshot. */
export type PoolsInForce = { readonly snapshot: Snapshot; readonly unreadable: ReadonlySet<string> };

/** A Service that a change of pools takes addresses from. */
export type Displaced = {
  /** `namespace/name`. */
  readonly service: string;
  /** What it has and would lose. */
  readonly loses: readonly string[];
};

/**
 * Which Services would lose an address if `after` came in force in the place of `before`: those for which the allocator decides
 * so, and would not have otherwise. Only Services with addresses that an operator gave them count, of whatever class.
 * @returns by name.
 */
export function displaced(before: PoolsInForce, after: PoolsInForce, services: Iterable<Service>): readonly Displaced[] {
  const names = changedPools(before.snapshot, after.snapshot);
  const changed = before.snapshot.pools.filter(({ name }) => names.has(name));
  const isConcerned = (address: Address) => changed.some(({ addresses }) => contains(addresses, address));
  const holders = [...services].filter((service) => isGiven(service) && addressesOf(service).some(isConcerned)).map(classless);
  const kept = keptUnder(before, holders);
  const left = keptUnder(after, holders);
  return holders
    .map((service) => {
      const name = serviceKey(service);
      const remaining = left.get(name) ?? [];
      return { service: name, loses: (kept.get(name) ?? []).filter((text) => !remaining.includes(text)) };
    })
    .filter(({ loses }) => loses.length > 0)
    .sort((a, b) => (a.service < b.service ? -1 : 1));
}

/** Those of each Service's present addresses that it keeps. */
function keptUnder({ snapshot, unreadable }: PoolsInForce, services: readonly Service[]): ReadonlyMap<string, readonly string[]> {
  const allocator = new Allocator("");
  for (const service of services.toSorted(olderFirst)) allocator.adopt(service);
  allocator.usePools(snapshot, unreadable);
  return new Map(
    services.map((service) => {
      const verdict = allocator.decide(service);
      const given = verdict.outcome === "keep" || verdict.outcome === "assign" ? verdict.addresses.map(formatAddress) : [];
      return [
        serviceKey(service),
        addressesOf(service)
          .map(formatAddress)
          .filter((text) => given.includes(text)),
      ];
    }),
  );
}

function isGiven({ metadata }: Service): boolean {
  return metadata.annotations?.[annotations.ipAllocatedFromPool] !== undefined;
}

function addressesOf(service: Service): readonly Address[] {
  return publishedTexts(service).flatMap((text) => parseAddress(text) ?? []);
}

/** Which classes are served is no matter here: the annotation says that the addresses were given. */
function classless(service: Service): Service {
  const { loadBalancerClass: _, ...spec } = service.spec ?? {};
  return { ...service, spec };
}
