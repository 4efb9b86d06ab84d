import { formatMac, macNumber } from "../codec/mac.ts";
import type { Members } from "../membership/members.ts";

/** The other nodes' hardware addresses, as they say themselves. */
export class MemberMacs {
  readonly #byMac = new Map<string, string>();
  /** For the wire. */
  readonly numbers: readonly number[];
  /** Every other speaker that may announce has told all of its own. */
  readonly complete: boolean;

  constructor({ alive, facts }: Members, self: string) {
    const numbers = new Set<number>();
    for (const [node, { interfaces }] of facts) {
      if (node === self) continue;
      for (const { mac } of interfaces) {
        this.#byMac.set(formatMac(mac), node);
        numbers.add(macNumber(mac));
      }
    }
    this.numbers = [...numbers].sort((a, b) => a - b);
    this.complete = [...alive].every((node) => node === self || facts.get(node)?.complete === true);
  }

  nodeOf(mac: string): string | undefined {
    return this.#byMac.get(mac);
  }
}
