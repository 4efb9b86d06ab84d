import type { Pool } from "../../../crds/config/snapshot.ts";
import { type Address, formatAddress, parseAddress } from "../../../crds/net/address.ts";
import { contains } from "../../../crds/net/address-set.ts";
import type { Service } from "../../../crds/types/kubernetes.ts";
import { publishedTexts } from "../decide.ts";
import { requestOf } from "../request.ts";
import { clashOf } from "../sharing.ts";
import type { World } from "./world.ts";

/**
 * Whether what a Service shows is in every respect what it asks for and may have, found without the allocator: then
 * nothing may take it away.
 */
export function isValid(world: World, service: Service): boolean {
  const texts = publishedTexts(service);
  const addresses = texts.map(parseAddress).filter((address) => address !== undefined);
  const request = requestOf(service);
  const families = addresses.map(({ family }) => family);
  const asked = request.families === "dual" ? ["IPv4", "IPv6"] : [request.families];
  if (service.spec?.type !== "LoadBalancer" || request.hasClass || texts.length === 0) return false;
  if (addresses.length !== texts.length || new Set(families).size !== families.length) return false;
  if (!families.every((family) => asked.includes(family)) || (request.requireDual && families.length < 2)) return false;
  const pools = addresses.map((address) => world.pools.pools.find((pool) => contains(pool.addresses, address)));
  const [pool] = pools;
  if (pool === undefined || pools.some((each) => each !== pool)) return false;
  return (
    addresses.every((address) => isUsable(pool, address)) &&
    mayHave(pool, service) &&
    isWanted(pool, service, addresses) &&
    isAlone(world, service)
  );
}

/** Whether it shows addresses that no pool in force holds, of a pool that nobody can read: then it keeps them too. */
export function isInLimbo(world: World, service: Service): boolean {
  const recorded = service.metadata.annotations?.["metallb.io/ip-allocated-from-pool"];
  const addresses = publishedTexts(service)
    .map(parseAddress)
    .filter((address) => address !== undefined);
  const isNowhere = addresses.every((address) => !world.pools.pools.some((pool) => contains(pool.addresses, address)));
  const { hasClass, wish, families = "dual" } = requestOf(service);
  const isAsked = addresses.every(({ family }) => families === "dual" || families === family);
  const isOurs = service.spec?.type === "LoadBalancer" && !hasClass && wish.kind === "any" && addresses.length > 0 && isAsked;
  return isOurs && isNowhere && recorded !== undefined && world.unreadable.has(recorded) && isAlone(world, service);
}

function isUsable({ avoidBuggyIPs }: Pool, { family, bits }: Address): boolean {
  return !(avoidBuggyIPs && family === "IPv4" && [0n, 255n].includes(bits % 256n));
}

function mayHave({ scope }: Pool, { metadata }: Service): boolean {
  const inNamespace = scope?.namespaces === undefined || scope.namespaces.has(metadata.namespace ?? "");
  const wanted = scope?.serviceSelectors ?? [];
  return inNamespace && (wanted.length === 0 || metadata.labels?.["tier"] === "gold");
}

function isWanted(pool: Pool, service: Service, addresses: readonly Address[]): boolean {
  const { wish } = requestOf(service);
  if (wish.kind === "invalid" || wish.kind === "any") return true;
  if (wish.pool !== undefined && wish.pool !== pool.name) return false;
  const missing = (from: readonly Address[], of: readonly Address[]): boolean =>
    from.some(({ family, bits }) => !of.some((each) => each.family === family && each.bits === bits));
  return wish.kind === "pool" || !(missing(wish.addresses, addresses) || missing(addresses, wish.addresses));
}

/** Whether nobody else shows or holds one of its addresses, except those who share it on terms that are decided. */
function isAlone(world: World, service: Service): boolean {
  const request = requestOf(service);
  const mine = publishedTexts(service)
    .map((text) => parseAddress(text))
    .filter((address) => address !== undefined);
  const isMine = (text: string): boolean => mine.some((address) => formatAddress(address) === text);
  for (const [key, other] of world.services) {
    if (key === request.service) continue;
    const shows = publishedTexts(other).some(isMine);
    const holds = world.allocator.heldBy(key).map(formatAddress).some(isMine);
    const shares = other.spec?.type === "LoadBalancer" && clashOf(request.service, request, [requestOf(other)]) === undefined;
    if ((shows || holds) && !(shows && shares && world.settled.has(key))) return false;
  }
  return true;
}
