import type { Service } from "../../crds/types/kubernetes.ts";
import {
  familiesAsked,
  familyOf,
  isOpen,
  isOurs,
  type PoolTruth,
  permits,
  recordedPool,
  share,
  shownBy,
  type Truth,
  wantedBy,
} from "./truth.ts";

/**
 * A positive fact for which a Service may lose one of the addresses that it shows, or get another in its place; undefined
 * when there is none: then they must stay.
 */
export function claimAgainst(key: string, service: Service, truth: Truth): string | undefined {
  if (!isOurs(service, truth)) return "it does not ask us";
  return claimOfRequest(service) ?? claimOfPools(service, truth) ?? claimOfOthers(key, service, truth);
}

function claimOfRequest(service: Service): string | undefined {
  const shown = shownBy(service);
  const families = shown.map(familyOf);
  const asked = familiesAsked(service);
  if (new Set(families).size < families.length) return "two of one family";
  if (asked.length > 0 && families.some((family) => !asked.includes(family))) return "a family that is not asked";
  const { ipFamilyPolicy } = service.spec ?? {};
  if (ipFamilyPolicy === "RequireDualStack" && asked.length === 2 && shown.length < 2) return "it wants two";
  const { addresses, isValid } = wantedBy(service);
  const isGranted = addresses.length === shown.length && addresses.every((address) => shown.includes(address));
  return isValid && addresses.length > 0 && !isGranted ? "it asks for other addresses" : undefined;
}

function claimOfPools(service: Service, truth: Truth): string | undefined {
  const { pool: wanted, isValid } = wantedBy(service);
  const recorded = recordedPool(service);
  const owners = shownBy(service).map((address) => truth.pools.filter(({ addresses }) => addresses.has(address)));
  const names = new Set(owners.map((pools) => pools.map(({ name }) => name).join()));
  if (names.size > 1) return "two pools";
  for (const [index, address] of shownBy(service).entries()) {
    const holders = owners[index] ?? [];
    if (holders.some((pool) => !permits(pool, address, service, truth))) return `${address} is not for it`;
    const isDoubtful = holders.some(({ state }) => state === "doubtful");
    const holder = isDoubtful || holders.length === 0 ? recorded : holders[0]?.name;
    if (isValid && wanted !== undefined && wanted !== holder) return "it asks for another pool";
    if (isDoubtful && !holders.some(({ name }) => name === recorded))
      return `${address} changes hands, and it is not known whether`;
    if (isDoubtful && wanted !== undefined) return "it asks for a pool, and it is not known whose the address is";
    if (holders.length === 0 && !isInLimbo(recorded, truth)) return `${address} is in no pool`;
  }
  return undefined;
}

/** Nobody can say what holds in this pool. */
function isInLimbo(pool: string | undefined, { pools, lost }: Truth): boolean {
  if (pool === undefined) return false;
  return lost.has(pool) || pools.some(({ name, state }) => name === pool && state === "broken");
}

function claimOfOthers(key: string, service: Service, truth: Truth): string | undefined {
  const [clash] = clashes(key, service, truth);
  return clash && `${clash} is on it too`;
}

/** Who shows an address of this Service and may not share it. */
export function clashes(key: string, service: Service, { services }: Truth): readonly string[] {
  const shown = shownBy(service);
  return [...services]
    .filter(([name, other]) => name !== key && other.spec?.type === "LoadBalancer" && !share(service, other))
    .filter(([, other]) => shownBy(other).some((address) => shown.includes(address)))
    .map(([name]) => name);
}

/** An address that a Service without any could have at this moment; undefined when it asks for none that is free. */
export function couldHave(service: Service, truth: Truth): string | undefined {
  const asked = familiesAsked(service);
  const wanted = wantedBy(service);
  const isDual = service.spec?.ipFamilyPolicy === "RequireDualStack";
  if (!wanted.isValid || asked.length === 0 || (isDual && asked.length < 2)) return undefined;
  const free = (pool: PoolTruth) => (address: string) =>
    permits(pool, address, service, truth) && !isReserved(address, truth) && isFreeFor(service, address, truth);
  for (const pool of truth.pools) {
    if (!isOpen(pool) || (wanted.pool !== undefined && wanted.pool !== pool.name)) continue;
    const candidates = [...pool.addresses].filter(free(pool));
    if (wanted.addresses.length > 0) {
      const fits = wanted.addresses.length === asked.length && wanted.addresses.every((each) => asked.includes(familyOf(each)));
      if (fits && wanted.addresses.every((each) => candidates.includes(each))) return wanted.addresses.join();
      continue;
    }
    if (wanted.pool === undefined && pool.pool.spec.autoAssign === false) continue;
    const found = asked.map((family) => candidates.find((each) => familyOf(each) === family));
    if (isDual ? found.every((each) => each !== undefined) : found.some((each) => each !== undefined)) return found.join();
  }
  return undefined;
}

/** For simplicity nobody but those who keep an address may have it. */
function isReserved(address: string, { pools }: Truth): boolean {
  return pools.some(({ pool }) => pool.status?.reservations?.some((each) => each.address === address) ?? false);
}

function isFreeFor(service: Service, address: string, { services }: Truth): boolean {
  return [...services.values()].every(
    (other) => other.spec?.type !== "LoadBalancer" || !shownBy(other).includes(address) || share(service, other),
  );
}
