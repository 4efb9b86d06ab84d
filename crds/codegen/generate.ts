/** Writes the types and schemas of the nine kinds from their manifests: `node crds/codegen/generate.ts`. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { outputsOf } from "./outputs.ts";

const crds = join(import.meta.dirname, "..");
for (const name of readdirSync(join(crds, "manifests")).sort()) {
  for (const { path, text } of outputsOf(name, readFileSync(join(crds, "manifests", name), "utf8"))) {
    writeFileSync(join(crds, path), text);
  }
}
