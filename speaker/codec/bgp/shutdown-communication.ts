import { utf8 } from "../../../crds/utf8.ts";

/** Octets of text at most: their number is one octet. RFC 9003 §2. */
const maxTextOctets = 255;

/** Data of Cease 6/2 and 6/4: length(1), UTF-8. Text that does not fit is cut behind a whole character; none for empty text. */
export function shutdownData(text: string): Uint8Array {
  const octets: number[] = [];
  for (const character of text) {
    const more = utf8(character);
    if (octets.length + more.length > maxTextOctets) break;
    octets.push(...more);
  }
  return octets.length === 0 ? new Uint8Array() : new Uint8Array([octets.length, ...octets]);
}

/**
 * Inverse of {@link shutdownData} for a reader's eyes, total: one line. Control characters, line breaks and quotation marks are
 * blanks, as the text comes from outside; octets that are not UTF-8 are question marks; a length that is too large means the rest.
 */
export function shutdownText(data: Uint8Array): string {
  const text = textOf(data.subarray(1, 1 + (data[0] ?? 0)));
  return text.replace(/[\p{C}\p{Z}"]+/gu, " ").trim();
}

function textOf(octets: Uint8Array): string {
  try {
    return decodeURIComponent(Array.from(octets, (octet) => `%${octet.toString(16).padStart(2, "0")}`).join(""));
  } catch {
    return Array.from(octets, (octet) => (octet < 0x80 ? String.fromCharCode(octet) : "?")).join("");
  }
}
