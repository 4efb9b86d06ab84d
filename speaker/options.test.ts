import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "./options.ts";

const env = { METALLB_NODE_NAME: "n1", METALLB_POD_NAME: "speaker-abcde", METALLB_ML_LABELS: "app=metallb" };

function refusal(args: readonly string[], changes: Readonly<Record<string, string>> = {}): string {
  const read = readOptions(args, { ...env, ...changes });
  return read.ok ? "accepted" : `${read.exitCode} ${read.text}`;
}

test("the manifests' arguments and environment give MetalLB's defaults", () => {
  const read = readOptions(["--port=9120", "--log-level=info"], env);
  deepEqual(read.ok && read.options, {
    namespace: "",
    nodeName: "n1",
    podName: "speaker-abcde",
    metricsPort: 9120,
    healthPort: 17472,
    logLevel: "info",
    loadBalancerClass: undefined,
    ignoreExcludeLB: false,
    gratuitousIntervalMs: 0,
    framesPerSecond: 1000,
    promiscuousInterfaces: [],
    addressProbeMs: 150,
    bgpListenPort: 0,
    podLabels: "app=metallb",
    membership: undefined,
    tls: { minVersion: "TLSv1.3" },
    metricsCertDirectory: undefined,
    kubeconfig: undefined,
    profileAddress: undefined,
    backend: "herald",
    withoutEffect: [],
  });
});

for (const [type, backend] of [
  ["", "herald"],
  ["herald", "herald"],
  ["frr", "frr"],
  ["frr-k8s", "frr"],
  ["native", "native"],
] as const)
  test(`METALLB_BGP_TYPE ${JSON.stringify(type)}: the limits are those of ${backend}`, () => {
    const read = readOptions([], { ...env, METALLB_BGP_TYPE: type });
    equal(read.ok && read.options.backend, backend);
  });

test("the interval of unasked announcements is given in seconds", () => {
  const read = readOptions(["--gratuitous-arp-interval=60"], env);
  equal(read.ok && read.options.gratuitousIntervalMs, 60_000);
});

test("the pace of announcements can be lowered for switches that are strict", () => {
  const read = readOptions(["--l2-frames-per-second=10"], env);
  equal(read.ok && read.options.framesPerSecond, 10);
});

test("interfaces to be promiscuous on are named with commas between", () => {
  const read = readOptions(["--promiscuous-interfaces=eth0, wlan0"], env);
  deepEqual(read.ok && read.options.promiscuousInterfaces, ["eth0", "wlan0"]);
});

test("flags that only FRR needed are accepted", () => {
  const args = [
    "--frrk8s-namespace",
    "frr",
    "--bgp-debounce-timeout",
    "500",
    "--host",
    "10.0.0.1",
    "--ml-wan-config",
    "--ignore-exclude-lb",
  ];
  equal(readOptions(args, env).ok, true);
});

test("a flag that is not there ends with code 2 and the usage", () => {
  match(refusal(["--colour"]), /^2 flag provided but not defined: -colour\nUsage of speaker:/);
});

for (const { rule, args, changes, text } of [
  {
    rule: "the node's name",
    args: [],
    changes: { METALLB_NODE_NAME: "" },
    text: /^1 --node-name or METALLB_NODE_NAME must be set/,
  },
  { rule: "the Pod's name", args: [], changes: { METALLB_POD_NAME: "" }, text: /^1 --pod-name or METALLB_POD_NAME must be set/ },
  { rule: "classes that can be", args: ["--lb-class=*"], changes: {}, text: /^1 --lb-class: "\*" is no loadBalancerClass/ },
  { rule: "a whole port", args: ["--ml-bindport=x"], changes: {}, text: /^1 --ml-bindport must be a whole number/ },
  { rule: "a debounce above 0", args: ["--bgp-debounce-timeout=0"], changes: {}, text: /^1 --bgp-debounce-timeout/ },
  { rule: "a known engine", args: [], changes: { METALLB_BGP_TYPE: "quagga" }, text: /^1 METALLB_BGP_TYPE must be/ },
  {
    rule: "a pace that is above zero",
    args: ["--l2-frames-per-second=0"],
    changes: {},
    text: /^1 --l2-frames-per-second must/,
  },
  {
    rule: "names of interfaces",
    args: ["--promiscuous-interfaces=eth0,"],
    changes: {},
    text: /^1 --promiscuous-interfaces: "" is no name/,
  },
  {
    rule: "a probe of ten seconds at most",
    args: ["--address-probe-ms=10001"],
    changes: {},
    text: /^1 --address-probe-ms must be between 0 and 10000/,
  },
  {
    rule: "a probe that takes no negative time",
    args: ["--address-probe-ms=-1"],
    changes: {},
    text: /^1 --address-probe-ms must/,
  },
  {
    rule: "an interval of a day at most",
    args: ["--gratuitous-arp-interval=86401"],
    changes: {},
    text: /^1 --gratuitous-arp-interval must/,
  },
  {
    rule: "an interval that is not negative",
    args: ["--gratuitous-arp-interval=-1"],
    changes: {},
    text: /^1 --gratuitous-arp-interval must/,
  },
])
  test(`the start needs ${rule}`, () => match(refusal(args, changes), text));
