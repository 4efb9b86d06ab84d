import { allNodes, isLinkLocal, isUnspecified } from "../codec/ip-octets.ts";
import { equalOctets } from "../codec/octets.ts";
import type { RouterDiscovery, RouterDiscoveryPacket } from "../codec/router-discovery.ts";

/** An interface that can be spoken on: it is up and has a link-local address. */
export type UnnumberedLink = {
  /** 6 octets. */
  readonly mac: Uint8Array;
  /** 16 octets. */
  readonly linkLocal: Uint8Array;
};

/** How the one neighbour behind an interface is found: both sides advertise themselves as routers. RFC 4861 §6.2. */
export type UnnumberedState = {
  readonly link: UnnumberedLink | undefined;
  /** Advertisements since the link came. */
  readonly advertised: number;
  /** Undefined: none since the link came. */
  readonly advertisedAt: number | undefined;
  /** The event `due` is due then; undefined: never. */
  readonly nextAt: number | undefined;
  /** The neighbour's link-local address. */
  readonly neighbour: Uint8Array | undefined;
};

export type UnnumberedEvent =
  /** Undefined: the interface is missing, down or without a link-local address. */
  | { readonly type: "link"; readonly link: UnnumberedLink | undefined; readonly now: number }
  /** `delayMs`: random, 0 to 500. RFC 4861 §6.2.6. */
  | { readonly type: "received"; readonly packet: RouterDiscoveryPacket; readonly now: number; readonly delayMs: number }
  | { readonly type: "due"; readonly now: number };

export type UnnumberedEffect =
  | { readonly type: "send"; readonly packet: RouterDiscoveryPacket }
  /** The session with the former neighbour is over. */
  | { readonly type: "neighbour"; readonly address: Uint8Array | undefined };

export type UnnumberedStep = { readonly state: UnnumberedState; readonly effects: readonly UnnumberedEffect[] };

/** As FRR does it: quick at first, so that the neighbour learns of us while it is new. */
const INITIAL_COUNT = 4;
const INITIAL_INTERVAL_MS = 1_000;
const INTERVAL_MS = 10_000;
/** MIN_DELAY_BETWEEN_RAS. RFC 4861 §10. */
const ANSWER_DISTANCE_MS = 3_000;

export const initialUnnumbered: UnnumberedState = {
  link: undefined,
  advertised: 0,
  advertisedAt: undefined,
  nextAt: undefined,
  neighbour: undefined,
};

/** Total and deterministic. The caller performs `effects` in order. */
export function transitionUnnumbered(state: UnnumberedState, event: UnnumberedEvent): UnnumberedStep {
  switch (event.type) {
    case "link":
      return sameLink(state.link, event.link) ? { state, effects: [] } : follow(state, event.link, event.now);
    case "received":
      return receive(state, event.packet, event.now + event.delayMs);
    case "due":
      return advertise(state, event.now);
  }
}

function follow(state: UnnumberedState, link: UnnumberedLink | undefined, now: number): UnnumberedStep {
  const forget: readonly UnnumberedEffect[] = state.neighbour === undefined ? [] : [{ type: "neighbour", address: undefined }];
  if (link === undefined) return { state: initialUnnumbered, effects: forget };
  const { state: next, effects } = advertise({ ...initialUnnumbered, link, nextAt: now }, now);
  const question = packet(link, allRouters(), { type: "solicitation", sourceLinkLayer: link.mac });
  return { state: next, effects: [...forget, { type: "send", packet: question }, ...effects] };
}

function advertise(state: UnnumberedState, now: number): UnnumberedStep {
  const { link, nextAt } = state;
  if (link === undefined || nextAt === undefined || now < nextAt) return { state, effects: [] };
  const advertised = state.advertised + 1;
  const interval = advertised < INITIAL_COUNT ? INITIAL_INTERVAL_MS : INTERVAL_MS;
  const effects: readonly UnnumberedEffect[] = [{ type: "send", packet: packet(link, allNodes(), advertisementOf(link)) }];
  return { state: { ...state, advertised, advertisedAt: now, nextAt: now + interval }, effects };
}

function receive(state: UnnumberedState, { source, message }: RouterDiscoveryPacket, answerAt: number): UnnumberedStep {
  const { link, nextAt, advertisedAt, neighbour } = state;
  if (link === undefined || nextAt === undefined || equalOctets(source, link.linkLocal)) return { state, effects: [] };
  if (message.type === "advertisement") {
    if (neighbour !== undefined && equalOctets(neighbour, source)) return { state, effects: [] };
    return { state: { ...state, neighbour: source.slice() }, effects: [{ type: "neighbour", address: source.slice() }] };
  }
  if (!isLinkLocal(source) && !isUnspecified(source)) return { state, effects: [] };
  const earliest = advertisedAt === undefined ? answerAt : Math.max(answerAt, advertisedAt + ANSWER_DISTANCE_MS);
  return { state: { ...state, nextAt: Math.min(nextAt, earliest) }, effects: [] };
}

/** Lifetime 0: hosts on the segment must not take this node for a default router. */
function advertisementOf({ mac }: UnnumberedLink): RouterDiscovery {
  const nothing = { curHopLimit: 0, managed: false, otherConfiguration: false, reachableTimeMs: 0, retransTimerMs: 0 };
  return { type: "advertisement", ...nothing, lifetimeSeconds: 0, sourceLinkLayer: mac };
}

function packet({ linkLocal }: UnnumberedLink, destination: Uint8Array, message: RouterDiscovery): RouterDiscoveryPacket {
  return { source: linkLocal, destination, message };
}

/** ff02::2. RFC 4291 §2.7.1. */
function allRouters(): Uint8Array {
  return allNodes().with(15, 2);
}

function sameLink(a: UnnumberedLink | undefined, b: UnnumberedLink | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return equalOctets(a.mac, b.mac) && equalOctets(a.linkLocal, b.linkLocal);
}
