import { Dice } from "../dice.ts";
import { type History, type Item, keyOf, mergePatchBetween, type Standing, type Step, standingAfter } from "./history.ts";
import { changedPool, isOpen, type Openness, poolItem } from "./pool-item.ts";
import { changedService, namespaces, poolNames, serviceItem } from "./service-item.ts";

const mostServices = 6;

/** `count` histories; the same seed makes the same ones. */
export function historiesOf(seed: string, count: number): readonly History[] {
  return Array.from({ length: count }, (_, index) => historyOf(`${seed}/${index}`, index));
}

function historyOf(id: string, index: number): History {
  const dice = new Dice(`history ${id}`);
  const generous = dice.chance(0.2);
  const length = dice.int(8, 16);
  const steps: Step[] = [poolStep(dice, 0, "may be open")];
  while (steps.length < length) {
    const standing = standingAfter({ id, steps }, steps.length);
    steps.push(...nextStep(dice, standing, generous, `s${index}-${steps.length}`));
  }
  return { id, steps };
}

type Move = "create service" | "change service" | "delete service" | "create pool" | "change pool" | "delete pool" | "label";

/** At most one step; none when the dice ask for what cannot be done now. */
function nextStep(dice: Dice, standing: Standing, generous: boolean, name: string): readonly Step[] {
  const services = [...standing.services.values()];
  const pools = [...standing.pools.values()];
  const few = services.length < 2;
  const move = dice.weighted<Move>([
    [few ? 12 : 5, "create service"],
    [6, "change service"],
    [1.5, "delete service"],
    [pools.length < 2 ? 2 : 1, "create pool"],
    [2, "change pool"],
    [0.5, "delete pool"],
    [0.3, "label"],
  ]);
  switch (move) {
    case "create service":
      return services.length >= mostServices ? [] : [creation(serviceItem(dice, name))];
    case "change service":
      return services.length === 0 ? [] : serviceChange(dice, dice.pick(services));
    case "delete service":
      return services.length === 0 ? [] : [deletion(dice.pick(services))];
    case "create pool": {
      const free = poolNames.findIndex((name) => !standing.pools.has(name));
      return free === -1 ? [] : [poolStep(dice, free, opennessAmong(pools, generous))];
    }
    case "change pool":
      return pools.length === 0 ? [] : poolChange(dice, dice.pick(pools), pools, generous);
    case "delete pool":
      return pools.length === 0 ? [] : [deletion(dice.pick(pools))];
    case "label":
      return [labelling(dice)];
  }
}

function opennessAmong(others: readonly Item[], generous: boolean): Openness {
  return generous || !others.some(isOpen) ? "may be open" : "must be scoped";
}

function poolStep(dice: Dice, index: number, openness: Openness): Step {
  return creation(poolItem(dice, index, openness));
}

function serviceChange(dice: Dice, before: Item): readonly Step[] {
  const { item, what } = changedService(before, dice);
  return change(before, item, what);
}

function poolChange(dice: Dice, before: Item, pools: readonly Item[], generous: boolean): readonly Step[] {
  const others = pools.filter((pool) => pool !== before);
  const { item, what } = changedPool(before, dice, opennessAmong(others, generous));
  return change(before, item, what);
}

function creation(item: Item): Step {
  return { verb: "create", item, what: `create ${item.kind} ${keyOf(item)} ${JSON.stringify(summary(item))}` };
}

function deletion(item: Item): Step {
  return { verb: "delete", item, what: `delete ${item.kind} ${keyOf(item)}` };
}

/** None when nothing changes. */
function change(before: Item, item: Item, what: string): readonly Step[] {
  const patch = mergePatchBetween(before, item);
  if (Object.keys(patch).length === 0) return [];
  return [{ verb: "change", item, patch, what: `${item.kind} ${keyOf(item)} ${what}: ${JSON.stringify(patch)}` }];
}

function labelling(dice: Dice): Step {
  const name = dice.pick(namespaces);
  const labels = { team: dice.pick(["a", "b", "c"]) };
  const item: Item = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
  return { verb: "change", item, patch: { metadata: { labels } }, what: `label namespace ${name} team=${labels.team}` };
}

function summary({ metadata, spec }: Item): object {
  return { labels: metadata.labels, annotations: metadata.annotations, ...spec };
}
