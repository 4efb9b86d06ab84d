import { setTimeout as pause } from "node:timers/promises";
import { resourceTypes } from "../crds/types/kubernetes.ts";
import type { KubeApi } from "../operator/framework/api/kube-api.ts";
import { type BenchEndpoint, endpointSlice } from "./endpoint-slice.ts";

/** The one endpoint of a Service that has {@link endpointSlice}. */
export type OnlyEndpoint = { readonly service: string; readonly endpoint: Omit<BenchEndpoint, "ready"> };

export type ChangeRate = {
  readonly perSecond: number;
  readonly seconds: number;
  /** How many changes were made before. */
  readonly first?: number;
};

/**
 * Each change takes the readiness of one Service's endpoint or gives it back: of one after another, and then around again. Those that
 * the API server does not take are left out.
 * @returns how many changes have been made now, as the next call's `first`.
 */
export async function changeEndpoints(
  api: KubeApi,
  endpoints: readonly OnlyEndpoint[],
  { perSecond, seconds, first = 0 }: ChangeRate,
): Promise<number> {
  const start = performance.now();
  const changes: Promise<unknown>[] = [];
  const end = first + perSecond * seconds;
  for (let index = first; index < end; index++) {
    const early = start + ((index - first) * 1000) / perSecond - performance.now();
    if (early > 0) await pause(early);
    const { service, endpoint } = endpoints[index % endpoints.length] ?? {};
    if (service === undefined || endpoint === undefined) throw new Error("there is no Service whose endpoint could change");
    const ready = Math.floor(index / endpoints.length) % 2 === 1;
    const object = { namespace: "default", name: `${service}-bench` };
    const slice = endpointSlice(service, [{ ...endpoint, ready }]);
    changes.push(api.mergePatch(resourceTypes.endpointslices, object, slice).catch(() => undefined));
  }
  await Promise.all(changes);
  return end;
}
