import { heraldAnnotations } from "../../crds/types/well-known.ts";
import type { Lab } from "../lab/lab.ts";
import type { Pod } from "../lab/objects.ts";
import { heraldNamespace } from "../manifests.ts";

export type Program = "MetalLB" | "Herald";

/** A speaker's Pod on its node; milliseconds since the epoch, `to` absent while it is there. */
type Stay = { readonly node: string; readonly program: Program; readonly from: number; to?: number };

const path = `/api/v1/namespaces/${heraldNamespace}/pods?labelSelector=component%3Dspeaker`;

/** Whose speaker was on which node when, by the API's Pods. */
export class SpeakerRoster {
  readonly #stays = new Map<string, Stay>();
  readonly #stop = new AbortController();

  constructor(lab: Lab) {
    void lab.api.follow<Pod>(path, (pods) => this.#see(pods), this.#stop.signal);
  }

  close(): void {
    this.#stop.abort();
  }

  /** Undefined while there was none: one Pod comes when the other is gone. */
  programOn(node: string, at: number): Program | undefined {
    return [...this.#stays.values()].find((stay) => stay.node === node && stay.from <= at && at <= (stay.to ?? at))?.program;
  }

  #see(pods: ReadonlyMap<string, Pod>): void {
    for (const [uid, { metadata, spec }] of pods) {
      if (this.#stays.has(uid) || !spec.nodeName) continue;
      const program = metadata.annotations?.[heraldAnnotations.generation] === undefined ? "MetalLB" : "Herald";
      this.#stays.set(uid, { node: spec.nodeName, program, from: Date.now() });
    }
    for (const [uid, stay] of this.#stays) if (!pods.has(uid)) stay.to ??= Date.now();
  }
}
