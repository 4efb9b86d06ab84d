/** `count` of the items, or all when there are fewer; the same for the same seed, in the items' order. */
export function sample<T>(items: readonly T[], count: number, seed: number): readonly T[] {
  const random = generator(seed);
  const drawn = items.map((item, index) => ({ item, index, lot: random() })).sort((a, b) => a.lot - b.lot);
  return drawn
    .slice(0, count)
    .sort((a, b) => a.index - b.index)
    .map(({ item }) => item);
}

/** The 32-bit linear congruential generator of Numerical Recipes, its high bits: good enough to draw lots. */
function generator(seed: number): () => number {
  let state = BigInt.asUintN(32, BigInt(seed) * 2_654_435_761n + 1n);
  return () => {
    for (let turn = 0; turn < 2; turn++) state = BigInt.asUintN(32, state * 1_664_525n + 1_013_904_223n);
    return Number(state >> 8n);
  };
}
