import { equal, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { kebabCase } from "./manifest.ts";
import { outputsOf } from "./outputs.ts";

const crds = join(import.meta.dirname, "..");
const manifests = readdirSync(join(crds, "manifests")).filter((name) => name.endsWith(".yaml"));

test("there is a manifest for each of the nine kinds", () => equal(manifests.length, 9));

for (const name of manifests)
  for (const { path, text } of outputsOf(name, readFileSync(join(crds, "manifests", name), "utf8")))
    test(`${path} is what ${name} gives: run node crds/codegen/generate.ts otherwise`, () => {
      equal(readFileSync(join(crds, path), "utf8"), text);
    });

test("nothing else lies among the generated schemas", () => {
  const expected = manifests.flatMap((name) =>
    outputsOf(name, readFileSync(join(crds, "manifests", name), "utf8")).map(({ path }) => path),
  );
  for (const file of readdirSync(join(crds, "generated"))) ok(expected.includes(`generated/${file}`), file);
});

test("kinds become file names word by word", () => {
  const names = ["IPAddressPool", "L2Advertisement", "BGPPeer", "BFDProfile", "Community", "ServiceL2Status", "ServiceBGPStatus"];
  equal(
    names.map(kebabCase).join(" "),
    "ip-address-pool l2-advertisement bgp-peer bfd-profile community service-l2-status service-bgp-status",
  );
});
