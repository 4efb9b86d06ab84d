import type { Stand } from "../../codec/membership-stand.ts";
import type { Conflict } from "./conflict.ts";
import type { Sighting } from "./sighting.ts";

export type RivalEvent =
  /** The time that `nextAt` gave has come, or the members changed. */
  | { readonly type: "tick" }
  /** Frames of others that claim addresses of this node. */
  | { readonly type: "sighted"; readonly sightings: readonly Sighting[] }
  /** Who answered a probe for an address that this node is about to announce for the first time. */
  | { readonly type: "probed"; readonly sightings: readonly Sighting[] }
  /** A member asks; `standing`: it stands for the addresses itself. */
  | {
      readonly type: "contested";
      readonly by: string;
      readonly nonce: string;
      readonly addresses: readonly string[];
      readonly standing: boolean;
    }
  /** A member's fresh answer. */
  | { readonly type: "stood"; readonly by: string; readonly stands: readonly Stand[]; readonly denied: readonly string[] };

export type RivalEffect =
  /** Ask the member whether it stands for the addresses. `standing`: this node does. */
  | { readonly type: "ask"; readonly member: string; readonly addresses: readonly string[]; readonly standing: boolean }
  /** Answer to `contested`. */
  | {
      readonly type: "answer";
      readonly to: string;
      readonly nonce: string;
      readonly stands: readonly Stand[];
      readonly denied: readonly string[];
    }
  /** `withheld` gives something else for the address than before. */
  | { readonly type: "withheld-changed"; readonly ip: string }
  /** A member stands for the address, too. `kept`: this node remains its owner. */
  | { readonly type: "settled"; readonly ip: string; readonly node: string; readonly kept: boolean }
  /** One announcement against a rival. */
  | { readonly type: "defend"; readonly ip: string }
  /** Look who answers for the address; answers come back as sightings. */
  | { readonly type: "probe"; readonly ip: string }
  /** `told`: it is worth an event and a log line; beyond a number of them a minute it is not. */
  | { readonly type: "began"; readonly conflict: Conflict; readonly told: boolean }
  /** `released`: this node does not announce the address any more; whether the conflict goes on is not known. */
  | { readonly type: "ended"; readonly conflict: Conflict; readonly told: boolean; readonly released: boolean }
  /** One machine claims so many addresses of this node: no more of its conflicts are told of. */
  | { readonly type: "claims-many"; readonly mac: string; readonly addresses: number };
