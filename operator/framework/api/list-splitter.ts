import { Buffer } from "node:buffer";
import { MalformedAnswerError } from "./kube-api.ts";
import { parseWithoutManagedFields } from "./managed-fields.ts";

const beforeItems = '"items":[';
/** The list of items begins within so many octets, or the page is read as one text. */
const longestHead = 4096;
/** Octets of the first item by which the beginning of the next one is known again. */
const beginningOctets = 12;

/**
 * Reads a Kubernetes list, without `managedFields`, while it arrives: the items that a chunk completes are parsed together and handed out, so that
 * neither the text of the whole page nor its objects are held. Where an item ends is guessed, by the octets with which the
 * first one began, and the parser is the judge: what begins with an item and is a sequence of whole values ends with one, too.
 * Where every guess is wrong the page is parsed in one piece. To look at each octet would take ten times as long.
 */
export class ListSplitter {
  readonly #onItem: (item: unknown) => void;
  readonly #maxOctets: number;
  /** The page up to its first item; empty: not found. */
  #head = "";
  /** What probably stands between two items, with the beginning of the second. */
  #seam: Buffer | undefined;
  /** What is not handed out. */
  #held: Buffer[] = [];
  #heldOctets = 0;
  /** After a wrong guess the next one waits until so much is held, or long pages would be parsed again and again. */
  #nextGuess = 0;
  #octets = 0;

  /** @param maxOctets longest page that is accepted. */
  constructor(onItem: (item: unknown) => void, maxOctets: number) {
    this.#onItem = onItem;
    this.#maxOctets = maxOctets;
  }

  /** @throws MalformedAnswerError when the page is too long. */
  push(chunk: Buffer): void {
    this.#octets += chunk.length;
    if (this.#octets > this.#maxOctets) throw new MalformedAnswerError(`a list page is longer than ${this.#maxOctets} octets`);
    this.#hold(chunk);
    if (this.#seam === undefined && this.#octets - chunk.length < longestHead) this.#findItems();
    this.#handOut();
  }

  /** Everything beside the items; hands out those that are left. @throws MalformedAnswerError when the text is cut off or no JSON. */
  finish(): unknown {
    const rest = parse(this.#head + Buffer.concat(this.#held).toString("utf8"));
    if (!hasItems(rest)) return rest;
    for (const item of rest.items) this.#onItem(item);
    return { ...rest, items: [] };
  }

  #hold(octets: Buffer): void {
    this.#held.push(octets);
    this.#heldOctets += octets.length;
  }

  /** An `items` that stands elsewhere than at the top leaves no text before it that its two brackets complete. */
  #findItems(): void {
    const whole = Buffer.concat(this.#held);
    const at = whole.indexOf(beforeItems);
    const from = at + beforeItems.length;
    if (at < 0 || whole.length < from + beginningOctets) return;
    const head = whole.toString("utf8", 0, from);
    if (parsed(`${head}]}`) === undefined) return;
    this.#head = head;
    this.#seam = Buffer.concat([Buffer.from("},"), whole.subarray(from, from + beginningOctets)]);
    this.#held = [whole.subarray(from)];
    this.#heldOctets = whole.length - from;
  }

  #handOut(): void {
    const last = this.#held.at(-1);
    if (this.#seam === undefined || last === undefined || this.#heldOctets < this.#nextGuess) return;
    const seam = last.lastIndexOf(this.#seam);
    if (seam < 0) return;
    const whole = Buffer.concat([...this.#held.slice(0, -1), last.subarray(0, seam + 1)]);
    const items = parsed(`[${whole.toString("utf8")}]`);
    if (items === undefined) {
      this.#nextGuess = 2 * this.#heldOctets;
      return;
    }
    this.#held = [last.subarray(seam + 2)];
    this.#heldOctets = last.length - seam - 2;
    this.#nextGuess = 0;
    for (const item of items as readonly unknown[]) this.#onItem(item);
  }
}

function hasItems(page: unknown): page is { readonly items: readonly unknown[] } {
  return typeof page === "object" && page !== null && "items" in page && Array.isArray(page.items);
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function parse(text: string): unknown {
  try {
    return parseWithoutManagedFields(text);
  } catch (cause) {
    throw new MalformedAnswerError("the API server's answer is not JSON", { cause });
  }
}
