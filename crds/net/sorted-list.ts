/** Binary search: the last of the ascending `items` whose key is at most `limit`. */
export function lastNotAbove<T>(items: readonly T[], limit: bigint, keyOf: (item: T) => bigint): T | undefined {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && keyOf(item) <= limit) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : items[low - 1];
}
