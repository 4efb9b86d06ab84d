import { CodecError } from "../error.ts";

/** What the NOTIFICATION says that answers the fault. RFC 4271 §4.5. */
export type NotificationReason = { readonly code: number; readonly subcode: number; readonly data: Uint8Array };

/** The peer's octets end the session: what is wrong in words, and what the NOTIFICATION must say. */
export class BgpError extends CodecError implements NotificationReason {
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;

  /** @param cause what was wrong where; its text becomes the message. */
  constructor(cause: CodecError, code: number, subcode: number, data: Uint8Array = new Uint8Array()) {
    super(cause.protocol, cause.field, cause.offset, cause.problem);
    this.name = "BgpError";
    this.code = code;
    this.subcode = subcode;
    this.data = data;
  }
}

/** What a total decoder of BGP gives: the value, or why the session must end. */
export type BgpDecoded<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: BgpError };

/**
 * Turns the error that `decode` throws into a value; any other error is a fault of ours and passes.
 * @param code and `subcode` say what a {@link CodecError} means that is no {@link BgpError}, such as octets that are missing.
 */
export function bgpDecoded<Value>(decode: () => Value, code: number, subcode: number): BgpDecoded<Value> {
  try {
    return { ok: true, value: decode() };
  } catch (error) {
    if (error instanceof BgpError) return { ok: false, error };
    if (error instanceof CodecError) return { ok: false, error: new BgpError(error, code, subcode) };
    throw error;
  }
}
