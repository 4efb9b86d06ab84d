import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LabelSeries } from "./label-series.ts";

const value = fc.constantFrom("", "a", "b", '"', ",", '","', "a\nb");
const step = fc.record({
  what: fc.constantFrom("add" as const, "set" as const, "remove" as const),
  labels: fc.record({ one: value, two: value }),
  amount: fc.integer({ min: 0, max: 9 }),
});

for (const names of [["one"], ["two", "one"]]) {
  test(`series of ${names} are told apart by nothing but the values of their labels`, () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const series = new LabelSeries(names);
        const model: { labels: Record<string, string>; value: number }[] = [];
        for (const { what, labels, amount } of steps) {
          const wanted = Object.fromEntries(names.map((name) => [name, labels[name as "one"]]));
          const at = model.findIndex((entry) => names.every((name) => entry.labels[name] === wanted[name]));
          const known = model[at] ?? { labels: wanted, value: 0 };
          if (what === "remove") {
            series.remove(labels);
            if (at >= 0) model.splice(at, 1);
            continue;
          }
          series[what](labels, amount);
          known.value = what === "add" ? known.value + amount : amount;
          if (at < 0) model.push(known);
        }
        deepEqual([...series.entries()], model);
      }),
    );
  });
}

test("no series is left after all were dropped", () => {
  const series = new LabelSeries(["one"]);
  series.set({ one: "a" }, 1);
  series.clear();
  deepEqual([...series.entries()], []);
});
