import { formatAddress } from "../../crds/net/address.ts";
import type { AddressFacts, LinkFacts, NetlinkMessage } from "./netlink-message.ts";
import type { Link, LinkAddress } from "./ports.ts";

/** The host's links and addresses, folded from rtnetlink messages. */
export class LinkTable {
  readonly #links = new Map<number, LinkFacts>();
  readonly #addresses = new Map<number, Map<string, LinkAddress>>();

  /** @returns whether the table changed. */
  apply(message: NetlinkMessage): boolean {
    switch (message.type) {
      case "link":
        return this.#setLink(message.link);
      case "link-gone":
        this.#addresses.delete(message.index);
        return this.#links.delete(message.index);
      case "address":
        return this.#setAddress(message.address);
      case "address-gone":
        return this.#addresses.get(message.address.index)?.delete(textOf(message.address)) ?? false;
      case "done":
      case "error":
        return false;
    }
  }

  /** Sorted by index; addresses sorted by text. */
  links(): readonly Link[] {
    return [...this.#links.values()].sort((a, b) => a.index - b.index).map((facts) => this.#link(facts));
  }

  #setLink(link: LinkFacts): boolean {
    const before = this.#links.get(link.index);
    this.#links.set(link.index, link);
    return before === undefined || !sameLink(before, link);
  }

  #setAddress(facts: AddressFacts): boolean {
    const ofLink = this.#addresses.get(facts.index) ?? new Map<string, LinkAddress>();
    this.#addresses.set(facts.index, ofLink);
    const key = textOf(facts);
    const before = ofLink.get(key);
    if (before !== undefined && before.tentative === facts.tentative) return false;
    const family = facts.octets.length === 4 ? "IPv4" : "IPv6";
    ofLink.set(key, { address: addressText(facts.octets), prefixLength: facts.prefixLength, family, tentative: facts.tentative });
    return true;
  }

  #link({ master, ...facts }: LinkFacts): Link {
    const byText = this.#addresses.get(facts.index) ?? new Map<string, LinkAddress>();
    const addresses = [...byText.keys()].sort().flatMap((text) => byText.get(text) ?? []);
    return { ...facts, ...(master === undefined ? {} : { master }), addresses };
  }
}

/** Whether two tables describe the same host. */
export function sameLinks(a: readonly Link[], b: readonly Link[]): boolean {
  return JSON.stringify(a.map(comparable)) === JSON.stringify(b.map(comparable));
}

function comparable(link: Link): unknown {
  return { ...link, mac: [...link.mac] };
}

function sameLink(a: LinkFacts, b: LinkFacts): boolean {
  return (
    a.name === b.name &&
    a.mtu === b.mtu &&
    a.up === b.up &&
    a.carrier === b.carrier &&
    a.broadcast === b.broadcast &&
    a.noArp === b.noArp &&
    a.loopback === b.loopback &&
    a.master === b.master &&
    a.mac.length === b.mac.length &&
    a.mac.every((octet, i) => octet === b.mac[i])
  );
}

function textOf(facts: AddressFacts): string {
  return `${addressText(facts.octets)}/${facts.prefixLength}`;
}

function addressText(octets: Uint8Array): string {
  let bits = 0n;
  for (const octet of octets) bits = bits * 256n + BigInt(octet);
  return formatAddress({ family: octets.length === 4 ? "IPv4" : "IPv6", bits });
}
