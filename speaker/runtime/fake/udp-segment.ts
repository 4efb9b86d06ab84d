import type { DatagramOptions, Datagrams } from "../../native/datagrams.ts";

/** A network in memory for UDP: what is sent arrives in the next turn, unless the segment is cut there. */
export class UdpSegment {
  readonly #sockets = new Map<string, DatagramOptions>();
  readonly #cut = new Set<string>();
  readonly #aliases = new Map<string, string>();
  /** Reason with which sockets cannot be opened. */
  refuses: string | undefined;

  readonly open = async (options: DatagramOptions): Promise<Datagrams> => {
    if (this.refuses !== undefined) throw new Error(this.refuses);
    const { address } = options;
    this.#sockets.set(address, options);
    return {
      send: (octets, to) => {
        if (this.#cut.has(address) || this.#cut.has(to)) return;
        const from = this.#aliases.get(address) ?? address;
        queueMicrotask(() => this.#socketAt(to)?.onDatagram(octets, from));
      },
      close: () => this.#sockets.delete(address),
    };
  };

  /** Nothing to or from this address passes from now on. */
  cut(address: string): void {
    this.#cut.add(address);
  }

  /** Packets from the socket bound to `bound` come from `address`, and those to `address` go to it. */
  alias(bound: string, address: string): void {
    this.#aliases.set(bound, address);
  }

  #socketAt(address: string): DatagramOptions | undefined {
    const bound = [...this.#aliases].find(([, alias]) => alias === address)?.[0] ?? address;
    return this.#sockets.get(bound);
  }
}
