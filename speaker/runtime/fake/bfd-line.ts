import type { BfdNotice, BfdReport } from "../bfd/bfd-report.ts";

/** What the process says; `at` is milliseconds of the machine's monotonic clock. */
export type BfdLine = { readonly at: number } & (BfdNotice | BfdReport);

/** JSON in one line, with the bits of addresses as text. */
export function encodeLine(value: unknown): string {
  return JSON.stringify(value, (_, field) => (typeof field === "bigint" ? { bigint: String(field) } : field));
}

/** Inverse of {@link encodeLine}, for lines of our own process. */
export function decodeLine<Value>(line: string): Value {
  return JSON.parse(line, (_, field) => (typeof field?.bigint === "string" ? BigInt(field.bigint) : field));
}
