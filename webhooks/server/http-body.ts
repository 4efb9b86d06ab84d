import type { IncomingMessage } from "node:http";

/** Octets: a review of an update holds the object twice, and the API server takes none beyond 3 MiB. */
export const bodyLimit = 7 * 1024 * 1024;

/** Octets of a body that is taken in however many others are held. */
const alwaysTaken = 64 * 1024;

/** A body, or why it was not read to its end. */
export type Body =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly status: 400 | 413 | 503; readonly message: string };

/** Bounds what the bodies of all requests take up together, so that nobody fills the process's memory with them. */
export class BodyBudget {
  #left: number;

  /** @param octets of all bodies together, those of up to 64 KiB left out. */
  constructor(octets: number = 9 * bodyLimit) {
    this.#left = octets;
  }

  /** A holding for one request: what it takes is given back when it is released, and not before. */
  hold(): BodyHolding {
    return new BodyHolding((octets) => {
      if (octets > this.#left) return false;
      this.#left -= octets;
      return true;
    });
  }
}

/** What one request's body takes of a {@link BodyBudget}. */
export class BodyHolding {
  readonly #take: (octets: number) => boolean;
  #taken = 0;

  constructor(take: (octets: number) => boolean) {
    this.#take = take;
  }

  /** Reads the whole body; never more than {@link bodyLimit}, nor more than the budget has. @throws when the client goes away. */
  async read(request: IncomingMessage): Promise<Body> {
    const tooLong: Body = { ok: false, status: 413, message: `the body is longer than ${bodyLimit} octets` };
    if (Number(request.headers["content-length"]) > bodyLimit) return tooLong;
    const chunks: Buffer[] = [];
    let length = 0;
    // The stream outlives the loop, so that the refusal can still be sent on its socket.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      const octets = chunk as Buffer;
      length += octets.length;
      if (length > bodyLimit) return tooLong;
      if (!this.#covers(length)) return { ok: false, status: 503, message: "too many long requests at once; try again" };
      chunks.push(octets);
    }
    try {
      return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)) };
    } catch {
      return { ok: false, status: 400, message: "the body is not UTF-8" };
    }
  }

  /** The body has been dealt with. */
  release(): void {
    this.#take(-this.#taken);
    this.#taken = 0;
  }

  #covers(length: number): boolean {
    const more = length - this.#taken;
    if (length <= alwaysTaken) return true;
    if (!this.#take(more)) return false;
    this.#taken = length;
    return true;
  }
}
