import { utf8Octets } from "../utf8.ts";
import type { Finding, ObjectRef } from "./finding.ts";
import { errorIn } from "./problem.ts";

/** Octets of a name of Linux, less the zero at its end. */
const longest = 15;

/** Warns of the first text that no network interface of Linux can be called, by the field that it stands in. */
export function interfaceNameFindings(
  ref: ObjectRef,
  named: readonly { readonly field: string; readonly text: string }[],
): readonly Finding[] {
  const bad = named.find(({ text }) => !canBeInterface(text));
  if (bad === undefined) return [];
  const what =
    `no network interface can be called ${JSON.stringify(bad.text.slice(0, 60))}: a name has 1 to ${longest} characters, and ` +
    "neither blanks nor / nor :";
  return [{ ...errorIn(ref, "InterfaceNameImpossible", bad.field, what), severity: "warning" }];
}

function canBeInterface(text: string): boolean {
  return text !== "." && text !== ".." && text.length <= longest && utf8Octets(text) <= longest && /^[^\s/:]+$/.test(text);
}
