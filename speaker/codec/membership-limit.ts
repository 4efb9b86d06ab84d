/** Octets of a whole packet of the membership protocol: fits every link that Kubernetes runs on, tunnels included. */
export const maxPacketOctets = 1400;

/** Octets of a node's name, as Kubernetes limits it. RFC 1123 names are ASCII. */
export const maxNameOctets = 253;

/** Octets of a start id and of a nonce. Both are written as 32 lowercase hexadecimal digits. */
export const idOctets = 16;

/** Octets of the tag that seals a body. */
export const sealTagOctets = 16;

/** Version, sealing and length of the name, the name, start id and counter. */
export const maxHeaderOctets = 3 + maxNameOctets + idOctets + 8;

/** Octets left for the body of a packet whose sender has the longest name. */
export const maxBodyOctets = maxPacketOctets - maxHeaderOctets - sealTagOctets;

/** Octets of a node's facts that travel in one packet. */
export const factsPartOctets = 320;

/** Parts that a node's facts may have. */
export const maxFactsParts = 32;

/** Octets of a node's facts as a whole. */
export const maxFactsOctets = factsPartOctets * maxFactsParts;

/** Digests of a view's parts that a pull carries. A power of two. */
export const bucketCount = 32;

/** Addresses that one contest asks for: the answer fits a packet, whatever they are. */
export const maxContested = 24;
