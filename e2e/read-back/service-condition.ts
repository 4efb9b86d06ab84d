import type { TestCluster } from "../cluster.ts";
import type { Condition } from "../conditions.ts";
import { eventually, until } from "../lab/until.ts";
import { read } from "../observe.ts";

type Type = "Allocated" | "Announced";

/** Waits until a Service shows a condition of Herald's, which is False, with these words. @returns the condition. */
export function serviceCondition(cluster: TestCluster, name: string, type: Type, containing = ""): Promise<Condition> {
  return eventually(`${type} of Service ${name} is False with "${containing}"`, 30_000, async () => {
    const conditions = await conditionsOf(cluster, name);
    const found = conditions.find((condition) => condition.type === `herald-lb.io/${type}`);
    return found?.status === "False" && found.message.includes(containing) ? found : undefined;
  });
}

/** Waits until a Service does not show this condition of Herald's. */
export async function noServiceCondition(cluster: TestCluster, name: string, type: Type): Promise<void> {
  await until(`Service ${name} has no condition ${type}`, 30_000, async () =>
    (await conditionsOf(cluster, name)).every((condition) => condition.type !== `herald-lb.io/${type}`),
  );
}

/** Everybody's conditions of a Service. */
export async function conditionsOf(cluster: TestCluster, name: string): Promise<readonly Condition[]> {
  const text = await read(cluster, `service/${name}`, "{.status.conditions}");
  return text === "" ? [] : (JSON.parse(text) as readonly Condition[]);
}

/** How often an event of this reason was told of an object, repetitions counted. */
export async function tellings(cluster: TestCluster, name: string, reason: string, namespace = "default"): Promise<number> {
  const selector = `--field-selector=involvedObject.name=${name},reason=${reason}`;
  const { stdout } = await cluster.kubectl(["-n", namespace, "get", "events", selector, "-o", "json"]);
  const { items } = JSON.parse(stdout) as { readonly items: readonly { readonly count?: number }[] };
  return items.reduce((sum, { count }) => sum + (count ?? 1), 0);
}
