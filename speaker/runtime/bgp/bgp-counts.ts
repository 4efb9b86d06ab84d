import type { BgpMessage } from "../../codec/bgp/message.ts";

/** Messages of one session since it was configured, by type. */
export type MessageCounts = { readonly [type in BgpMessage["type"]]: number };

export type BgpCounts = {
  readonly sent: MessageCounts;
  readonly received: MessageCounts;
};

/** Counts the messages of one session. */
export class BgpCounter {
  readonly #sent = noMessages();
  readonly #received = noMessages();

  sent(type: BgpMessage["type"]): void {
    this.#sent[type] += 1;
  }

  received(type: BgpMessage["type"]): void {
    this.#received[type] += 1;
  }

  get counts(): BgpCounts {
    return { sent: { ...this.#sent }, received: { ...this.#received } };
  }
}

function noMessages(): { [type in BgpMessage["type"]]: number } {
  return { open: 0, update: 0, notification: 0, keepalive: 0, "route-refresh": 0 };
}
