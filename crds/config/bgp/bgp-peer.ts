import { convertBGPPeer } from "../../convert/bgp-peer.ts";
import { parseAddress } from "../../net/address.ts";
import { isBGPPeer, validateObject } from "../../schema.ts";
import { compileSelectors } from "../../selector.ts";
import type { BGPPeerSpec } from "../../types/bgp-peer.ts";
import type { Backend } from "../backend.ts";
import { type Draft, draftOf, shapeFindings } from "../draft.ts";
import type { Finding, FindingCode, ObjectRef } from "../finding.ts";
import { type Identity, identityOf, property, withoutStatus } from "../identity.ts";
import { interfaceNameFindings } from "../interface-name.ts";
import type { NodeSets } from "../node-sets.ts";
import { errorIn, schemaFindings, selectorFindings } from "../problem.ts";
import type { SecretFacts } from "../secrets.ts";
import { type Incumbents, incumbentKey } from "../seniority.ts";
import type { Peer, PeerEndpoint } from "../snapshot.ts";
import { nativePeerFindings } from "./native-limits.ts";
import { readPeerAnnotations } from "./peer-annotations.ts";
import { passwordTextFindings, readPassword } from "./peer-password.ts";
import { readConnectTime, readTimers } from "./peer-timers.ts";

/** One BGPPeer by itself, before it is compared with the others. */
export type PeerDraft = Draft<Peer>;

/** What a peer is read with. */
export type PeerSurroundings = {
  readonly nodes: NodeSets;
  /** Undefined: not known, and not looked at. */
  readonly secrets: ReadonlyMap<string, SecretFacts> | undefined;
  readonly backend: Backend;
  readonly incumbents: Incumbents;
};

const bgpPort = 179;

/** Reads one BGPPeer of either version, whatever `raw` is. */
export function draftPeer(raw: unknown, surroundings: PeerSurroundings): PeerDraft {
  const identity = identityOf("BGPPeer", raw);
  const { object, findings: ofConversion } = inStoredVersion(identity, withoutStatus(raw));
  if (ofConversion.length > 0) return { identity, meaning: undefined, findings: ofConversion };
  if (!isBGPPeer(object) || identity.name === "") {
    return { identity, meaning: undefined, findings: shapeFindings(identity, "v1beta2", object) };
  }
  return readPeer(identity, { myASN: 0, ...object.spec }, surroundings);
}

/** An object of v1beta1 as the API server would store it; any other as it is. */
function inStoredVersion(identity: Identity, raw: unknown): { readonly object: unknown; readonly findings: readonly Finding[] } {
  if (property(raw, "apiVersion") !== "metallb.io/v1beta1") return { object: raw, findings: [] };
  const broken = schemaFindings(identity.ref, validateObject("BGPPeer", "v1beta1", raw));
  if (broken.length > 0) return { object: undefined, findings: broken };
  const converted = convertBGPPeer({ ...(raw as object), kind: "BGPPeer" }, "v1beta2");
  if (!converted.ok)
    return { object: undefined, findings: [errorIn(identity.ref, "SchemaViolation", "object", converted.reason)] };
  return { object: converted.object, findings: [] };
}

function readPeer(identity: Identity, spec: BGPPeerSpec, surroundings: PeerSurroundings): PeerDraft {
  const { ref, name, generation } = identity;
  const { nodes, secrets, backend, incumbents } = surroundings;
  const selectors = compileSelectors(spec.nodeSelectors);
  const endpoint = readEndpoint(ref, spec);
  const source = readSourceAddress(ref, spec);
  const router = readRouterID(ref, spec);
  const timers = readTimers(ref, spec);
  const connect = readConnectTime(ref, spec.connectTime);
  const password = readPassword(ref, spec, secrets);
  const annotated = readPeerAnnotations(identity);
  const peer: Peer = {
    name,
    generation,
    nodes: nodes.matching(selectors.selectors).names,
    myASN: spec.myASN,
    remoteAS: spec.dynamicASN ?? spec.peerASN ?? 0,
    ...(spec.localASN !== undefined && { localASN: spec.localASN }),
    endpoint: endpoint.value,
    port: spec.peerPort ?? bgpPort,
    ...(source.value !== undefined && { sourceAddress: source.value }),
    ...(router.value !== undefined && { routerID: router.value }),
    ...(timers.timers !== undefined && { timers: timers.timers }),
    ...(connect.seconds !== undefined && { connectTimeSeconds: connect.seconds }),
    ...(password.password !== undefined && { password: password.password }),
    ...(spec.bfdProfile && { bfdProfile: spec.bfdProfile }),
    gracefulRestart: spec.enableGracefulRestart ?? false,
    ebgpMultiHop: spec.ebgpMultiHop ?? false,
    ...(spec.vrf && { vrf: spec.vrf }),
    dualStack: spec.dualStackAddressFamily ?? false,
    ...annotated.meaning,
    ...(password.notReady !== undefined && { notReady: password.notReady }),
  };
  const draft = draftOf(identity, peer, [
    ...asFindings(ref, spec),
    ...endpoint.findings,
    ...timers.findings,
    ...connect.findings,
    ...router.findings,
    ...source.findings,
    ...deviceFindings(ref, spec),
    ...passwordTextFindings(ref, spec),
    ...selectorFindings(ref, "spec.nodeSelectors", selectors.problems),
    ...annotated.findings,
    ...(backend === "native" ? nativePeerFindings(ref, spec, timers.keepaliveIsSet) : []),
  ]);
  const findings = [...draft.findings, ...password.findings];
  // A Secret that went bad ends no session: a peer that is in force is not ready, and stands.
  return incumbents.has(incumbentKey(ref.kind, name)) ? { ...draft, findings } : draftOf(identity, draft.meaning, findings);
}

function asFindings(ref: ObjectRef, { myASN, peerASN = 0, dynamicASN, ebgpMultiHop = false }: BGPPeerSpec): readonly Finding[] {
  const findings: Finding[] = [];
  const say = (code: FindingCode, field: string, what: string) => findings.push(errorIn(ref, code, `spec.${field}`, what));
  if (myASN === 0) say("MyASNInvalid", "myASN", "must not be 0: write the AS number of this cluster, 1 to 4294967295");
  if (peerASN === 0 && dynamicASN === undefined) {
    say(
      "RemoteASMissing",
      "peerASN",
      "neither peerASN nor dynamicASN is set: write the router's AS number, or internal or external",
    );
  }
  if (peerASN !== 0 && dynamicASN !== undefined) {
    say("RemoteASConflict", "dynamicASN", "peerASN and dynamicASN are both set: keep one of them");
  }
  if (ebgpMultiHop && peerASN !== 0 && peerASN === myASN) {
    say(
      "MultiHopInternal",
      "ebgpMultiHop",
      "is for external peers only, and peerASN equals myASN: remove it, or correct peerASN",
    );
  }
  return findings;
}

type Read<T> = { readonly value: T; readonly findings: readonly Finding[] };

function readEndpoint(ref: ObjectRef, spec: BGPPeerSpec): Read<PeerEndpoint> {
  const { peerAddress: text = "", interface: name = "" } = spec;
  const value: PeerEndpoint = { type: "interface", name };
  const refuse = (code: FindingCode, field: string, what: string) => ({ value, findings: [errorIn(ref, code, field, what)] });
  if (text === "" && name === "") {
    const what = "neither peerAddress nor interface is set: write the router's address, or the interface that it is behind";
    return refuse("EndpointMissing", "spec.peerAddress", what);
  }
  if (text !== "" && name !== "") {
    return refuse("EndpointConflict", "spec.interface", "peerAddress and interface are both set: keep one of them");
  }
  if (text === "") return { value, findings: [] };
  const address = parseAddress(text);
  if (address !== undefined) return { value: { type: "address", address }, findings: [] };
  const what = `invalid BGPPeer address ${JSON.stringify(text)}: write one IP address, such as 192.0.2.1 or 2001:db8::1`;
  return refuse("PeerAddressInvalid", "spec.peerAddress", what);
}

/** A VRF is an interface too. */
function deviceFindings(ref: ObjectRef, spec: BGPPeerSpec): readonly Finding[] {
  const named = (["interface", "vrf"] as const).map((key) => ({ field: `spec.${key}`, text: spec[key] ?? "" }));
  return interfaceNameFindings(
    ref,
    named.filter(({ text }) => text !== ""),
  );
}

function readSourceAddress(ref: ObjectRef, { sourceAddress: text = "" }: BGPPeerSpec): Read<Peer["sourceAddress"]> {
  const value = parseAddress(text);
  if (text === "" || value !== undefined) return { value, findings: [] };
  const what = `${JSON.stringify(text)} is not an IP address: write one that the node has, or leave it out`;
  return { value, findings: [errorIn(ref, "SourceAddressInvalid", "spec.sourceAddress", what)] };
}

/** RFC 6286: four octets, not all of them zero. MetalLB also takes an IPv6 address, which no OPEN message can carry. */
function readRouterID(ref: ObjectRef, { routerID: text = "" }: BGPPeerSpec): Read<number | undefined> {
  const address = parseAddress(text);
  if (text === "") return { value: undefined, findings: [] };
  if (address?.family === "IPv4" && address.bits !== 0n) return { value: Number(address.bits), findings: [] };
  const what = `${JSON.stringify(text)} is no router ID: write an IPv4 address other than 0.0.0.0, or leave it out`;
  return { value: undefined, findings: [errorIn(ref, "RouterIDInvalid", "spec.routerID", what)] };
}
