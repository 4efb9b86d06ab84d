/** Values that keep the schema at its very edge, and that a webhook refuses for what they mean, with its words. */
export const admittedLater: { readonly [limit: string]: RegExp | undefined } = {
  "BGPPeer v1beta1 spec.myASN has minimum 0": /myASN/,
  "BGPPeer v1beta1 spec.peerASN has minimum 0": /peerASN/,
  "BGPPeer v1beta2 spec.myASN has minimum 0": /myASN/,
  "BGPPeer v1beta2 spec.peerASN has minimum 0": /peerASN/,
  "BGPAdvertisement v1beta1 spec.aggregationLength has format int32": /invalid aggregation length 2147483647/,
  "BGPAdvertisement v1beta1 spec.aggregationLengthV6 has format int32": /invalid aggregation length 2147483647/,
};
