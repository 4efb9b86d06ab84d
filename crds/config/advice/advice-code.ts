/** What is legal, and surely not meant; one code per rule of this folder. */
export type AdviceCode =
  | "PoolNotAdvertised"
  | "AdvertisementWithoutPool"
  | "AdvertisementWithoutNode"
  | "AdvertisementWithoutPeer"
  | "NodeAddressInPool"
  | "LocalPrefWithoutEffect"
  | "SourceAddressNotHeld"
  | "RouterIDShared"
  | "PeerUnreachable"
  | "PeerWithoutNode";
