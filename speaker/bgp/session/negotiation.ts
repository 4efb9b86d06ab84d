import type { Family } from "../../../crds/net/address.ts";
import type { Capability } from "../../codec/bgp/capability.ts";
import type { OpenMessage } from "../../codec/bgp/message.ts";
import { afi, asTrans, errorCode, openSubcode, unicastFamily, unicastSafi } from "../../codec/bgp/registry.ts";
import type { Negotiated, PeerGracefulRestart } from "./negotiated.ts";
import { type Refusal, refusal } from "./notification.ts";
import type { SessionConfig } from "./session-config.ts";
import type { LinkFacts } from "./session-state.ts";

const version = 4;

/** For how long peers are asked to keep our routes through a restart. */
const restartTimeSeconds = 120;

/** What our OPEN is made of besides the configuration. */
export type OpenContents = Pick<LinkFacts, "ownIdentifier" | "capabilities"> & {
  /** This process has not yet announced all that it has to. */
  readonly restarting: boolean;
};

/** Our OPEN. RFC 4271 §4.2. */
export function openOf(config: SessionConfig, { ownIdentifier, capabilities, restarting }: OpenContents): OpenMessage {
  const { ownAS, holdTimeSeconds } = config;
  return {
    type: "open",
    version,
    autonomousSystem: ownAS > 0xffff ? asTrans : ownAS,
    holdTimeSeconds,
    identifier: ownIdentifier,
    capabilities: capabilities === "none" ? [] : capabilitiesOf(config, restarting),
  };
}

function capabilitiesOf(config: SessionConfig, restarting: boolean): readonly Capability[] {
  const { families, extendedNextHop, gracefulRestart, ownAS } = config;
  const offered = families.map((family) => ({ afi: afi[family], safi: unicastSafi }));
  return [
    ...offered.map((each) => ({ type: "multiprotocol", ...each }) as const),
    { type: "route-refresh" },
    ...(extendedNextHop ? [extendedNextHopOffer] : []),
    // Without families of our own it says that we understand a peer's restart. RFC 4724 §3.
    {
      type: "graceful-restart",
      restarting: gracefulRestart && restarting,
      notification: false,
      restartTimeSeconds,
      families: gracefulRestart ? offered.map((each) => ({ ...each, forwardingPreserved: true })) : [],
    },
    { type: "four-octet-as", autonomousSystem: ownAS },
  ];
}

const extendedNextHopOffer = {
  type: "extended-next-hop",
  routes: [{ afi: afi.IPv4, safi: unicastSafi, nextHopAfi: afi.IPv6 }],
} as const;

/** Checks the peer's OPEN against the configuration and our own, in the order of RFC 4271 §6.2. */
export function negotiate(
  open: OpenMessage,
  config: SessionConfig,
  own: Pick<LinkFacts, "ownIdentifier" | "capabilities">,
): { readonly negotiated: Negotiated } | { readonly refusal: Refusal } {
  const peerAS = peerASOf(open);
  const families = commonFamilies(open, config, own.capabilities);
  const refused =
    versionRefusal(open) ??
    asRefusal(open, peerAS, config) ??
    identifierRefusal(open, peerAS, config, own.ownIdentifier) ??
    holdTimeRefusal(open) ??
    (families.length === 0 ? familyRefusal(config) : undefined);
  return refused === undefined ? { negotiated: agree(open, config, own, peerAS, families) } : { refusal: refused };
}

function versionRefusal(open: OpenMessage): Refusal | undefined {
  if (open.version === version) return undefined;
  const reason = `unsupported version number ${open.version}, expected ${version}`;
  return refusal(errorCode.open, openSubcode.version, reason, Uint8Array.of(0, version));
}

/** RFC 6793 §4.2.1 for the peer's number, RFC 7607 for 0. */
function asRefusal(open: OpenMessage, peerAS: number, { remoteAS, myASN }: SessionConfig): Refusal | undefined {
  const expected = remoteAS === "internal" ? myASN : remoteAS;
  const refuse = (found: string) =>
    refusal(errorCode.open, openSubcode.badPeerAs, `bad peer AS, expected ${expectedText(expected, myASN)}, but it is ${found}`);
  const field = open.autonomousSystem;
  if (field !== peerAS && field !== asTrans) return refuse(`${field} in one place and ${peerAS} in another`);
  if (peerAS === 0) return refuse("0");
  const right = expected === "external" ? peerAS !== myASN : peerAS === expected;
  return right ? undefined : refuse(String(peerAS));
}

function expectedText(expected: number | "external", myASN: number): string {
  return expected === "external" ? `any other than ${myASN}` : String(expected);
}

/** RFC 6286 §2.2. */
function identifierRefusal(open: OpenMessage, peerAS: number, config: SessionConfig, own: number): Refusal | undefined {
  const refuse = (reason: string) => refusal(errorCode.open, openSubcode.badIdentifier, `bad BGP identifier: ${reason}`);
  if (open.identifier === 0) return refuse("it is 0");
  if (open.identifier === own && peerAS === config.ownAS) return refuse("it is the same as ours, in the same AS: set routerID");
  return undefined;
}

function holdTimeRefusal({ holdTimeSeconds }: OpenMessage): Refusal | undefined {
  if (holdTimeSeconds === 0 || holdTimeSeconds >= 3) return undefined;
  return refusal(errorCode.open, openSubcode.holdTime, `unacceptable hold time of ${holdTimeSeconds} s`);
}

/** The data are the capabilities that were missed, as in an OPEN. RFC 5492 §5. */
function familyRefusal({ families }: SessionConfig): Refusal {
  const missed = families.flatMap((family) => [1, 4, 0, afi[family], 0, unicastSafi]);
  const reason = `unsupported capability: the peer does not speak ${families.join(" or ")} on this session`;
  return refusal(errorCode.open, openSubcode.unsupportedCapability, reason, Uint8Array.from(missed));
}

function agree(
  open: OpenMessage,
  config: SessionConfig,
  own: Pick<LinkFacts, "ownIdentifier" | "capabilities">,
  peerAS: number,
  families: readonly Family[],
): Negotiated {
  const said = own.capabilities === "all";
  const peerGracefulRestart = said ? gracefulRestartOf(open) : undefined;
  return {
    ownIdentifier: own.ownIdentifier,
    peerIdentifier: open.identifier,
    ownAS: config.ownAS,
    peerAS,
    internal: peerAS === config.ownAS,
    fourOctetAS: said && open.capabilities.some(({ type }) => type === "four-octet-as"),
    families,
    extendedNextHop: said && config.extendedNextHop && families.includes("IPv4") && takesExtendedNextHop(open),
    ...agreedTimers(open, config),
    ...(peerGracefulRestart !== undefined && { peerGracefulRestart }),
  };
}

/** RFC 4271 §4.4: a third of the hold time is usual, and more than one a second is not allowed. */
function agreedTimers(open: OpenMessage, config: SessionConfig): Pick<Negotiated, "holdTimeSeconds" | "keepaliveMs"> {
  const holdTimeSeconds = Math.min(open.holdTimeSeconds, config.holdTimeSeconds);
  if (holdTimeSeconds === 0) return { holdTimeSeconds, keepaliveMs: 0 };
  const third = (holdTimeSeconds * 1000) / 3;
  const wanted = holdTimeSeconds === config.holdTimeSeconds ? config.keepaliveMs : Math.min(config.keepaliveMs, third);
  return { holdTimeSeconds, keepaliveMs: Math.max(1000, wanted) };
}

/** The last one counts where there are several; without any it is the field's. */
function peerASOf(open: OpenMessage): number {
  let found = open.autonomousSystem;
  for (const capability of open.capabilities) if (capability.type === "four-octet-as") found = capability.autonomousSystem;
  return found;
}

/** A peer that names no families speaks IPv4, and so do we when we named none. RFC 4760 §8. */
function commonFamilies(open: OpenMessage, config: SessionConfig, own: "all" | "none"): readonly Family[] {
  const offered = open.capabilities.filter((capability) => capability.type === "multiprotocol");
  const bare = own === "none" || offered.length === 0;
  const theirs = bare ? ["IPv4"] : offered.map(unicastFamily);
  return config.families.filter((family) => theirs.includes(family));
}

function takesExtendedNextHop(open: OpenMessage): boolean {
  return open.capabilities.some(
    (capability) =>
      capability.type === "extended-next-hop" &&
      capability.routes.some((route) => unicastFamily(route) === "IPv4" && route.nextHopAfi === afi.IPv6),
  );
}

function gracefulRestartOf(open: OpenMessage): PeerGracefulRestart | undefined {
  const found = open.capabilities.findLast((capability) => capability.type === "graceful-restart");
  if (found === undefined) return undefined;
  const { restarting, notification, restartTimeSeconds: seconds, families } = found;
  const known = families.map(unicastFamily).filter((family) => family !== undefined);
  return { restarting, notification, restartTimeSeconds: seconds, families: [...new Set(known)] };
}
