import type { Family } from "../../crds/net/address.ts";
import type { BpfInstruction } from "./libc.ts";

/** Offsets from here on count from the network header: SKF_NET_OFF. */
const NETWORK_HEADER = 0xfff00000;
const LOAD_WORD = 0x20;
const LOAD_BYTE = 0x30;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_NOT_LESS = 0x35;
const RETURN = 0x06;
const WHOLE_PACKET = 0x40000;
const header: { readonly [family in Family]: { readonly hopLimit: number; readonly source: number } } = {
  IPv4: { hopLimit: 8, source: 12 },
  IPv6: { hopLimit: 7, source: 8 },
};

/** Packets from this address need at least so many hops left. */
export type SourceLimit = { readonly source: Uint8Array; readonly atLeast: number };

/**
 * A filter for UDP sockets: IP_MINTTL and IPV6_MINHOPCOUNT, which are for TCP, do not drop datagrams.
 * @param atLeast hops that every packet must have left.
 * @param limits sources of which more is wanted; the kernel takes about 370 of them: 4,096 instructions, and one on IPv6 takes eleven.
 */
export function hopLimitFilter(family: Family, atLeast: number, limits: readonly SourceLimit[] = []): readonly BpfInstruction[] {
  return [...enough(family, atLeast), ...limits.flatMap((limit) => sourceLimit(family, limit)), [RETURN, 0, 0, WHOLE_PACKET]];
}

/** Goes on behind when enough are left, and drops otherwise. */
function enough(family: Family, atLeast: number): readonly BpfInstruction[] {
  return [
    [LOAD_BYTE, 0, 0, NETWORK_HEADER + header[family].hopLimit],
    [JUMP_IF_NOT_LESS, 1, 0, atLeast],
    [RETURN, 0, 0, 0],
  ];
}

/** Does nothing about packets of other sources. */
function sourceLimit(family: Family, { source, atLeast }: SourceLimit): readonly BpfInstruction[] {
  const words = source.length / 4;
  const test = enough(family, atLeast);
  const view = new DataView(source.buffer, source.byteOffset, source.length);
  const match = Array.from({ length: words }, (_, i): readonly BpfInstruction[] => {
    const behind = (words - 1 - i) * 2 + test.length;
    return [
      [LOAD_WORD, 0, 0, NETWORK_HEADER + header[family].source + 4 * i],
      [JUMP_IF_EQUAL, 0, behind, view.getUint32(4 * i)],
    ];
  });
  return [...match.flat(), ...test];
}
