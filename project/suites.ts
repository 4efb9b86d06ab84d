/** A step is one command; tests are files for node:test. */
export type Suite =
  | { readonly kind: "step"; readonly name: string; readonly command: readonly [string, ...string[]] }
  | {
      readonly kind: "tests";
      readonly name: string;
      readonly globs: readonly string[];
      /** Files that run at once. */
      readonly concurrency: number;
      readonly timeoutMinutes: number;
    };

const lint: Suite = { kind: "step", name: "lint", command: ["biome", "check", "--error-on-warnings", "."] };
const types: Suite = { kind: "step", name: "types", command: ["tsc", "-b", "--pretty", "false", ".", "project"] };
const bundles: Suite = { kind: "step", name: "build", command: ["node", "build.ts"] };

const unit: Suite = {
  kind: "tests",
  name: "unit",
  globs: [
    "crds/**/*.test.ts",
    "operator/**/*.test.ts",
    "webhooks/**/*.test.ts",
    "speaker/**/*.test.ts",
    "e2e/**/*.test.ts",
    "bench/**/*.test.ts",
  ],
  concurrency: 2,
  timeoutMinutes: 8,
};

const project: Suite = { kind: "tests", name: "project", globs: ["project/**/*.test.ts"], concurrency: 2, timeoutMinutes: 3 };

/** Each file brings up its own lab. These do not ask how long something takes: two labs at once share a small machine. */
const together: Suite = {
  kind: "tests",
  name: "e2e-together",
  globs: [
    "e2e/{bgp,first-address,guides,lab,read-back}/*.e2e.ts",
    "e2e/interop/{decoding,peer-fields,refusals,routers,sessions,unnumbered}.e2e.ts",
    "e2e/{chaos/privilege,failover/zones}.e2e.ts",
  ],
  concurrency: 2,
  timeoutMinutes: 30,
};

/** What takes over in time, comes back in time or is measured has the machine for itself. */
const alone: Suite = {
  kind: "tests",
  name: "e2e-alone",
  globs: [
    "e2e/{bfd,coexistence,l2}/*.e2e.ts",
    "e2e/chaos/{faults,held-speaker,leader,restart}.e2e.ts",
    "e2e/failover/{failover,graceful-restart,hand-over}.e2e.ts",
    "e2e/interop/traffic.e2e.ts",
  ],
  concurrency: 1,
  timeoutMinutes: 40,
};

/** Those that any cluster with a client on its segment will do for; HERALD_E2E_KUBECONFIG says which one. */
const kind: Suite = {
  kind: "tests",
  name: "kind",
  globs: ["e2e/first-address/{admission,allocation,layer2}.e2e.ts"],
  concurrency: 1,
  timeoutMinutes: 20,
};

/** What `make test` and its smaller sisters run, in this order. */
export const plans: Readonly<Record<string, readonly Suite[]>> = {
  all: [lint, types, bundles, unit, project, together, alone],
  unit: [unit, project],
  e2e: [bundles, together, alone],
  kind: [kind],
  lint: [lint, types],
};
