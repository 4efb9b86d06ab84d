/** The length octet counts no more. RFC 9003 §2. */
const mostOctets = 255;

/** The data of Cease 6/2 and 6/4: one octet of length, then UTF-8. What does not fit is cut off between two characters. */
export function shutdownData(text: string): Uint8Array {
  const octets: number[] = [];
  for (const character of text.toWellFormed()) {
    const encoded = utf8Of(character);
    if (octets.length + encoded.length > mostOctets) break;
    octets.push(...encoded);
  }
  return octets.length === 0 ? new Uint8Array() : Uint8Array.of(octets.length, ...octets);
}

/**
 * What a peer said of its shutdown, whatever `data` is: one line without control characters and quotation marks; empty when it
 * said nothing. Octets that are no UTF-8 become question marks.
 */
export function shutdownText(data: Uint8Array): string {
  const octets = data.subarray(1, 1 + (data[0] ?? 0));
  return textOf(octets)
    .replace(/[\p{C}\p{Z}"]+/gu, " ")
    .trim();
}

function utf8Of(character: string): readonly number[] {
  const escaped = encodeURIComponent(character);
  if (!escaped.startsWith("%")) return [escaped.charCodeAt(0)];
  return escaped
    .slice(1)
    .split("%")
    .map((hex) => Number.parseInt(hex, 16));
}

function textOf(octets: Uint8Array): string {
  try {
    return decodeURIComponent(Array.from(octets, (octet) => `%${octet.toString(16).padStart(2, "0")}`).join(""));
  } catch {
    return String.fromCharCode(...Array.from(octets, (octet) => (octet < 0x80 ? octet : 0x3f)));
  }
}
