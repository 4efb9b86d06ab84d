import { compile } from "../../crds/config/compile.ts";
import { identityOf } from "../../crds/config/identity.ts";
import { outlineOfNamespace } from "../../crds/config/outline.ts";
import type { Resources } from "../../crds/config/resources.ts";
import { type Namespace, resourceTypes, type Service } from "../../crds/types/kubernetes.ts";
import { type Displaced, displaced, type PoolsInForce } from "../../operator/allocation/displaced.ts";
import { changedPools } from "../../operator/allocation/pool-index.ts";
import { outlineOfService } from "../../operator/allocation/service-outline.ts";
import type { KubeApi, ListPage } from "../../operator/framework/api/kube-api.ts";
import type { Clock } from "../../operator/framework/clock.ts";
import { pause } from "../../operator/framework/pause.ts";
import type { Scene } from "../admission/scene.ts";

export type ConsequencesOptions = { readonly api: KubeApi; readonly clock: Clock };

/** How long the author of a pool may wait to hear about Services. */
const patienceMs = 2_000;
const pageSize = 500;
const namedAtMost = 5;

/** Tells which Services a change of pools takes addresses from. Reads Services only when pools change indeed. */
export class PoolConsequences {
  readonly #options: ConsequencesOptions;

  constructor(options: ConsequencesOptions) {
    this.#options = options;
  }

  /**
   * One warning, or none. Never rejects, and does not wait for long: when the Services cannot be read in time it says so.
   * @param deadline on the monotonic clock, of the whole answer.
   */
  async of({ without, withRequest }: Scene, deadline: number): Promise<readonly string[]> {
    const changed = changedPools(compile(without).snapshot, compile(withRequest).snapshot);
    if (changed.size === 0) return [];
    const { clock } = this.#options;
    const enough = new AbortController();
    const patience = pause(clock, Math.min(patienceMs, (deadline - clock.monotonic()) / 2), enough.signal).then(() => undefined);
    const reading = this.#read(enough.signal).catch(() => undefined);
    const read = await Promise.race([reading, patience]);
    enough.abort();
    if (read === undefined)
      return ["it was not looked at whether Services lose addresses by this: they could not be read in time"];
    const [before, after] = [without, withRequest].map((resources) => inForce({ ...resources, namespaces: read.namespaces }));
    return before === undefined || after === undefined ? [] : warnings(displaced(before, after, read.services));
  }

  async #read(
    enough: AbortSignal,
  ): Promise<{ readonly services: readonly Service[]; readonly namespaces: readonly Namespace[] }> {
    const { api } = this.#options;
    const services: Service[] = [];
    const namespaces = api.list<Namespace>(resourceTypes.namespaces, { slim: outlineOfNamespace });
    namespaces.catch(() => undefined); // heard of below
    let page: ListPage<Service> | undefined;
    do {
      const next = page?.continue === undefined ? {} : { continue: page.continue };
      const selection = { fieldSelector: "spec.type=LoadBalancer", limit: pageSize, slim: outlineOfService };
      page = await api.listPage<Service>(resourceTypes.services, { ...selection, ...next });
      services.push(...page.items);
    } while (page.continue !== undefined && !enough.aborted);
    return { services, namespaces: await namespaces };
  }
}

function inForce(resources: Resources): PoolsInForce {
  const { snapshot } = compile(resources);
  const names = resources.pools.map((pool) => identityOf("IPAddressPool", pool).name);
  return { snapshot, unreadable: new Set(names.filter((name) => !snapshot.poolByName.has(name))) };
}

function warnings(lost: readonly Displaced[]): readonly string[] {
  if (lost.length === 0) return [];
  const named = lost.slice(0, namedAtMost).map(({ service, loses }) => `${service} (${loses.join(", ")})`);
  const more = lost.length > named.length ? ` and ${lost.length - named.length} more` : "";
  const what = lost.length === 1 ? "1 Service loses an address" : `${lost.length} Services lose addresses`;
  return [`${what} by this, to get another where there is one: ${named.join(", ")}${more}`];
}
