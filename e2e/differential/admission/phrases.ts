/** Phrases of refusals that scripts of MetalLB's users look for; a refusal of Herald's for the same reason has the same. */
export const phrases: readonly RegExp[] = [
  /overlaps with already defined CIDR/,
  /invalid aggregation length -?\d+: prefix \d+ in this pool is more specific than the aggregation length for addresses/,
  /serviceSelectors and aggregationLength are mutually exclusive/,
  /invalid BGPPeer address/,
  /peer \S* ?already exists/,
  /invalid community value: invalid section/,
  /expected community to be of format large/,
  /duplicate definition of community/,
  /failed to delete BFDProfile/,
  /resource must be created in metallb-system namespace/,
];

/** The phrases that one text has and another lacks. */
export function phrasesLost(from: string, to: string): readonly string[] {
  return phrases.filter((phrase) => phrase.test(from) && !phrase.test(to)).map(({ source }) => source);
}
