import { Buffer } from "node:buffer";
import { MalformedAnswerError } from "./kube-api.ts";

const quote = 0x22;
const backslash = 0x5c;
const open = [0x7b, 0x5b] as const;
const close = [0x7d, 0x5d] as const;

/**
 * Reads a Kubernetes list while it arrives: each element of the top-level `items` array is parsed alone and handed out,
 * so that neither the text of the whole page nor its objects are ever held, and no step is longer than one chunk.
 */
export class ListSplitter {
  readonly #onItem: (item: unknown) => void;
  readonly #maxOctets: number;
  #envelope: Buffer[] = [];
  #item: Buffer[] = [];
  #key: number[] = [];
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inItems = false;
  #octets = 0;

  /** @param maxOctets longest page that is accepted. */
  constructor(onItem: (item: unknown) => void, maxOctets: number) {
    this.#onItem = onItem;
    this.#maxOctets = maxOctets;
  }

  /** @throws MalformedAnswerError when an item is no JSON, or the page is too long. */
  push(chunk: Buffer): void {
    this.#octets += chunk.length;
    if (this.#octets > this.#maxOctets) throw new MalformedAnswerError(`a list page is longer than ${this.#maxOctets} octets`);
    let from = 0; // where what is not handed on yet begins
    for (let i = 0; i < chunk.length; i++) {
      const octet = chunk[i] ?? 0;
      if (this.#inString) this.#withinString(octet);
      else if (octet === quote) this.#openString();
      else if (octet === open[0] || octet === open[1]) from = this.#opened(chunk, octet, from, i);
      else if (octet === close[0] || octet === close[1]) from = this.#closed(chunk, from, i);
    }
    if (this.#inItems && this.#depth === 2) return; // commas between items
    (this.#inItems ? this.#item : this.#envelope).push(chunk.subarray(from));
  }

  /** Everything beside the items. @throws MalformedAnswerError when the text is cut off or no JSON. */
  finish(): unknown {
    return parse(Buffer.concat(this.#envelope).toString("utf8"));
  }

  #opened(chunk: Buffer, octet: number, from: number, at: number): number {
    this.#depth++;
    if (this.#inItems) return this.#depth === 3 ? at : from;
    if (this.#depth !== 2 || octet !== open[1] || Buffer.from(this.#key).toString() !== "items") return from;
    this.#inItems = true;
    this.#envelope.push(chunk.subarray(from, at + 1));
    return at + 1;
  }

  #closed(chunk: Buffer, from: number, at: number): number {
    this.#depth--;
    if (!this.#inItems || this.#depth > 2) return from;
    if (this.#depth === 1) {
      this.#inItems = false;
      return at;
    }
    this.#item.push(chunk.subarray(from, at + 1));
    const text = Buffer.concat(this.#item).toString("utf8");
    this.#item = [];
    this.#onItem(parse(text));
    return at + 1;
  }

  #withinString(octet: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (octet === backslash) this.#escaped = true;
    else if (octet === quote) this.#inString = false;
    if (this.#inString && this.#depth === 1 && this.#key.length <= 5) this.#key.push(octet);
  }

  #openString(): void {
    this.#inString = true;
    if (this.#depth === 1) this.#key = [];
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MalformedAnswerError("the API server's answer is not JSON", { cause });
  }
}
