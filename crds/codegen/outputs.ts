import { kebabCase, readManifest } from "./manifest.ts";
import { schemaModule } from "./schema-text.ts";
import { typesModule } from "./type-text.ts";

/** A generated file: its path below crds/ and its text. */
export type Output = { readonly path: string; readonly text: string };

/** What is generated from one manifest. `fileName` is its name inside crds/manifests. */
export function outputsOf(fileName: string, yaml: string): readonly Output[] {
  const manifest = readManifest(yaml);
  const stem = kebabCase(manifest.spec.names.kind);
  const source = `crds/manifests/${fileName}`;
  return [
    { path: `types/${stem}.ts`, text: typesModule(manifest, source) },
    { path: `generated/${stem}.ts`, text: schemaModule(manifest, source) },
  ];
}
