import { parseDuration } from "../duration.ts";
import type { LegacyNodeSelector, LegacyPeer } from "./legacy-configuration.ts";
import { filled, type Making, make, nameFrom, notEmpty } from "./legacy-object.ts";
import { type LegacyRemark, legacyError } from "./legacy-remark.ts";

const defaultHoldTime = "1m30s";

/** One BGPPeer for each peer, called `peer1`, `peer2` and so on. */
export function peersFrom(peers: readonly LegacyPeer[], namespace: string): Making {
  const each = peers.map((peer, index) => peerFrom(peer, `peer${index + 1}`, namespace, `peers[${index}]`));
  return { made: each.flatMap(({ made }) => made), remarks: each.flatMap(({ remarks }) => remarks) };
}

function peerFrom(peer: LegacyPeer, name: string, namespace: string, path: string): Making {
  const profile = peer["bfd-profile"] === undefined ? undefined : nameFrom(peer["bfd-profile"], `${path}.bfd-profile`);
  const holdTime = peer["hold-time"] ?? defaultHoldTime;
  const spec = {
    myASN: peer["my-asn"],
    peerASN: peer["peer-asn"],
    peerAddress: peer["peer-address"],
    sourceAddress: peer["source-address"],
    peerPort: peer["peer-port"] || undefined,
    holdTime,
    keepaliveTime: peer["keepalive-time"],
    routerID: peer["router-id"],
    nodeSelectors: notEmpty(peer["node-selectors"])?.map(selectorFrom),
    password: peer.password,
    bfdProfile: profile?.name,
    ebgpMultiHop: peer["ebgp-multihop"] || undefined,
  };
  const remarks = [...(profile?.remarks ?? []), ...timerErrors(holdTime, peer["keepalive-time"], path)];
  return { made: [make("BGPPeer", name, namespace, spec, path)], remarks };
}

function selectorFrom(selector: LegacyNodeSelector): object {
  const labels = selector["match-labels"];
  return filled({
    matchLabels: labels === undefined ? undefined : Object.fromEntries(labels),
    matchExpressions: selector["match-expressions"]?.map(filled),
  });
}

/** RFC 4271 section 4.2: a hold time is 0, or 3 seconds and more. */
function timerErrors(holdTime: string, keepaliveTime: string | undefined, path: string): readonly LegacyRemark[] {
  const hold = parseDuration(holdTime) ?? 0n;
  const keepalive = parseDuration(keepaliveTime ?? "0s") ?? 0n;
  return [
    ...(hold !== 0n && hold < 3_000_000_000n
      ? [legacyError(`${path}.hold-time`, `${holdTime} is too short: write 3s or more, or 0s for a session that never expires`)]
      : []),
    ...(keepalive < 0n
      ? [legacyError(`${path}.keepalive-time`, `${keepaliveTime} is below zero: write a third of the hold time`)]
      : []),
  ];
}
