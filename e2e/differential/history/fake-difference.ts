import { firstNamespaces, type Item, type Standing } from "./history.ts";
import type { HistoryDifference } from "./history-difference.ts";
import type { Observation, ServiceState } from "./observer.ts";

type States = Readonly<Record<string, Partial<ServiceState>>>;

/** A Service of a test's history, by its key. */
export function serviceOf(key: string, metadata: Partial<Item["metadata"]> = {}, spec: NonNullable<Item["spec"]> = {}): Item {
  const [namespace = "", name = ""] = key.split("/");
  return { apiVersion: "v1", kind: "Service", metadata: { name, namespace, ...metadata }, spec };
}

/** A standing with these Services and pools. */
export function standing(items: Readonly<Record<string, Item>> = {}): Standing {
  const entries = Object.entries(items);
  return {
    services: new Map(entries.filter(([, { kind }]) => kind === "Service")),
    pools: new Map(entries.filter(([, { kind }]) => kind === "IPAddressPool")),
    namespaces: firstNamespaces,
  };
}

export function seen(services: States, pools: Observation["pools"] = {}): Observation {
  const states = Object.entries(services).map(
    ([key, state]) => [key, { addresses: [], pool: undefined, events: [], ...state }] as const,
  );
  return { services: Object.fromEntries(states), pools };
}

/** A difference of the addresses of `n/a` after a step that wrote `n/a`, unless a test says otherwise. */
export function difference(changes: Partial<HistoryDifference>): HistoryDifference {
  return {
    history: "x",
    index: 0,
    step: { verb: "change", what: "", item: serviceOf("n/a") },
    before: standing(),
    after: standing({ p: { apiVersion: "metallb.io/v1beta1", kind: "IPAddressPool", metadata: { name: "p" } } }),
    had: seen({}),
    metallb: seen({}),
    herald: seen({}),
    subject: "n/a",
    kind: "addresses",
    toldBefore: [],
    ...changes,
  };
}
