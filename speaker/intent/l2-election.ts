/** SHA-256 of the text's UTF-8 octets: 32 octets. Given in, since hashing is the shell's. */
export type Sha256 = (text: string) => Uint8Array;

/** A node that may own the address. `score` is the sum of its preferred-node weights, 0 for none. */
export type Candidate = { readonly node: string; readonly score: number };

/** A candidate with its place in the order; `hash` decides between equal scores. */
export type Ranked = Candidate & { readonly hash: Uint8Array };

/**
 * The owner of an address: the highest score, then the smallest SHA-256 of `<node>#<ip>`, compared as octets. This is
 * MetalLB's order. It depends on nothing but its arguments, whatever their order, so all nodes elect alike.
 * @param ip canonical text of the Service's first address.
 * @returns undefined for no candidates.
 */
export function elect(candidates: Iterable<Candidate>, ip: string, sha256: Sha256): string | undefined {
  let best: Candidate[] = [];
  for (const candidate of candidates) {
    const lead = best[0];
    if (lead === undefined || candidate.score > lead.score) best = [candidate];
    else if (candidate.score === lead.score) best.push(candidate);
  }
  if (best.length < 2) return best[0]?.node;
  return rank(best, ip, sha256)[0]?.node;
}

/** All candidates, the owner first. */
export function rank(candidates: Iterable<Candidate>, ip: string, sha256: Sha256): readonly Ranked[] {
  const ranked = Array.from(candidates, (candidate) => ({ ...candidate, hash: sha256(`${candidate.node}#${ip}`) }));
  return ranked.sort((a, b) => b.score - a.score || compareOctets(a.hash, b.hash));
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
