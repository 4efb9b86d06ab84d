import type { Log } from "../../../operator/framework/log/log.ts";
import { sameEnds, type WireLink } from "../../l2/link-selection.ts";
import type { FrameTap, Link, TapFactory, TapProtocol } from "../../native/ports.ts";

type Slot = { readonly link: WireLink; readonly protocol: TapProtocol; tap: FrameTap | undefined; complained: boolean };

/** The last 32 bits of the addresses for which questions are wanted, by the protocol that asks for them. */
export type Targets = { readonly [protocol in TapProtocol]: Uint32Array };

/** The taps that the selected links need: one for ARP, one for NDP each. Those that die or cannot open are tried again. */
export class TapSet {
  readonly #taps: TapFactory;
  readonly #log: Log;
  readonly #onFrame: (link: WireLink, frame: Uint8Array) => void;
  readonly #onLost: () => void;
  readonly #slots = new Map<string, Slot>();
  #targets: Targets | undefined;

  /** @param onLost a tap has died by itself: {@link retry} later. */
  constructor(taps: TapFactory, log: Log, onFrame: (link: WireLink, frame: Uint8Array) => void, onLost: () => void) {
    this.#taps = taps;
    this.#log = log;
    this.#onFrame = onFrame;
    this.#onLost = onLost;
  }

  /** Opens, keeps and closes taps so that they fit the links. @param links the kernel's description of the same links. */
  setLinks(wire: readonly WireLink[], links: readonly Link[]): void {
    const wanted = new Map<string, { readonly link: WireLink; readonly protocol: TapProtocol }>();
    for (const link of wire)
      for (const protocol of protocolsOf(link)) wanted.set(keyOf(link.index, protocol), { link, protocol });
    for (const [key, slot] of this.#slots) {
      const link = wanted.get(key)?.link;
      if (link !== undefined && sameEnds(slot.link, link)) continue;
      slot.tap?.close();
      this.#slots.delete(key);
    }
    for (const [key, { link, protocol }] of wanted) {
      if (!this.#slots.has(key)) this.#slots.set(key, { link, protocol, tap: undefined, complained: false });
    }
    this.retry(links);
  }

  /** Opens the taps that are wanted and closed. */
  retry(links: readonly Link[]): void {
    for (const slot of this.#slots.values()) {
      if (slot.tap !== undefined) continue;
      const link = links.find(({ index }) => index === slot.link.index);
      if (link !== undefined) this.#open(slot, link);
    }
  }

  /** Lets the kernel drop questions for all other addresses; undefined: none. */
  askFor(targets: Targets | undefined): void {
    if (targets === undefined && this.#targets === undefined) return;
    this.#targets = targets;
    for (const { tap, protocol } of this.#slots.values()) tap?.askFor(targets?.[protocol]);
  }

  /** @returns false when there is no such tap or the kernel refused the frame. */
  send(linkIndex: number, protocol: TapProtocol, frame: Uint8Array): boolean {
    return this.#slots.get(keyOf(linkIndex, protocol))?.tap?.send(frame) ?? false;
  }

  /** False when taps are wanted and not one of them is open: the node is deaf. */
  get alive(): boolean {
    if (this.#slots.size === 0) return true;
    for (const { tap } of this.#slots.values()) if (tap !== undefined) return true;
    return false;
  }

  /** Some tap that is wanted is closed. */
  get incomplete(): boolean {
    for (const { tap } of this.#slots.values()) if (tap === undefined) return true;
    return false;
  }

  /** Closes every tap; {@link setLinks} opens them anew. */
  close(): void {
    for (const { tap } of this.#slots.values()) tap?.close();
    this.#slots.clear();
  }

  #open(slot: Slot, link: Link): void {
    try {
      const tap = this.#taps.open(link, slot.protocol, {
        onFrame: (frame) => this.#onFrame(slot.link, frame),
        onClosed: (reason) => {
          if (slot.tap === tap) slot.tap = undefined;
          this.#log.info("tap closed; it is opened again when the link is back", { interface: link.name, reason });
          this.#onLost();
        },
      });
      slot.tap = tap;
      slot.complained = false;
      if (this.#targets !== undefined) tap.askFor(this.#targets[slot.protocol]);
    } catch (error) {
      if (!slot.complained) {
        this.#log.warn("cannot listen on an interface; trying again", { interface: link.name, error: textOf(error) });
      }
      slot.complained = true;
    }
  }
}

function protocolsOf(link: WireLink): readonly TapProtocol[] {
  return [...(link.arp ? (["arp"] as const) : []), ...(link.linkLocal === undefined ? [] : (["ndp"] as const))];
}

function keyOf(linkIndex: number, protocol: TapProtocol): string {
  return `${linkIndex}/${protocol}`;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${textOf(error.cause)}`;
}
