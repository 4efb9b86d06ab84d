import { setTimeout as pause } from "node:timers/promises";
import { bgpAdvertisement } from "../../e2e/manifests.ts";
import { apply } from "../../e2e/observe.ts";
import type { BenchCluster } from "../bench-cluster.ts";
import { changeEndpoints } from "../endpoint-changes.ts";
import { filledEndpoints } from "../filled.ts";

const changesPerSecond = 100;
const stepSeconds = 10;

/** What announces the Services that are reconciled; another turn's attributes are others. */
export function advertisementOf(turn: number): object {
  return bgpAdvertisement("filled", ["filled"], { communities: [`64513:${turn}`] });
}

const steps = {
  endpoints: "endpoints come and go",
  list: "the API server starts anew",
  read: "everything is listed anew",
  attributes: "every route gets another attribute",
} as const;

/** A kind of work, and when it began: milliseconds of the wall clock. */
export type Step = { readonly at: number; readonly what: (typeof steps)[keyof typeof steps] };

/**
 * Keeps a speaker busy with Services, again and again: their endpoints come and go, routes with them; everything is listed anew, since
 * the API server starts anew; every route gets another attribute. Returns at the first step's end after so many seconds.
 * @returns what was done when.
 */
export async function keepReconciling(
  { lab, api }: Pick<BenchCluster, "lab" | "api">,
  services: number,
  seconds: number,
): Promise<readonly Step[]> {
  const done: Step[] = [];
  const begin = (step: keyof typeof steps): void => void done.push({ at: Date.now(), what: steps[step] });
  const endpoints = filledEndpoints(services);
  const endAt = performance.now() + seconds * 1000;
  const left = (): number => Math.max(0, Math.min(stepSeconds, (endAt - performance.now()) / 1000));
  for (let turn = 1, changes = 0; left() > 0; turn++) {
    begin("endpoints");
    const rate = { perSecond: changesPerSecond, seconds: Math.ceil(left()), first: changes };
    changes = await changeEndpoints(api, endpoints, rate);
    if (left() === 0) break;
    begin("list");
    await lab.restartApiServer({ downForMs: 500 });
    begin("read");
    await pause(left() * 1000);
    if (left() === 0) break;
    begin("attributes");
    await apply(lab, advertisementOf(turn));
    await pause(left() * 1000);
  }
  return done;
}
