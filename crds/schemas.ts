import { bfdProfileSchemas } from "./generated/bfd-profile.ts";
import { bgpAdvertisementSchemas } from "./generated/bgp-advertisement.ts";
import { bgpPeerSchemas } from "./generated/bgp-peer.ts";
import { communitySchemas } from "./generated/community.ts";
import { configurationStateSchemas } from "./generated/configuration-state.ts";
import { ipAddressPoolSchemas } from "./generated/ip-address-pool.ts";
import { l2AdvertisementSchemas } from "./generated/l2-advertisement.ts";
import { serviceBGPStatusSchemas } from "./generated/service-bgp-status.ts";
import { serviceL2StatusSchemas } from "./generated/service-l2-status.ts";

/** The schemas of the nine kinds, by kind and version. */
export const schemas: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  IPAddressPool: ipAddressPoolSchemas,
  L2Advertisement: l2AdvertisementSchemas,
  BGPAdvertisement: bgpAdvertisementSchemas,
  BGPPeer: bgpPeerSchemas,
  BFDProfile: bfdProfileSchemas,
  Community: communitySchemas,
  ServiceL2Status: serviceL2StatusSchemas,
  ServiceBGPStatus: serviceBGPStatusSchemas,
  ConfigurationState: configurationStateSchemas,
};
