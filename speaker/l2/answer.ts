import type { AnnouncedAddress } from "./announcement-table.ts";

/** Why a frame gets no answer. */
export type IgnoreReason =
  | "tagged"
  | "other-protocol"
  | "malformed"
  | "own-frame"
  | "other-destination"
  | "not-a-question"
  | "not-announced"
  | "not-on-this-interface"
  | "no-link-local";

export type Ignored = { readonly type: "ignored"; readonly reason: IgnoreReason };

/** Another machine claims an address of ours. The frame is a hint: anybody can send it. */
export type Rival = {
  readonly address: AnnouncedAddress;
  /** Hardware address that the frame claims for it. */
  readonly mac: Uint8Array;
  readonly form: "arp-reply" | "gratuitous-arp" | "neighbor-advertisement";
};

/** What a frame calls for. At least one of `reply` and `rival` is there. */
export type Answered = {
  readonly type: "answered";
  readonly address: AnnouncedAddress;
  /** A whole Ethernet frame to send on the same link. */
  readonly reply: Uint8Array | undefined;
  readonly rival: Rival | undefined;
};

export type Answer = Ignored | Answered;

/** One value for each reason: a frame that is not ours costs no allocation. */
export const ignored: { readonly [reason in IgnoreReason]: Ignored } = {
  tagged: { type: "ignored", reason: "tagged" },
  "other-protocol": { type: "ignored", reason: "other-protocol" },
  malformed: { type: "ignored", reason: "malformed" },
  "own-frame": { type: "ignored", reason: "own-frame" },
  "other-destination": { type: "ignored", reason: "other-destination" },
  "not-a-question": { type: "ignored", reason: "not-a-question" },
  "not-announced": { type: "ignored", reason: "not-announced" },
  "not-on-this-interface": { type: "ignored", reason: "not-on-this-interface" },
  "no-link-local": { type: "ignored", reason: "no-link-local" },
};
