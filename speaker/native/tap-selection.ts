import type { TapFactory } from "./ports.ts";

/** A back end that may or may not work on this machine. */
export type TapCandidate = {
  readonly name: TapFactory["name"];
  /** @throws Error that says why it cannot be used here. */
  readonly load: () => Promise<TapFactory>;
};

export type TapChoice = {
  readonly taps: TapFactory;
  /** The candidates before it and why they cannot be used. */
  readonly passedOver: readonly { readonly name: TapFactory["name"]; readonly reason: string }[];
};

/**
 * In the order in which they are tried. docs/decisions/0003-frame-tap.md has the figures: libpcap keeps the descriptors
 * of a closed capture until another frame comes by, so it is the second choice.
 */
export const tapCandidates: readonly TapCandidate[] = [
  { name: "af-packet", load: async () => (await import("./af-packet.ts")).afPacketTaps },
  { name: "node-pcap", load: async () => (await import("./pcap.ts")).loadPcapTaps() },
];

/**
 * The first candidate that can be loaded and can open what the trial opens.
 * @param trial opens and closes a tap; throws when that is not possible.
 * @throws Error naming every candidate and its failure when none works.
 */
export async function selectTaps(candidates: readonly TapCandidate[], trial: (taps: TapFactory) => void): Promise<TapChoice> {
  const passedOver: { name: TapFactory["name"]; reason: string }[] = [];
  for (const { name, load } of candidates) {
    try {
      const taps = await load();
      trial(taps);
      return { taps, passedOver };
    } catch (error) {
      passedOver.push({ name, reason: reasonOf(error) });
    }
  }
  const reasons = passedOver.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  throw new Error(`no way to send and receive ARP and NDP frames on this machine: ${reasons}`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
}
