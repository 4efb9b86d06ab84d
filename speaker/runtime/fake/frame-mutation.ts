import { captured } from "../../codec/fixture/captured-frames.ts";
import { pseudoHeaderChecksum } from "../../codec/ipv6.ts";
import { fromHex } from "../../codec/octets.ts";
import type { Chance } from "../../membership/simulation/chance.ts";

const originals: readonly Uint8Array[] = Object.values(captured);
/** Where fields of an ARP or NDP frame begin whose values decide. */
const fields = [0, 6, 12, 14, 16, 20, 21, 22, 28, 32, 38, 54, 55, 58, 62, 74, 78, 79, 80];
/** What stands in such fields, right or wrong. */
const values: readonly Uint8Array[] = [
  ...["ffffffffffff", "020000000001", "02000000000a", "3333ff000002", "0180c2000000", "000000000000"],
  ...["0001", "0002", "0000", "ffff", "87", "88", "ff", "40", "0101", "0100", "0201", "8100", "0806", "86dd"],
  ...["c0000202", "c0000203", "c0000209", "00000000", "ffffffff"],
  ...["20010db8000000000000000000000002", "20010db8000000000000000000000009", "00000000000000000000000000000000"],
  ...["fe800000000000000000000000000002", "ff02000000000000000000000001ff02", "ff020000000000000000000000000001"],
].map(fromHex);

/** A captured frame with one to four changes, which in three cases of four is framed and summed correctly again. */
export function mutatedFrame(chance: Chance): Buffer {
  const original = originals[chance.below(originals.length)] ?? new Uint8Array();
  let frame: Buffer = Buffer.from(original);
  for (let change = chance.below(4); change >= 0; change -= 1) frame = changed(frame, chance);
  return chance.below(4) === 0 ? frame : repaired(frame, original[12] === 0x08, chance);
}

function changed(frame: Buffer, chance: Chance): Buffer {
  switch (chance.below(8)) {
    case 0:
      return Buffer.from(frame.subarray(0, chance.below(frame.length + 1)));
    case 1:
      return Buffer.concat([frame, noise(chance.below(chance.below(10) === 0 ? 1500 : 40), chance)]);
    case 2:
    case 3:
      if (frame.length > 0) frame[chance.below(frame.length)] = chance.below(256);
      return frame;
    default: {
      const value = values[chance.below(values.length)] ?? new Uint8Array();
      const field = fields[chance.below(fields.length)] ?? 0;
      if (field + value.length <= frame.length) frame.set(value, field);
      return frame;
    }
  }
}

/** Again an ARP or NDP packet as far as lengths, constants and sums go; what it says stays as it is. */
function repaired(frame: Buffer, arp: boolean, chance: Chance): Buffer {
  if (arp) {
    const padded = frame.length < 42 ? Buffer.concat([frame, noise(42 - frame.length, chance)]) : frame;
    padded.set(fromHex("0806000108000604"), 12);
    return padded;
  }
  const padded = frame.length < 78 ? Buffer.concat([frame, noise(78 - frame.length, chance)]) : frame;
  padded.set(fromHex("86dd60000000"), 12);
  // Whole options only; what is left behind them is padding of the frame.
  const length = padded.length - 54 - ((padded.length - 54) % 8);
  padded.writeUInt16BE(length, 18);
  padded.set([58, 255], 20);
  if (padded[54] !== 136) padded[54] = 135;
  if (chance.below(8) > 0) padded[55] = 0;
  padded.writeUInt16BE(0, 56);
  const message = padded.subarray(54, 54 + length);
  padded.writeUInt16BE(pseudoHeaderChecksum(padded.subarray(22, 38), padded.subarray(38, 54), 58, message), 56);
  return padded;
}

function noise(length: number, chance: Chance): Buffer {
  return Buffer.from(Array.from({ length }, () => chance.below(256)));
}
