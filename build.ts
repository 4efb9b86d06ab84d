import { isAscii } from "node:buffer";
import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type OnResolveArgs, type OnResolveResult, type Plugin, type PluginBuild } from "esbuild";
import { validatorsModule } from "./crds/validators.ts";

/** What ships: one file for each process and each worker thread. */
const entries: Readonly<Record<string, string>> = {
  operator: "operator/main.ts",
  speaker: "speaker/main.ts",
  "speaker-mind": "speaker/mind.ts",
  "speaker-beat": "speaker/beat.ts",
  herald: "operator/cli/herald.ts",
};

const root = fileURLToPath(new URL(".", import.meta.url));

/** CommonJS packages inside an ES module still ask for `require`. */
const banner =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/**
 * What @dot-i/k8s-operator sees of two packages that its `require` would bring in whole. Our subclass overrides everything
 * that calls the API; what remains is its constructor, which wants a configuration that nothing asks for.
 */
const forOperator: Readonly<Record<string, string>> = {
  "@kubernetes/client-node": `
    export class CoreV1Api {}
    export class KubeConfig { loadFromDefault() {} makeApiClient() {} }`,
  gaxios: 'export const instance = { request() { throw new Error("not bundled: build.ts"); } };',
};

/** Marks a resolution as ours, so that the hooks below leave it alone. */
const resolved = Symbol("resolved");

async function withoutSideEffects(bundler: PluginBuild, request: OnResolveArgs): Promise<OnResolveResult> {
  const { path, importer, kind, namespace, resolveDir } = request;
  const result = await bundler.resolve(path, { importer, kind, namespace, resolveDir, pluginData: resolved });
  return { path: result.path, external: result.external, errors: result.errors, sideEffects: false };
}

/** Client-node's several hundred generated files have no side effects, which its package.json does not say. */
const smallClientNode: Plugin = {
  name: "small-client-node",
  setup(bundler) {
    bundler.onResolve({ filter: /^(@kubernetes\/client-node|gaxios)$/ }, ({ path, importer }) =>
      importer.includes("/@dot-i/k8s-operator/") ? { path, namespace: "for-operator" } : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace: "for-operator" }, ({ path }) => ({ contents: forOperator[path] ?? "" }));
    bundler.onResolve({ filter: /^\.\.?\// }, (request) => {
      if (request.pluginData === resolved || !request.importer.includes("/@kubernetes/client-node/")) return undefined;
      return request.path.endsWith("polyfill.js") ? undefined : withoutSideEffects(bundler, request);
    });
  },
};

/**
 * What must be required where an ES module imports it. A CommonJS package (koffi) is first read by a parser in WebAssembly, which looks
 * for the names of its exports and costs each thread more than a MiB. Of Node's own modules every export is read once, and of `node:http`
 * those are some that load a whole second HTTP client with HTTP/2 and streams: 2.5 MiB of heap in each thread that imports it.
 */
const byRequire: Plugin = {
  name: "by-require",
  setup(bundler) {
    bundler.onResolve({ filter: /^(koffi|node:http)$/ }, ({ path, namespace, kind }) => {
      if (kind !== "import-statement") return undefined;
      return namespace === "by-require" ? { path, external: true } : { path, namespace: "by-require" };
    });
    bundler.onLoad({ filter: /.*/, namespace: "by-require" }, ({ path }) => ({
      contents: `export default require(${JSON.stringify(path)})`,
    }));
  },
};

/** What checks objects against the schemas is compiled here, once, and not in each thread that starts. */
const validators = { contents: validatorsModule(), loader: "js", resolveDir: root } as const;
const compiledValidators: Plugin = {
  name: "compiled-validators",
  setup(bundler) {
    const file = fileURLToPath(new URL("crds/validators.ts", import.meta.url));
    bundler.onLoad({ filter: /[/\\]validators\.ts$/ }, ({ path }) => (path === file ? validators : undefined));
  },
};

/**
 * Writes `dist/<name>.mjs`, and below `dist/later` what the program imports when it needs it: reading a kubeconfig, which no
 * Pod does, must not cost every Pod its memory.
 * @returns the size of `dist/<name>.mjs` in octets.
 */
async function bundle(name: string, source: string): Promise<number> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { [name]: source },
    outdir: "dist",
    outExtension: { ".js": ".mjs" },
    chunkNames: `later/${name}-[name]-[hash]`,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node24",
    // ES modules first: a CommonJS package that is imported later, in a file of its own, would lose its named exports.
    mainFields: ["module", "main"],
    external: ["koffi", "node-pcap"],
    banner: { js: banner },
    // Names stay as they are, and lines are short: stack traces and logs of a cluster name both. Comments are left out:
    // every thread keeps the text of what it runs, two octets for each character where one of them is not Latin.
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 100,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
    plugins: [smallClientNode, byRequire, compiledValidators],
  });
  for (const path of Object.keys(metafile.outputs)) {
    if (!isAscii(readFileSync(new URL(path, import.meta.url))))
      throw new Error(`${path} has characters beyond ASCII: write them as \\u in the regular expression they are in`);
  }
  return metafile.outputs[`dist/${name}.mjs`]?.bytes ?? 0;
}

async function main(): Promise<number> {
  await rm(new URL("dist", import.meta.url), { recursive: true, force: true });
  const missing: string[] = [];
  for (const [name, source] of Object.entries(entries)) {
    if (!existsSync(new URL(source, import.meta.url))) {
      missing.push(source);
      continue;
    }
    const octets = await bundle(name, source);
    console.log(`dist/${name}.mjs  ${(octets / 1024).toFixed(0)} KiB`);
  }
  for (const source of missing) console.error(`build: ${source} does not exist`);
  return missing.length === 0 ? 0 : 1;
}

process.exitCode = await main();
