import { type Address, formatAddress } from "../../crds/net/address.ts";
import type { PoolGap, PoolReport, PoolReports, Stock } from "./pool-gap.ts";
import { cut, quote } from "./quotation.ts";
import type { ScopeGap } from "./scope.ts";
import type { Clash } from "./sharing.ts";

/** Octets of a list of pools: an event's message has 1024, and must also name the Service. */
const room = 600;

/**
 * Pool by pool, such as `pool a: autoAssign is off; pool b: 5 of 5 IPv4 addresses in use; and 2 more pools`.
 * @param needsBoth the Service takes nothing less than an address of each family.
 */
export function poolsText({ pools, more }: PoolReports, needsBoth: boolean): string {
  const halves = needsBoth ? pools.filter(isHalf) : [];
  const clauses = pools
    .filter((report) => !halves.includes(report))
    .map((report) => `pool ${report.pool}: ${gapText(report.gap)}`);
  if (halves.length > 0) clauses.unshift(halvesText(halves));
  const shown: string[] = [];
  let left = room;
  for (const clause of clauses) {
    left -= clause.length + 2;
    if (left < 0 && shown.length > 0) break;
    shown.push(clause);
  }
  const hidden = more + clauses.length - shown.length;
  return [
    ...shown.map((clause) => cut(clause, room)),
    ...(hidden === 0 ? [] : [`and ${hidden} more ${hidden === 1 ? "pool" : "pools"}`]),
  ].join("; ");
}

/** What a pool lacks, without its name. */
export function gapText(gap: PoolGap): string {
  switch (gap.kind) {
    case "stock":
      return stockText(gap.stock);
    case "manual":
      return "autoAssign is off (name the pool in the annotation metallb.io/address-pool to use it)";
    case "draining":
      return "is being drained (annotation herald-lb.io/drain) and gives no new addresses";
    case "set-aside":
      return "is set aside: see its Accepted condition";
    case "scope":
      return scopeText(gap.gap);
  }
}

/** Why a serviceAllocation leaves a Service out, and the way in. */
export function scopeText(gap: ScopeGap): string {
  if (gap.kind === "namespace") {
    const served = gap.count === 0 ? "no namespace at present" : `only ${counted("namespace", gap.serves, gap.count)}`;
    return `serves ${served}, not ${gap.namespace}`;
  }
  const changes = [
    ...gap.set.map((label) => `add the label ${label}`),
    ...gap.remove.map((key) => `remove the label ${key}, or change its value`),
  ];
  const wanted = gap.count === 1 ? `serviceSelector wants ${gap.wanted.join()}` : `serviceSelectors want ${alternatives(gap)}`;
  return `its ${wanted} (${cut(changes.join("; "), 200)})`;
}

/** Why a Service cannot join the others on an address. `sharingKey` is its own. */
export function clashText(address: Address, clash: Clash, sharingKey: string): string {
  const text = formatAddress(address);
  switch (clash.kind) {
    case "key": {
      const who = `"${text}" is in use by ${tenantText(clash.tenants)}`;
      return sharingKey === ""
        ? `${who}: to share it, give all of them the same annotation metallb.io/allow-shared-ip`
        : `${who} with another sharing key than ${quote(sharingKey)}`;
    }
    case "backend":
      return (
        `"${text}" is shared by ${tenantText(clash.tenants)} with another backend: ` +
        "Services with externalTrafficPolicy Local share an address only when their selectors are the same"
      );
    case "port":
      return `port ${clash.port} of "${text}" is already in use by "${clash.tenant}"`;
  }
}

/** Only what a pool lacks: figures that change while the Service waits would make a new event of each change. */
function stockText(stock: readonly Stock[]): string {
  const lacks = stock.filter(({ size, isFull }) => size === 0n || isFull).map(lackText);
  return lacks.length === 0 ? "no address that this Service may have" : lacks.join(", ");
}

function lackText({ family, size, reserved, held }: Stock): string {
  if (size === 0n) return `no ${family} addresses`;
  const kept = reserved === 0n ? "" : `, ${reserved} reserved for deleted Services`;
  const who = held === undefined ? "" : ` (${heldText(held)})`;
  return `${size - reserved} of ${size} ${family} addresses in use${kept}${who}`;
}

function heldText({ address, clash }: NonNullable<Stock["held"]>): string {
  const text = formatAddress(address);
  switch (clash.kind) {
    case "key":
      return `${text} is held by ${tenantText(clash.tenants)} with another sharing key`;
    case "backend":
      return `${text} is held by ${tenantText(clash.tenants)} with another backend`;
    case "port":
      return `${text} has ${clash.port} taken by "${clash.tenant}"`;
  }
}

/** Has addresses of one family and none of the other, and is open to the Service. */
function isHalf({ gap }: PoolReport): boolean {
  return gap.kind === "stock" && gap.stock.length === 2 && gap.stock.filter(({ size }) => size === 0n).length === 1;
}

function halvesText(halves: readonly PoolReport[]): string {
  const lacking = halves.map(({ pool, gap }) => {
    const missing = gap.kind === "stock" ? gap.stock.find(({ size }) => size === 0n) : undefined;
    return `pool ${pool} has no ${missing?.family}`;
  });
  return `${lacking.join(", ")}; a dual-stack Service takes both from one pool: add both ranges to one pool`;
}

function counted(noun: string, names: readonly string[], count: number): string {
  const more = count > names.length ? ` and ${count - names.length} more` : "";
  return `${noun}${count === 1 ? "" : "s"} ${names.join(", ")}${more}`;
}

function alternatives({ wanted, count }: ScopeGap & { readonly kind: "labels" }): string {
  return `${wanted.join(" or ")}${count > wanted.length ? ` or one of ${count - wanted.length} others` : ""}`;
}

function tenantText(tenants: readonly string[]): string {
  const shown = tenants.slice(0, 3).map((tenant) => `"${tenant}"`);
  return tenants.length > shown.length ? `${shown.join(", ")} and ${tenants.length - shown.length} more` : shown.join(", ");
}
