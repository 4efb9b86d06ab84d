/** Length of a text in UTF-8; half a surrogate pair counts as the replacement character. */
export function utf8Octets(text: string): number {
  let octets = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    octets += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return octets;
}

/** A text in UTF-8; half a surrogate pair becomes the replacement character. */
export function utf8(text: string): readonly number[] {
  const octets: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    octets.push(...encoded(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point));
  }
  return octets;
}

/** RFC 3629 §3. */
function encoded(point: number): readonly number[] {
  const tail = (shift: number): number => 0x80 | ((point >> shift) & 0x3f);
  if (point < 0x80) return [point];
  if (point < 0x800) return [0xc0 | (point >> 6), tail(0)];
  if (point < 0x1_0000) return [0xe0 | (point >> 12), tail(6), tail(0)];
  return [0xf0 | (point >> 18), tail(12), tail(6), tail(0)];
}
