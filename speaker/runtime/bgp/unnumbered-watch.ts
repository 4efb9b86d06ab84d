import type { Address } from "../../../crds/net/address.ts";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import { linkLocalOf } from "../../bgp/local-path.ts";
import {
  initialUnnumbered,
  transitionUnnumbered,
  type UnnumberedEffect,
  type UnnumberedEvent,
  type UnnumberedLink,
  type UnnumberedState,
} from "../../bgp/unnumbered.ts";
import { decoded } from "../../codec/decoded.ts";
import { encodeEthernet, ethernetHeaderLength, etherType } from "../../codec/ethernet.ts";
import { addressOfOctets, octetsOfAddress } from "../../codec/ip-octets.ts";
import { macLength, multicastMac } from "../../codec/mac.ts";
import { decodeRouterDiscovery, encodeRouterDiscovery, type RouterDiscoveryPacket } from "../../codec/router-discovery.ts";
import type { GroupMembership, Link, RouterTap, RouterTapFactory } from "../../native/ports.ts";

export type UnnumberedWatchOptions = {
  readonly taps: RouterTapFactory;
  /** For this watch alone: closed with it. */
  readonly groups: GroupMembership;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 up to 1. */
  readonly random: () => number;
  /** The router behind the interface is another one, or has gone. */
  readonly onNeighbour: (interfaceName: string) => void;
};

type Watched = {
  state: UnnumberedState;
  tap: RouterTap | undefined;
  cancelDue: Cancel;
  cancelRetry: Cancel;
  complained: boolean;
};

/** All routers: solicitations go there. RFC 4291 §2.7.1. */
const ALL_ROUTERS = "ff02::2";
/** RFC 4861 §6.2.6. */
const LONGEST_ANSWER_MS = 500;
const RETRY_MS = 1_000;

const none: Cancel = () => undefined;

/** Finds the routers behind the interfaces of unnumbered peers, and lets them find this node. */
export class UnnumberedWatch {
  readonly #options: UnnumberedWatchOptions;
  readonly #watched = new Map<string, Watched>();
  #links: readonly Link[] = [];

  constructor(options: UnnumberedWatchOptions) {
    this.#options = options;
  }

  /** The interfaces to look at; one that does not exist is waited for. */
  setInterfaces(names: ReadonlySet<string>): void {
    for (const name of this.#watched.keys()) if (!names.has(name)) this.#forget(name);
    for (const name of names) {
      if (this.#watched.has(name)) continue;
      this.#watched.set(name, {
        state: initialUnnumbered,
        tap: undefined,
        cancelDue: none,
        cancelRetry: none,
        complained: false,
      });
      this.#follow(name);
    }
  }

  setLinks(links: readonly Link[]): void {
    this.#links = links;
    for (const name of this.#watched.keys()) this.#follow(name);
  }

  /** Undefined: nobody was heard. */
  neighbourOn(interfaceName: string): Address | undefined {
    const octets = this.#watched.get(interfaceName)?.state.neighbour;
    return octets && addressOfOctets(octets);
  }

  close(): void {
    for (const name of this.#watched.keys()) this.#forget(name);
    this.#options.groups.close();
  }

  #forget(name: string): void {
    const watched = this.#watched.get(name);
    if (watched === undefined) return;
    this.#watched.delete(name);
    this.#closeTap(name, watched);
  }

  #follow(name: string): void {
    const watched = this.#watched.get(name);
    if (watched === undefined) return;
    const link = this.#usable(name);
    const tapped = link !== undefined && this.#openTap(name, watched, link.link);
    if (!tapped) this.#closeTap(name, watched, link !== undefined);
    this.#apply(name, { type: "link", link: tapped ? link.ends : undefined, now: this.#now() });
  }

  #usable(name: string): { readonly link: Link; readonly ends: UnnumberedLink } | undefined {
    const link = this.#links.find((one) => one.name === name && one.up && one.carrier && one.mac.length === macLength);
    const linkLocal = link && linkLocalOf(this.#links, name);
    return link && linkLocal && { link, ends: { mac: link.mac, linkLocal: octetsOfAddress(linkLocal) } };
  }

  /** @returns false when it cannot be opened now. */
  #openTap(name: string, watched: Watched, link: Link): boolean {
    if (watched.tap !== undefined) return true;
    const { taps, groups, log } = this.#options;
    try {
      const tap = taps.open(link, {
        onFrame: (frame) => this.#hear(name, frame),
        onClosed: (reason) => {
          if (watched.tap !== tap) return;
          log.info("router advertisements are not heard any more; trying again", { interface: name, reason });
          watched.tap = undefined;
          this.#follow(name);
        },
      });
      watched.tap = tap;
      watched.complained = false;
      groups.join(ALL_ROUTERS, name);
    } catch (error) {
      if (!watched.complained) log.warn("an unnumbered peer waits for its interface", { interface: name, error: String(error) });
      watched.complained = true;
    }
    return watched.tap !== undefined;
  }

  #closeTap(name: string, watched: Watched, again = false): void {
    const { groups, clock } = this.#options;
    watched.cancelDue();
    watched.cancelRetry();
    watched.cancelRetry = again ? clock.after(RETRY_MS, () => this.#follow(name)) : none;
    if (watched.tap === undefined) return;
    groups.leave(ALL_ROUTERS, name);
    watched.tap.close();
    watched.tap = undefined;
  }

  #hear(name: string, frame: Uint8Array): void {
    const packet = decoded(() => decodeRouterDiscovery(frame.subarray(ethernetHeaderLength)));
    if (!packet.ok) return;
    const delayMs = this.#options.random() * LONGEST_ANSWER_MS;
    this.#apply(name, { type: "received", packet: packet.value, now: this.#now(), delayMs });
  }

  #apply(name: string, event: UnnumberedEvent): void {
    const watched = this.#watched.get(name);
    if (watched === undefined) return;
    const { state, effects } = transitionUnnumbered(watched.state, event);
    watched.state = state;
    for (const effect of effects) this.#perform(name, watched, effect);
    watched.cancelDue();
    if (state.nextAt === undefined) return;
    const { clock } = this.#options;
    watched.cancelDue = clock.after(Math.max(0, state.nextAt - this.#now()), () =>
      this.#apply(name, { type: "due", now: this.#now() }),
    );
  }

  #perform(name: string, watched: Watched, effect: UnnumberedEffect): void {
    if (effect.type === "neighbour") this.#options.onNeighbour(name);
    else if (watched.state.link !== undefined) watched.tap?.send(frameOf(effect.packet, watched.state.link.mac));
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }
}

function frameOf(packet: RouterDiscoveryPacket, source: Uint8Array): Uint8Array {
  const destination = multicastMac(packet.destination);
  return encodeEthernet({ destination, source, etherType: etherType.ipv6, payload: encodeRouterDiscovery(packet) });
}
