import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { brief, compiled } from "./fixture/objects.ts";

/** The lists of what users write. */
const lists = ["pools", "l2Advertisements", "bgpAdvertisements", "bgpPeers", "bfdProfiles", "communities"] as const;
const wrongs = { pools: "addresses", communities: "communities", bfdProfiles: "echoMode" } as const;

for (const list of lists) {
  const wrong = list in wrongs ? wrongs[list as keyof typeof wrongs] : "nodeSelectors";
  const said = (raw: unknown) => brief(compiled({ [list]: [raw] }).findings).filter((text) => text.startsWith("error"));
  const nameless = "error SchemaViolation  metadata.name";

  test(`an object without a name is told so, beside what else is wrong with it (${list})`, () => {
    const others = said({ metadata: { name: "x" }, spec: { [wrong]: 7 } });
    const withoutName = others.map((text) => text.replace("SchemaViolation x ", "SchemaViolation  "));
    deepEqual(said({ metadata: {}, spec: { [wrong]: 7 } }), [nameless, ...withoutName].sort());
    deepEqual(others.includes(`error SchemaViolation x spec.${wrong}`), true);
  });

  test(`a name that is no text is none (${list})`, () => {
    deepEqual(said({ metadata: { name: 7 }, spec: {} }).includes(nameless), true);
  });

  test(`what is no object is told so (${list})`, () => {
    for (const raw of [7, "text", null, undefined, true, []]) deepEqual(said(raw).at(-1), "error SchemaViolation  object");
  });
}
