/** True when both hold the same octets. */
export function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && matchesAt(a, 0, b);
}

/** True when `expected` stands in `octets` at `offset`. False when it would reach over the end. */
export function matchesAt(octets: Uint8Array, offset: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i += 1) {
    if (octets[offset + i] !== expected[i]) return false;
  }
  return true;
}

/** Lowercase hexadecimal without separators. */
export function toHex(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += octet.toString(16).padStart(2, "0");
  return text;
}

/**
 * Inverse of {@link toHex}; blanks and line breaks between octets are skipped.
 * @throws {RangeError} when the text is not pairs of hexadecimal digits.
 */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new RangeError("not pairs of hexadecimal digits");
  const octets = new Uint8Array(digits.length / 2);
  for (let i = 0; i < octets.length; i += 1) octets[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return octets;
}

/** The 32-bit number at `offset`, network byte order, unsigned. Octets beyond the end count as zero. */
export function u32At(octets: Uint8Array, offset: number): number {
  return u16At(octets, offset) * 0x1_0000 + u16At(octets, offset + 2);
}

/** The 16-bit number at `offset`, network byte order. Octets beyond the end count as zero. */
export function u16At(octets: Uint8Array, offset: number): number {
  return (octets[offset] ?? 0) * 0x100 + (octets[offset + 1] ?? 0);
}
