import { Reader, Writer } from "./cursor.ts";

/** Octets of an echo packet of ours. */
export const bfdEchoLength = 16;

/** Version 1 in the place where a control packet has its own. */
const firstOctet = 0x20;

/**
 * What an echo packet of ours carries. Its format is the sender's own affair, RFC 5880 §5; whoever may read it on the way finds the
 * version, the length and the discriminator where FRR has them.
 */
export type BfdEcho = {
  readonly discriminator: number;
  /** Counts up, modulo 2^32. */
  readonly sequence: number;
  /** Known to the session alone, so that nobody who does not see the packets can make one up. */
  readonly secret: number;
};

export function encodeBfdEcho({ discriminator, sequence, secret }: BfdEcho): Uint8Array {
  return new Writer(bfdEchoLength)
    .u8(firstOctet)
    .u8(bfdEchoLength)
    .zeros(2)
    .u32(discriminator)
    .u32(sequence)
    .u32(secret)
    .finish();
}

/** Inverse of {@link encodeBfdEcho}. @throws {CodecError} when it is none of ours. */
export function decodeBfdEcho(octets: Uint8Array): BfdEcho {
  const r = new Reader(octets, "BFD echo");
  const version = r.u8("version");
  if (version !== firstOctet) throw r.error("version", `is ${version}, not ${firstOctet}`, 1);
  const length = r.u8("length");
  if (length !== bfdEchoLength) throw r.error("length", `is ${length}, not ${bfdEchoLength}`, 1);
  r.skip(2, "reserved");
  return { discriminator: r.u32("discriminator"), sequence: r.u32("sequence"), secret: r.u32("secret") };
}
