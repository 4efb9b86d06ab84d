import { labelValue, listOf, mapOf, mapping, text, truth, type Values, wholeNumber, wholeSeconds } from "./legacy-field.ts";

const number32 = wholeNumber(4_294_967_295);

const nodeSelector = {
  "match-labels": mapOf(labelValue),
  "match-expressions": listOf(mapping({ key: text, operator: text, values: listOf(labelValue) })),
};

const peer = {
  "my-asn": number32,
  "peer-asn": number32,
  "peer-address": text,
  "source-address": text,
  "peer-port": wholeNumber(65_535),
  "hold-time": wholeSeconds,
  "keepalive-time": wholeSeconds,
  "router-id": text,
  "node-selectors": listOf(mapping(nodeSelector)),
  password: text,
  "bfd-profile": text,
  "ebgp-multihop": truth,
};

const bgpAdvertisement = {
  "aggregation-length": number32,
  "aggregation-length-v6": number32,
  localpref: number32,
  communities: listOf(text),
};

const pool = {
  name: text,
  protocol: text,
  addresses: listOf(text),
  "auto-assign": truth,
  "avoid-buggy-ips": truth,
  "bgp-advertisements": listOf(mapping(bgpAdvertisement)),
};

const bfdProfile = {
  name: text,
  "receive-interval": number32,
  "transmit-interval": number32,
  "detect-multiplier": number32,
  "echo-interval": number32,
  "echo-mode": truth,
  "passive-mode": truth,
  "minimum-ttl": number32,
};

export type LegacyNodeSelector = Values<typeof nodeSelector>;
export type LegacyPeer = Values<typeof peer>;
export type LegacyBGPAdvertisement = Values<typeof bgpAdvertisement>;
export type LegacyPool = Values<typeof pool>;
export type LegacyBFDProfile = Values<typeof bfdProfile>;

const configuration = {
  peers: listOf(mapping(peer)),
  "bgp-communities": mapOf(text),
  "address-pools": listOf(mapping(pool)),
  "bfd-profiles": listOf(mapping(bfdProfile)),
};

/** What MetalLB read from its ConfigMap before version 0.13. */
export type LegacyConfiguration = Values<typeof configuration>;

/** Reads a legacy configuration, whose scalars are text as it was written, and remarks what it does not know. Total. */
export const legacyConfiguration = mapping(configuration);
