/** One request for each address at a time, and the MAC addresses that answered it, in the order of the addresses. */
export type AskedRound = { readonly at: number; readonly answers: readonly (readonly string[])[] };

/** A span in which something was the same, from its first request to its last. Milliseconds since the epoch. */
export type Span = { readonly address: string; readonly from: number; readonly to: number; readonly requests: number };

/** Several answered the same requests. */
export type Double = Span & { readonly macs: readonly string[] };

/** One after the other answered. `silentMs`: from the last answer of the one to the first of the other. */
export type Move = {
  readonly address: string;
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly silentMs: number;
};

/** What a client saw of who answers for some addresses. */
export class AnswerTimeline {
  readonly addresses: readonly string[];
  readonly #rounds: AskedRound[] = [];

  constructor(addresses: readonly string[]) {
    this.addresses = addresses;
  }

  /** Rounds come in the order in which they were asked. */
  add(round: AskedRound): void {
    this.#rounds.push(round);
  }

  get rounds(): number {
    return this.#rounds.length;
  }

  /** Spans in which two or more answered a request. */
  doubles(): readonly Double[] {
    return this.#spans((macs) => (macs.length > 1 ? macs.join(" ") : undefined)).map(({ what, ...span }) => {
      return { ...span, macs: what.split(" ") };
    });
  }

  /** Spans of requests that nobody answered. */
  gaps(): readonly Span[] {
    return this.#spans((macs) => (macs.length === 0 ? "" : undefined)).map(({ what: _, ...span }) => span);
  }

  /** Changes of the one who answers; a request with several answers counts for neither. */
  moves(): readonly Move[] {
    return this.addresses.flatMap((address, index) => {
      const moves: Move[] = [];
      let last: { readonly at: number; readonly mac: string } | undefined;
      for (const { at, answers } of this.#rounds) {
        const [mac, ...others] = answers[index] ?? [];
        if (mac === undefined || others.length > 0) continue;
        if (last !== undefined && last.mac !== mac) moves.push({ address, at, from: last.mac, to: mac, silentMs: at - last.at });
        last = { at, mac };
      }
      return moves;
    });
  }

  /** Who answered for an address at or after a time. */
  since(address: string, at: number): ReadonlySet<string> {
    const index = this.addresses.indexOf(address);
    return new Set(this.#rounds.filter((round) => round.at >= at).flatMap(({ answers }) => answers[index] ?? []));
  }

  #spans(whatIn: (macs: readonly string[]) => string | undefined): readonly (Span & { readonly what: string })[] {
    return this.addresses.flatMap((address, index) => {
      const spans: (Span & { readonly what: string })[] = [];
      let open: (Span & { readonly what: string }) | undefined;
      for (const { at, answers } of this.#rounds) {
        const what = whatIn(answers[index] ?? []);
        if (open !== undefined && what === open.what) open = { ...open, to: at, requests: open.requests + 1 };
        else {
          if (open !== undefined) spans.push(open);
          open = what === undefined ? undefined : { address, from: at, to: at, requests: 1, what };
        }
      }
      return open === undefined ? spans : [...spans, open];
    });
  }
}
