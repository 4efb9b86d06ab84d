import { equalOctets } from "../../codec/octets.ts";
import type { SpeakerPod } from "../../membership/event.ts";
import type { ToBeat } from "../threads/messages.ts";

/** What the beat has to know of the cluster and of this node. */
export type Known = {
  /** UID of the namespace kube-system; undefined: not read yet. */
  readonly cluster: string | undefined;
  readonly pods: readonly SpeakerPod[];
  /** Encoded. */
  readonly facts: Uint8Array;
  readonly willing: boolean;
};

/** Tells the beat what it has to know, each part when it is another than before. */
export class MembershipFeed {
  readonly #post: (message: ToBeat) => void;
  #told: Known = { cluster: undefined, pods: [], facts: new Uint8Array(), willing: true };

  constructor(post: (message: ToBeat) => void) {
    this.#post = post;
  }

  tell(known: Known): void {
    const before = this.#told;
    this.#told = known;
    if (known.willing !== before.willing) this.#post({ type: "willing", willing: known.willing });
    if (!equalOctets(known.facts, before.facts)) this.#post({ type: "facts", facts: known.facts });
    if (JSON.stringify(known.pods) !== JSON.stringify(before.pods)) this.#post({ type: "speakers", pods: known.pods });
    // Last, since the protocol begins with it: by then this node can say what it is.
    if (known.cluster !== undefined && before.cluster === undefined) this.#post({ type: "cluster", uid: known.cluster });
  }
}
