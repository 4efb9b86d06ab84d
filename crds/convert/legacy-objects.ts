import type { LegacyBFDProfile, LegacyConfiguration } from "./legacy-configuration.ts";
import { type Making, make, nameFrom } from "./legacy-object.ts";
import { peersFrom } from "./legacy-peer.ts";
import { poolsFrom } from "./legacy-pool.ts";

/** The objects that a legacy configuration comes to: peers, pools, BGP and L2 advertisements, BFD profiles, communities. */
export function objectsFrom(legacy: LegacyConfiguration, namespace: string): Making {
  const peers = peersFrom(legacy.peers ?? [], namespace);
  const pools = poolsFrom(legacy["address-pools"] ?? [], namespace);
  const profiles = (legacy["bfd-profiles"] ?? []).map((each, index) => profileFrom(each, `bfd-profiles[${index}]`, namespace));
  const communities = communityFrom(legacy["bgp-communities"] ?? [], namespace);
  const made = [peers.made, pools.pools, pools.bgp, pools.l2, profiles.flatMap((each) => each.made), communities.made];
  const remarks = [peers.remarks, pools.remarks, profiles.flatMap((each) => each.remarks), communities.remarks];
  return { made: made.flat(), remarks: remarks.flat() };
}

function profileFrom(profile: LegacyBFDProfile, path: string, namespace: string): Making {
  const { name, remarks } = nameFrom(profile.name, `${path}.name`);
  if (name === undefined) return { made: [], remarks };
  const spec = {
    receiveInterval: profile["receive-interval"],
    transmitInterval: profile["transmit-interval"],
    detectMultiplier: profile["detect-multiplier"],
    echoInterval: profile["echo-interval"],
    echoMode: profile["echo-mode"] ?? false,
    passiveMode: profile["passive-mode"] ?? false,
    minimumTtl: profile["minimum-ttl"],
  };
  return { made: [make("BFDProfile", name, namespace, spec, path)], remarks };
}

/** All aliases are in one object; none: no object. */
function communityFrom(aliases: readonly (readonly [name: string, value: string])[], namespace: string): Making {
  if (aliases.length === 0) return { made: [], remarks: [] };
  const communities = aliases.map(([name, value]) => ({ name, value }));
  return { made: [make("Community", "communities", namespace, { communities }, "bgp-communities")], remarks: [] };
}
