import { utf8Octets } from "../../crds/utf8.ts";

/** Octets of one warning, and of all together: the API server cuts what goes beyond 256 and 4096. */
const warningOctets = 255;
const warningsOctets = 4_000;

/** A denial is read by people: so many reasons, each so long, are more than enough to mend an object by. */
const reasonOctets = 2_000;
const reasonsOctets = 32_000;

/**
 * Warnings as they can travel in HTTP headers (RFC 9110 §5.5): on one line each, without control characters, none twice, none
 * too long. What does not fit is counted in a last one.
 */
export function fittingWarnings(texts: readonly string[]): readonly string[] {
  const lines = texts.map((text) => text.replaceAll(/\s*\n\s*/g, "; ").replaceAll(/\p{Cc}/gu, " "));
  return fitting([...new Set(lines)], warningOctets, warningsOctets, "warnings");
}

/** Reasons of a denial, as many as fit; the others are counted in a last one. */
export function fittingReasons(texts: readonly string[]): readonly string[] {
  return fitting(texts, reasonOctets, reasonsOctets, "reasons");
}

function fitting(texts: readonly string[], each: number, all: number, what: string): readonly string[] {
  const kept: string[] = [];
  let left = all;
  for (const text of texts) {
    const short = cut(text, each);
    left -= utf8Octets(short);
    if (left < 0) return [...kept, `and ${texts.length - kept.length} more ${what}`];
    kept.push(short);
  }
  return kept;
}

function cut(text: string, limit: number): string {
  if (text.length * 3 <= limit || utf8Octets(text) <= limit) return text;
  const ellipsis = "…";
  let kept = "";
  let left = limit - utf8Octets(ellipsis);
  for (const character of text) {
    left -= utf8Octets(character);
    if (left < 0) break;
    kept += character;
  }
  return kept + ellipsis;
}
