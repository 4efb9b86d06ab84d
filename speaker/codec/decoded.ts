import { CodecError } from "./error.ts";

/** What a total decoder gives: the value, or what is wrong with the octets. */
export type Decoded<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: CodecError };

/** Turns the error that `decode` throws into a value; any other error is a fault of ours and passes. */
export function decoded<Value>(decode: () => Value): Decoded<Value> {
  try {
    return { ok: true, value: decode() };
  } catch (error) {
    if (error instanceof CodecError) return { ok: false, error };
    throw error;
  }
}
