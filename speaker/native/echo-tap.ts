import { packetSocket } from "./af-packet.ts";
import { type BpfInstruction, linux } from "./libc.ts";
import { adoptSocket } from "./socket-adoption.ts";

/** Sends frames to a neighbour, and hears those that come back: UDP from and to the same own address. */
export interface EchoTap {
  /** @param frame a whole Ethernet frame. @returns false when the kernel refused it. */
  send(frame: Uint8Array): boolean;
  close(): void;
}

export type EchoTapOptions = {
  readonly interfaceIndex: number;
  /** Own address, 4 octets. */
  readonly local: Uint8Array;
  readonly port: number;
  /** The octets are the callee's own. */
  readonly onFrame: (frame: Uint8Array) => void;
  /** The tap is dead and has closed itself. */
  readonly onClosed: (reason: string) => void;
};

const maxFrameOctets = 2048;
const ethernet = 14;
const load = { word: 0x20, half: 0x28, byte: 0x30 } as const;
const LOAD_INDEX_OF_HEADER_LENGTH = 0xb1;
const LOAD_HALF_AT_INDEX = 0x48;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_ANY_BIT = 0x45;
const RETURN = 0x06;
/** SKF_AD_OFF + SKF_AD_PKTTYPE; 0: PACKET_HOST. */
const PACKET_TYPE = 0xfffff000 + 4;
const UDP = 17;

/**
 * An ordinary socket hears none of these: the kernel drops packets from outside that claim to be from an own address.
 * Needs CAP_NET_RAW. @throws {SystemError}
 */
export function openEchoTap({ interfaceIndex, local, port, onFrame, onClosed }: EchoTapOptions): EchoTap {
  const fd = packetSocket(interfaceIndex, linux.ETH_P_IP, echoFilter(local, port));
  const socket = adoptSocket(fd, maxFrameOctets, { onOctets: onFrame, onFailed: onClosed });
  return { send: (frame) => socket.send(frame) === undefined, close: () => socket.close() };
}

/** Passes whole UDP packets to that port between that address and itself. */
export function echoFilter(local: Uint8Array, port: number): readonly BpfInstruction[] {
  const own = new DataView(local.buffer, local.byteOffset, 4).getUint32(0);
  const tests: readonly (readonly [BpfInstruction, BpfInstruction])[] = [
    equals(load.byte, PACKET_TYPE, 0),
    equals(load.byte, ethernet + 9, UDP),
    equals(load.word, ethernet + 12, own),
    equals(load.word, ethernet + 16, own),
  ];
  const program: BpfInstruction[] = [];
  // Behind the tests follow two instructions on fragments, three on the port, and the two ends.
  const toDrop = (at: number): number => tests.length * 2 + 6 - at - 1;
  for (const [first, [code, jt, , value]] of tests) {
    program.push(first);
    program.push([code, jt, toDrop(program.length), value]);
  }
  program.push([load.half, 0, 0, ethernet + 6]);
  program.push([JUMP_IF_ANY_BIT, toDrop(program.length), 0, 0x3fff]);
  program.push([LOAD_INDEX_OF_HEADER_LENGTH, 0, 0, ethernet], [LOAD_HALF_AT_INDEX, 0, 0, ethernet + 2]);
  program.push([JUMP_IF_EQUAL, 0, 1, port], [RETURN, 0, 0, maxFrameOctets], [RETURN, 0, 0, 0]);
  return program;
}

function equals(code: number, offset: number, value: number): readonly [BpfInstruction, BpfInstruction] {
  return [
    [code, 0, 0, offset],
    [JUMP_IF_EQUAL, 0, 0, value],
  ];
}
