import { Buffer } from "node:buffer";
import { MalformedAnswerError } from "./kube-api.ts";

const newline = 0x0a;

/** Cuts a stream of octets into lines; a character that straddles two chunks stays whole. */
export class LineSplitter {
  readonly #maxOctets: number;
  #parts: Uint8Array[] = [];
  #held = 0;

  /** @param maxOctets longest line that is accepted. */
  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets;
  }

  /** The lines that `chunk` completes, without their line ends; empty lines are left out. @throws MalformedAnswerError */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      this.#hold(chunk.subarray(from, end));
      const line = Buffer.concat(this.#parts).toString("utf8");
      this.#parts = [];
      this.#held = 0;
      if (line !== "") lines.push(line);
      from = end + 1;
    }
    this.#hold(chunk.subarray(from));
    return lines;
  }

  /** Octets that wait for the end of their line. */
  get held(): number {
    return this.#held;
  }

  #hold(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#held += part.length;
    if (this.#held > this.#maxOctets) throw new MalformedAnswerError(`a line is longer than ${this.#maxOctets} octets`);
    this.#parts.push(part);
  }
}
