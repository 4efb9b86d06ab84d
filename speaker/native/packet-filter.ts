import type { BpfInstruction } from "./libc.ts";
import type { TapProtocol } from "./ports.ts";
import { targetTree } from "./target-tree.ts";

/** Offset of the kernel's "an 802.1Q tag was stripped from this frame" flag: SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT. */
const VLAN_TAG_PRESENT = 0xfffff000 + 48;
/** SKF_AD_OFF + SKF_AD_PKTTYPE: PACKET_HOST 0, PACKET_BROADCAST 1, PACKET_MULTICAST 2, PACKET_OTHERHOST 3. */
const PACKET_TYPE = 0xfffff000 + 4;
const ETHERTYPE_OFFSET = 12;
const IPV6_NEXT_HEADER_OFFSET = 14 + 6;
const ICMPV6_TYPE_OFFSET = 14 + 40;
const ICMPV6 = 58;
const NEIGHBOUR_SOLICITATION = 135;
const NEIGHBOUR_ADVERTISEMENT = 136;
const ROUTER_SOLICITATION = 133;
const ROUTER_ADVERTISEMENT = 134;
const WHOLE_FRAME = 0x40000;

type Load = "word" | "half" | "byte";
const LOAD: { readonly [width in Load]: number } = { word: 0x20, half: 0x28, byte: 0x30 };
const JUMP = 0x05;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;

/** A test that a frame must pass: the value at `offset` is one of `values`. */
type Test = { readonly load: Load; readonly offset: number; readonly values: readonly number[] };

// A frame of a VLAN that this host does not have reaches the socket with its tag wiped off, marked as another host's.
const addressedToUs: Test = { load: "byte", offset: PACKET_TYPE, values: [0, 1, 2] };
const untagged: Test = { load: "word", offset: VLAN_TAG_PRESENT, values: [0] };
const icmpv6Of = (...types: readonly number[]): readonly Test[] => [
  addressedToUs,
  untagged,
  { load: "half", offset: ETHERTYPE_OFFSET, values: [0x86dd] },
  { load: "byte", offset: IPV6_NEXT_HEADER_OFFSET, values: [ICMPV6] },
  { load: "byte", offset: ICMPV6_TYPE_OFFSET, values: types },
];
const tests: { readonly [protocol in TapProtocol]: readonly Test[] } = {
  arp: [addressedToUs, untagged, { load: "half", offset: ETHERTYPE_OFFSET, values: [0x0806] }],
  ndp: icmpv6Of(NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT),
};

/** Where a question has its type, the value there, and the last four octets of the address that it asks for. */
const question: {
  readonly [protocol in TapProtocol]: {
    readonly load: Load;
    readonly type: number;
    readonly is: number;
    readonly target: number;
  };
} = {
  arp: { load: "half", type: 14 + 6, is: 1, target: 14 + 24 },
  ndp: { load: "byte", type: ICMPV6_TYPE_OFFSET, is: NEIGHBOUR_SOLICITATION, target: ICMPV6_TYPE_OFFSET + 8 + 12 },
};

/**
 * The kernel's filter for one tap: passes whole frames of the protocol to this host or to all, and none that carried an 802.1Q tag.
 * @param targets the last 32 bits of addresses: questions for any other may be dropped, and nearly all are. Undefined: every
 * question passes.
 */
export function packetFilter(protocol: TapProtocol, targets?: Uint32Array): readonly BpfInstruction[] {
  const program = testsOf(tests[protocol]);
  if (targets === undefined) return passingAll(program);
  const { load, type, is, target } = question[protocol];
  return [
    ...program,
    [JUMP, 0, 0, 1],
    [RETURN, 0, 0, 0],
    [LOAD[load], 0, 0, type],
    [JUMP_IF_EQUAL, 1, 0, is],
    [RETURN, 0, 0, WHOLE_FRAME],
    ...targetTree(targets, target, WHOLE_FRAME),
  ];
}

/** Passes whole frames of router discovery, under the conditions of {@link packetFilter}. */
export function routerFilter(): readonly BpfInstruction[] {
  return passingAll(testsOf(icmpv6Of(ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT)));
}

function passingAll(program: readonly BpfInstruction[]): readonly BpfInstruction[] {
  return [...program, [RETURN, 0, 0, WHOLE_FRAME], [RETURN, 0, 0, 0]];
}

/** Falls through when all tests are passed; otherwise goes to the second instruction after it. */
function testsOf(wanted: readonly Test[]): readonly BpfInstruction[] {
  const program: BpfInstruction[] = [];
  const length = wanted.reduce((sum, { values }) => sum + 1 + values.length, 0);
  for (const { load, offset, values } of wanted) {
    program.push([LOAD[load], 0, 0, offset]);
    for (const [i, value] of values.entries()) {
      const last = i === values.length - 1;
      const toNextTest = values.length - 1 - i;
      const toDrop = length + 1 - (program.length + 1);
      program.push([JUMP_IF_EQUAL, toNextTest, last ? toDrop : 0, value]);
    }
  }
  return program;
}
