import type { BpfInstruction } from "./libc.ts";

/** Blocks that follow each other from `start` on, up to the next interval: the bits of each are the same. */
type Interval = { readonly start: number; readonly bits: number };

/**
 * More intervals would make a program that the kernel refuses: two programs must fit into net.core.optmem_max, which was 20 KiB
 * until lately, while one takes the other's place.
 */
const mostIntervals = 300;
/** Bits in a word, and their number's logarithm. */
const wordBits = 32;
const wordShift = 5;

const LOAD_WORD = 0x20;
const LOAD_CONSTANT = 0x00;
const AND_CONSTANT = 0x54;
const SHIFT_RIGHT = 0x74;
const SHIFT_RIGHT_BY_X = 0x7c;
const COPY_TO_X = 0x07;
const JUMP = 0x05;
const JUMP_IF_AT_LEAST = 0x35;
const JUMP_IF_ANY_BIT = 0x45;
const RETURN = 0x06;
/** Farthest that a conditional jump reaches. */
const conditionalReach = 255;
const drop: BpfInstruction = [RETURN, 0, 0, 0];

/**
 * Instructions that end a filter program: the frame passes if the 32 bits at `offset` are among the keys. The keys are cut into
 * blocks of 32 that follow each other; a tree of comparisons finds the block, a word tells which of its keys are there. Where there
 * would be too many blocks, a bit stands for 2, 4, 8 ... keys in a row: then some others pass, but never is a key dropped.
 * @param pass what the program returns for a frame that passes.
 */
export function targetTree(keys: Uint32Array, offset: number, pass: number): readonly BpfInstruction[] {
  const sorted = keys.slice().sort();
  let shift = 0;
  let intervals = intervalsOf(sorted, shift);
  while (intervals === undefined) {
    shift += 1;
    intervals = intervalsOf(sorted, shift);
  }
  const tree = subtree(intervals, 0, intervals.length);
  return [
    [LOAD_WORD, 0, 0, offset],
    [SHIFT_RIGHT, 0, 0, shift],
    [AND_CONSTANT, 0, 0, wordBits - 1],
    [COPY_TO_X, 0, 0, 0],
    [LOAD_WORD, 0, 0, offset],
    [SHIFT_RIGHT, 0, 0, shift + wordShift],
    ...tree.map(
      ([code, jt, jf, k], i): BpfInstruction => [code, jt, jf, code === JUMP && k === toTail ? tree.length - i - 1 : k],
    ),
    [SHIFT_RIGHT_BY_X, 0, 0, 0],
    [JUMP_IF_ANY_BIT, 0, 1, 1],
    [RETURN, 0, 0, pass],
    drop,
  ];
}

/** Stands for the distance to the end of the tree until that is known. */
const toTail = -1;

/** Undefined as soon as there are more than {@link mostIntervals}: to try is cheap. */
function intervalsOf(sorted: Uint32Array, shift: number): readonly Interval[] | undefined {
  const intervals: Interval[] = [{ start: 0, bits: 0 }];
  const add = (start: number, bits: number): void => {
    if (intervals[intervals.length - 1]?.start === start) intervals.pop();
    if (intervals[intervals.length - 1]?.bits !== bits) intervals.push({ start, bits });
  };
  const blockSize = wordBits * 2 ** shift;
  let at = 0;
  while (at < sorted.length) {
    const block = Math.floor((sorted[at] ?? 0) / blockSize);
    const end = (block + 1) * blockSize;
    let bits = 0;
    for (let key = sorted[at] ?? end; key < end; key = sorted[at] ?? end) {
      bits |= 1 << ((key >>> shift) & (wordBits - 1));
      at += 1;
    }
    add(block, bits >>> 0);
    add(block + 1, 0);
    if (intervals.length > mostIntervals) return undefined;
  }
  return intervals;
}

/** Compares A with the middle of the intervals, and so on, down to one. */
function subtree(intervals: readonly Interval[], from: number, to: number): readonly BpfInstruction[] {
  if (to - from === 1) return leaf(intervals[from]?.bits ?? 0);
  const middle = (from + to) >>> 1;
  const below = subtree(intervals, from, middle);
  const above = subtree(intervals, middle, to);
  const start = intervals[middle]?.start ?? 0;
  if (below.length <= conditionalReach) return [[JUMP_IF_AT_LEAST, below.length, 0, start], ...below, ...above];
  return [[JUMP_IF_AT_LEAST, 0, 1, start], [JUMP, 0, 0, below.length], ...below, ...above];
}

function leaf(bits: number): readonly BpfInstruction[] {
  if (bits === 0) return [drop];
  return [
    [LOAD_CONSTANT, 0, 0, bits],
    [JUMP, 0, 0, toTail],
  ];
}
