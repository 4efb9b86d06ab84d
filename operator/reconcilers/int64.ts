declare global {
  interface JSON {
    /** ECMAScript: a value that `stringify` writes as this text. The compiler's library does not know it yet. */
    rawJSON(text: string): object;
  }
}

/** A value that `JSON.stringify` writes as exactly this integer, beyond 2^53 too. */
export function int64(value: bigint): number | object {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : JSON.rawJSON(value.toString());
}
