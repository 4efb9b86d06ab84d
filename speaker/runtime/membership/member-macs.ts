import { formatMac, macNumber, macOctets } from "../../codec/mac.ts";
import type { Members } from "../../membership/members.ts";
import type { HardwareAddress } from "../threads/messages.ts";

/** Hardware addresses that are remembered after their node named them no more. */
const maxRemembered = 10_000;

/**
 * The other nodes' hardware addresses, as they say themselves. One that a node names no more, such as that of an interface
 * whose cable was pulled, remains that node's until another node names it.
 */
export class MemberMacs {
  readonly #self: string;
  /** The one that was named longest ago first. */
  readonly #nodes = new Map<string, string>();
  readonly #numbers = new Map<string, number>();
  #told: ReadonlySet<string> = new Set();

  constructor(self: string) {
    this.#self = self;
  }

  /** For the wire, in order. */
  get numbers(): readonly number[] {
    return [...this.#numbers.values()].sort((a, b) => a - b);
  }

  follow({ facts }: Members): void {
    for (const [node, { interfaces }] of facts) {
      if (node === this.#self) continue;
      for (const { mac } of interfaces) this.#remember(formatMac(mac), macNumber(mac), node);
    }
    this.#told = new Set([...facts].flatMap(([node, { complete }]) => (complete ? [node] : [])));
    for (const mac of this.#nodes.keys()) {
      if (this.#nodes.size <= maxRemembered) break;
      this.#nodes.delete(mac);
      this.#numbers.delete(mac);
    }
  }

  /** All that are known of these nodes. */
  of(nodes: readonly string[]): readonly HardwareAddress[] {
    const wanted = new Set(nodes);
    return [...this.#nodes].flatMap(([mac, node]) => {
      const number = this.#numbers.get(mac);
      return wanted.has(node) && number !== undefined ? [{ node, mac: macOctets(number) }] : [];
    });
  }

  nodeOf(mac: string): string | undefined {
    return this.#nodes.get(mac);
  }

  /** The node has named all of its hardware addresses. */
  knows(node: string): boolean {
    return node === this.#self || this.#told.has(node);
  }

  #remember(mac: string, number: number, node: string): void {
    this.#nodes.delete(mac);
    this.#nodes.set(mac, node);
    this.#numbers.set(mac, number);
  }
}
