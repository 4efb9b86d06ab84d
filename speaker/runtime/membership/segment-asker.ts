import { type Address, bitsOf, parseAddress } from "../../../crds/net/address.ts";
import { isInSubnet } from "../../../crds/net/prefix.ts";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import { octetsOfAddress } from "../../codec/ip-octets.ts";
import type { WireLink } from "../../l2/link-selection.ts";
import { neighbourQuestion, neighbourWord } from "../../l2/neighbour-question.ts";
import { SegmentQuestion } from "../../l2/segment-question.ts";
import type { Link } from "../../native/ports.ts";
import type { SegmentWord, ToWire } from "../threads/messages.ts";

export type SegmentAskerOptions = {
  readonly clock: Clock;
  readonly gateways: () => Promise<readonly Address[]>;
  /** Hosts that asked for addresses of ours lately, the last one first; at most `count`. */
  readonly askers: (count: number) => readonly Address[];
  readonly send: (link: WireLink, frame: Uint8Array) => void;
  readonly onAnswer: (answer: SegmentWord) => void;
};

type Question = Extract<ToWire, { readonly type: "ask-segment" }>;

/** Hosts that are asked beside gateways and the speakers themselves. */
const maxAskers = 16;
/** Frames of one question on one link. */
const maxFrames = 512;

/** Asks the segments whether anybody is there, and which silent nodes still answer for their addresses. */
export class SegmentAsker {
  readonly #options: SegmentAskerOptions;
  #links: readonly { readonly wire: WireLink; readonly link: Link }[] = [];
  #open: SegmentQuestion | undefined;
  #cancel: Cancel = () => undefined;

  constructor(options: SegmentAskerOptions) {
    this.#options = options;
  }

  setLinks(wire: readonly WireLink[], links: readonly Link[]): void {
    this.#links = wire.flatMap((end) => {
      const link = links.find(({ index }) => index === end.index);
      return link === undefined ? [] : [{ wire: end, link }];
    });
  }

  async ask({ question, neighbours, samples, macs }: Question): Promise<void> {
    const { clock, gateways, askers } = this.#options;
    const known = neighbours.flatMap((text) => parseAddress(text) ?? []);
    const asked = [...(await gateways()), ...askers(maxAskers), ...known];
    this.#cancel();
    const options = { number: question, neighbours: asked.map(octetsOfAddress), samples: samples.map(octetsOfAddress), macs };
    this.#open = new SegmentQuestion(options, clock.monotonic());
    const targets = [...asked, ...samples].slice(0, maxFrames);
    for (const { wire, link } of this.#links) for (const target of targets) this.#send(wire, link, target);
    this.#await(this.#open);
  }

  /** Looks at a frame while a question is open. */
  hear(frame: Uint8Array): void {
    if (this.#open === undefined) return;
    const word = neighbourWord(frame);
    if (word !== undefined) this.#open.hear(word);
  }

  close(): void {
    this.#cancel();
    this.#open = undefined;
  }

  #await(open: SegmentQuestion): void {
    const { clock, onAnswer } = this.#options;
    const answer = open.answerAt(clock.monotonic());
    if (answer === undefined) {
      const now = clock.monotonic();
      this.#cancel = clock.after(open.nextAt(now) - now, () => this.#await(open));
      return;
    }
    this.#open = undefined;
    onAnswer({ type: "segment", question: open.number, ...answer });
  }

  #send(wire: WireLink, link: Link, target: Address): void {
    const frame = neighbourQuestion(wire, target, sourceFor(link, target));
    if (frame !== undefined) this.#options.send(wire, frame);
  }
}

/** The address of the link's that its kernel would ask with; zeros where the target is in no subnet of it. */
function sourceFor(link: Link, target: Address): Uint8Array {
  for (const { address, prefixLength, family, tentative } of link.addresses) {
    const own = parseAddress(address);
    if (own === undefined || tentative || prefixLength > bitsOf[family]) continue;
    if (isInSubnet(target, own, prefixLength)) return octetsOfAddress(own);
  }
  return new Uint8Array(target.family === "IPv4" ? 4 : 16);
}
