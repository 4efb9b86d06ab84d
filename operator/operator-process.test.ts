import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Order, Report } from "./fake/whole-operator.ts";

const run = promisify(execFile);
const needsRoot = process.getuid?.() === 0 ? false : "needs root: it makes network namespaces (run make test as root)";

/** Runs a whole operator in a network namespace of its own. */
async function operate(order: Order): Promise<Report> {
  const script = fileURLToPath(new URL("fake/whole-operator.ts", import.meta.url));
  const { stdout } = await run("unshare", ["--net", process.execPath, script, JSON.stringify(order)]);
  return JSON.parse(stdout) as Report;
}

const both = (port: number) => [`127.0.0.1 ${port}`, `::1 ${port}`];
const leads = ["create leases", "create configurationstates"];

test("--webhook-mode enabled: webhooks, metrics on both families, probes, and the operator leads", {
  skip: needsRoot,
}, async () => {
  const { code, listening, writes, output } = await operate({
    args: [],
    ports: [9443, 9120],
    objects: ["configurationstates/controller"],
  });
  equal(code, 0, output);
  deepEqual(listening, [...both(9120), ...both(9443), ...both(17472)]);
  ok(
    leads.every((write) => writes.includes(write)),
    writes.join(),
  );
  match(output, /"webhookMode":"enabled".*"backend":"herald"|"backend":"herald".*"webhookMode":"enabled"/);
});

test("--webhook-mode disabled serves no webhooks and leads; --port=0 serves no metrics; profiles where they are asked for", {
  skip: needsRoot,
}, async () => {
  const args = ["--webhook-mode=disabled", "--port=0", "--pprof-bind-address=127.0.0.1:6060"];
  const order = { args, bgpType: "frr-k8s", ports: [6060], objects: ["configurationstates/controller"] };
  const { code, listening, writes, output } = await operate(order);
  equal(code, 0, output);
  match(output, /"backend":"frr"/);
  deepEqual(listening, ["127.0.0.1 6060", ...both(17472)]);
  ok(
    leads.every((write) => writes.includes(write)),
    writes.join(),
  );
  ok(!writes.some((write) => / (secrets|validatingwebhookconfigurations|customresourcedefinitions)$/.test(write)), writes.join());
});

test("--webhook-mode onlywebhook serves webhooks and metrics, and neither stands for election nor writes a state", {
  skip: needsRoot,
}, async () => {
  const order = { args: ["--webhook-mode=onlywebhook"], ports: [9443, 9120], objects: ["secrets/metallb-webhook-cert"] };
  const { code, listening, writes, output } = await operate(order);
  equal(code, 0, output);
  deepEqual(listening, [...both(9120), ...both(9443), ...both(17472)]);
  ok(!leads.some((write) => writes.includes(write)), writes.join());
});

const failing: readonly (readonly [rule: string, order: Order, code: number, says: RegExp])[] = [
  [
    "an unknown flag ends with 2 and the usage",
    { args: ["--frr"] },
    2,
    /^flag provided but not defined: -frr\nUsage of controller:/,
  ],
  [
    "a flag's impossible value ends with 1",
    { args: ["--webhook-mode=on"] },
    1,
    /--webhook-mode must be one of enabled, disabled/,
  ],
  [
    "a namespace that nobody names ends with 1",
    { args: ["--namespace="] },
    1,
    /the namespace is not known: set --namespace or METALLB_NAMESPACE/,
  ],
  [
    "an own Pod that does not exist ends with 1",
    { args: [], withoutPod: true },
    1,
    /controller-1 does not exist: check --pod-name/,
  ],
  [
    "a memberlist Secret that cannot be made ends with 1",
    { args: ["--ml-secret-name=memberlist", "--deployment=controller"] },
    1,
    /Deployment metallb-system\/controller, which is to own Secret memberlist, does not exist/,
  ],
];
for (const [rule, order, code, says] of failing)
  test(rule, { skip: needsRoot }, async () => {
    const report = await operate(order);
    equal(report.code, code, report.output);
    match(report.output, says);
    deepEqual(report.writes, []);
  });
