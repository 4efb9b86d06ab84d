/** What users wrote may be of any length; a message has 1,024 octets. */
const longest = 100;
const most = 5;

/** A user's text in quotes, cut where it is long. */
export function quote(text: string): string {
  return JSON.stringify(cut(text, longest));
}

/** Texts as Go prints a list of strings with %q; of a long list the beginning. */
export function quoteAll(texts: readonly string[]): string {
  return `[${texts.slice(0, most).map(quote).join(" ")}${texts.length > most ? " …" : ""}]`;
}

/** At most `length` characters; what is left out shows as an ellipsis. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
