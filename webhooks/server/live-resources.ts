import type { Lists } from "../../crds/config/advise.ts";
import { outlineOfNode } from "../../crds/config/outline.ts";
import { configurationTypes, emptyResources, type Resources } from "../../crds/config/resources.ts";
import { outlineOfSecret, passwordSecrets } from "../../crds/config/secrets.ts";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { KubeApi } from "../../operator/framework/api/kube-api.ts";
import type { KubeObject } from "../../operator/framework/api/kube-object.ts";
import type { Clock } from "../../operator/framework/clock.ts";
import { ExpiringCache } from "../../operator/framework/expiring-cache.ts";
import { pause } from "../../operator/framework/pause.ts";
import type { AdmittedKind } from "../admission/placement.ts";

export type LiveOptions = {
  readonly api: KubeApi;
  /** The only one whose objects count. */
  readonly namespace: string;
  readonly clock: Clock;
};

/** What the API server holds. */
export type Sight = {
  readonly stored: Resources;
  readonly known: Lists;
  /** The lists that were left out because they could not be read in time. */
  readonly unread: readonly Part[];
};

const types = {
  ...configurationTypes,
  nodes: resourceTypes.nodes,
  secrets: resourceTypes.secrets,
} as const;

export type Part = keyof typeof types;

const parts = Object.keys(types) as readonly Part[];

/** What a write of each kind is compared with. The other lists serve for warnings alone. */
const comparedWith: { readonly [kind in AdmittedKind]: readonly Part[] } = {
  IPAddressPool: ["pools"],
  L2Advertisement: ["l2Advertisements", "pools"],
  BGPAdvertisement: ["bgpAdvertisements", "pools", "nodes"],
  BGPPeer: ["bgpPeers", "nodes"],
  BFDProfile: ["bgpPeers"],
  Community: ["communities"],
};

/** Of what serves for warnings alone: who needs it. All kinds need the others. */
const helpsOnly: { readonly [part in Part]?: AdmittedKind } = { secrets: "BGPPeer" };

/** How long a warning may keep its author waiting. */
const patienceMs = 1_500;
/** Nodes are many and large, and for a warning it does not matter if one came a moment ago. */
const nodesHoldMs = 10_000;

/** Reads from the API server what admission needs: never from a cache what a write is compared with. */
export class LiveResources {
  readonly #options: LiveOptions;
  readonly #nodes: ExpiringCache<readonly unknown[]>;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#nodes = new ExpiringCache(options.clock, 1);
  }

  /**
   * The lists that a write of `kind` is compared with, and as many of the others as come in good time.
   * @throws when one of the first cannot be read.
   */
  async read(kind: AdmittedKind): Promise<Sight> {
    const { clock } = this.#options;
    const needed = comparedWith[kind];
    const helpful = parts.filter((part) => !needed.includes(part) && (helpsOnly[part] ?? kind) === kind);
    const found = new Map<Part, readonly unknown[]>();
    const enough = new AbortController();
    const patience = pause(clock, patienceMs, enough.signal);
    const helping = helpful.map(async (part) => found.set(part, await this.#helpful(part)));
    const lists = await Promise.all(needed.map(async (part) => [part, await this.#list(part)] as const));
    await Promise.race([patience, Promise.allSettled(helping)]);
    enough.abort();
    const known = [...lists, ...found];
    return {
      stored: { ...emptyResources, ...Object.fromEntries(known) },
      known: new Set(known.map(([part]) => part)),
      unread: helpful.filter((part) => !found.has(part)),
    };
  }

  #helpful(part: Part): Promise<readonly unknown[]> {
    if (part !== "nodes") return this.#list(part);
    return this.#nodes.get(part, async () => ({ value: await this.#list(part), ms: nodesHoldMs }));
  }

  #list(part: Part): Promise<readonly unknown[]> {
    const { api, namespace } = this.#options;
    if (part === "nodes") return api.list(types.nodes, { slim: outlineOfNode });
    if (part === "secrets") return api.list(types.secrets, { namespace, slim: outlineOfSecret, fieldSelector: passwordSecrets });
    return api.list<KubeObject>(types[part], { namespace });
  }
}

/** A warning that some lists were not looked at; empty when all were. */
export function blindness(unread: readonly Part[]): readonly string[] {
  if (unread.length === 0) return [];
  const names = unread.map((part) => types[part].plural).join(", ");
  return [`some warnings may be missing: ${names} could not be read`];
}
