import type { BpfInstruction } from "../libc.ts";

/** Octets of the kernel's own, which programs read at offsets from here on: packet type, tag and so on. */
const ancillary = 0xfffff000;

/**
 * Runs a classic BPF program as the kernel does, as far as filters of taps use it.
 * @param kernel values at offsets from `SKF_AD_OFF` on; absent: 0.
 * @returns how many octets of the frame pass, and how many instructions that took.
 * @throws {RangeError} when the kernel would not have taken the program.
 */
export function runFilter(
  program: readonly BpfInstruction[],
  frame: Uint8Array,
  kernel: ReadonlyMap<number, number> = new Map(),
): { readonly octets: number; readonly steps: number } {
  let a = 0;
  let x = 0;
  let steps = 0;
  for (let at = 0; ; at += 1) {
    const instruction = program[at];
    if (instruction === undefined) throw new RangeError(`the program goes on at ${at} of ${program.length}`);
    steps += 1;
    const [code, jt, jf, k] = instruction;
    const jumpIf = (holds: boolean): void => {
      if (jt > 255 || jf > 255) throw new RangeError(`${at} jumps too far`);
      at += holds ? jt : jf;
    };
    if (code === 0x06) return { octets: k, steps };
    if (code === 0x20 || code === 0x28 || code === 0x30) {
      const value = load(frame, k, code === 0x20 ? 4 : code === 0x28 ? 2 : 1, kernel);
      if (value === undefined) return { octets: 0, steps };
      a = value;
    } else if (code === 0x00) a = k;
    else if (code === 0x54) a = (a & k) >>> 0;
    else if (code === 0x74) a = k > 31 ? 0 : a >>> k;
    else if (code === 0x7c) a = a >>> x;
    else if (code === 0x07) x = a;
    else if (code === 0x05) at += k;
    else if (code === 0x15) jumpIf(a === k);
    else if (code === 0x35) jumpIf(a >= k);
    else if (code === 0x45) jumpIf((a & k) !== 0);
    else throw new RangeError(`unknown instruction ${code.toString(16)}`);
  }
}

function load(frame: Uint8Array, offset: number, octets: number, kernel: ReadonlyMap<number, number>): number | undefined {
  if (offset >= ancillary) return kernel.get(offset - ancillary) ?? 0;
  if (offset + octets > frame.length) return undefined;
  let value = 0;
  for (let i = 0; i < octets; i += 1) value = value * 256 + (frame[offset + i] ?? 0);
  return value;
}
