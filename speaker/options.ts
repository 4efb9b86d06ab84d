import { backendOf } from "../crds/config/backend.ts";
import { parseAddress } from "../crds/net/address.ts";
import {
  backendProblem,
  type DaemonOptions,
  daemonFlags,
  type ReadOptions,
  readDaemonOptions,
} from "../operator/framework/daemon-flags.ts";
import { type Flag, type FlagValues, parseFlags } from "../operator/framework/go-flags.ts";
import { defaultTiming } from "./l2/burst-queue.ts";
import type { MembershipOptions, ThreadOptions } from "./runtime/threads/thread-data.ts";

const DEFAULT_MEMBERSHIP_PORT = 7946;
/** A day. */
const MAX_GRATUITOUS_SECONDS = 86_400;
const MAX_FRAMES_PER_SECOND = 100_000;
const MAX_PROBE_MS = 10_000;
const noEffect = "accepted and without effect";

/** The speaker's flags and environment variables: MetalLB's names and defaults. */
export const speakerFlags = [
  ...daemonFlags,
  { name: "node-name", kind: "string", default: "", env: "METALLB_NODE_NAME", help: "name of the node this runs on" },
  { name: "host", kind: "string", default: "", env: "METALLB_HOST", help: noEffect },
  { name: "ignore-exclude-lb", kind: "bool", default: false, help: "ignore the label that excludes a node" },
  {
    name: "gratuitous-arp-interval",
    kind: "int",
    default: 0,
    help: "seconds between unasked announcements of every address, by ARP and NDP; 0 switches them off",
  },
  {
    name: "l2-frames-per-second",
    kind: "int",
    default: defaultTiming.framesPerSecond,
    help: "unasked announcements on one interface at most, for switches that shut a port which sends more",
  },
  {
    name: "promiscuous-interfaces",
    kind: "string",
    default: "",
    help: "interfaces, separated by commas, whose network card is asked for every frame, for cards that drop ARP or NDP",
  },
  {
    name: "address-probe-ms",
    kind: "int",
    default: 150,
    help: "milliseconds for which is asked who has an address before it is first announced; 0 asks nobody",
  },
  { name: "ml-bindaddr", kind: "string", default: "", env: "METALLB_ML_BIND_ADDR", help: "address of the membership protocol" },
  { name: "ml-bindport", kind: "string", default: "", env: "METALLB_ML_BIND_PORT", help: "its port; 7946 when empty" },
  { name: "ml-labels", kind: "string", default: "", env: "METALLB_ML_LABELS", help: "label selector of the speakers' Pods" },
  {
    name: "ml-secret-key-path",
    kind: "string",
    default: "",
    env: "METALLB_ML_SECRET_KEY_PATH",
    help: "directory with the file secretkey",
  },
  { name: "ml-wan-config", kind: "bool", default: false, help: "membership timing for wide areas" },
  {
    name: "bgp-listen-port",
    kind: "int",
    default: 0,
    help: "TCP port on which routers may connect; 0 takes no connection, and 179 needs more privilege than the manifests give",
  },
  {
    name: "bgp-debounce-timeout",
    kind: "string",
    default: "3000",
    env: "METALLB_BGP_DEBOUNCE_TIMEOUT",
    help: `milliseconds; ${noEffect}`,
  },
  { name: "frrk8s-namespace", kind: "string", default: "", env: "FRRK8S_NAMESPACE", help: noEffect },
  { name: "frrk8s-secret-passthrough", kind: "bool", default: false, help: noEffect },
] as const satisfies readonly Flag[];

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the command line. */
export function readOptions(args: readonly string[], env: Environment): ReadOptions<ThreadOptions> {
  const parsed = parseFlags("speaker", speakerFlags, args, env);
  return readDaemonOptions(parsed, (values, shared) => threadOptions(values, shared, env));
}

function threadOptions(values: FlagValues<typeof speakerFlags>, shared: DaemonOptions, env: Environment): ThreadOptions {
  if (values["node-name"] === "") throw new Error("--node-name or METALLB_NODE_NAME must be set to the name of this node");
  if (shared.podName === "") throw new Error("--pod-name or METALLB_POD_NAME must be set to the name of this Pod");
  const gratuitousInterval = values["gratuitous-arp-interval"];
  if (gratuitousInterval < 0 || gratuitousInterval > MAX_GRATUITOUS_SECONDS) {
    throw new Error(`--gratuitous-arp-interval must be between 0 and ${MAX_GRATUITOUS_SECONDS} seconds`);
  }
  const framesPerSecond = values["l2-frames-per-second"];
  if (framesPerSecond < 1 || framesPerSecond > MAX_FRAMES_PER_SECOND) {
    throw new Error(`--l2-frames-per-second must be between 1 and ${MAX_FRAMES_PER_SECOND}`);
  }
  const addressProbeMs = values["address-probe-ms"];
  if (addressProbeMs < 0 || addressProbeMs > MAX_PROBE_MS) {
    throw new Error(`--address-probe-ms must be between 0 and ${MAX_PROBE_MS} milliseconds`);
  }
  if (!/^0*[1-9]\d*$/.test(values["bgp-debounce-timeout"])) {
    throw new Error("--bgp-debounce-timeout must be a whole number above 0");
  }
  const bgpListenPort = values["bgp-listen-port"];
  if (bgpListenPort < 0 || bgpListenPort > 65_535) throw new Error("--bgp-listen-port must be between 0 and 65535");
  const backend = backendOf(env["METALLB_BGP_TYPE"]);
  if (backend === undefined) throw new Error(backendProblem);
  return {
    ...shared,
    nodeName: values["node-name"],
    backend,
    loadBalancerClass: values["lb-class"] || undefined,
    ignoreExcludeLB: values["ignore-exclude-lb"],
    gratuitousIntervalMs: gratuitousInterval * 1000,
    framesPerSecond,
    promiscuousInterfaces: namesIn(values["promiscuous-interfaces"]),
    addressProbeMs,
    bgpListenPort,
    podLabels: values["ml-labels"],
    membership: membershipOptions(values),
    withoutEffect: [...shared.withoutEffect, ...(values["frrk8s-secret-passthrough"] ? ["--frrk8s-secret-passthrough"] : [])],
  };
}

/** The protocol runs when it knows where and with whom, as MetalLB's does. */
function membershipOptions(values: FlagValues<typeof speakerFlags>): MembershipOptions | undefined {
  const port = values["ml-bindport"] === "" ? DEFAULT_MEMBERSHIP_PORT : Number(values["ml-bindport"]);
  if (!/^\d*$/.test(values["ml-bindport"]) || port < 1 || port > 65_535) {
    throw new Error("--ml-bindport must be a whole number from 1 to 65535");
  }
  const address = values["ml-bindaddr"];
  if (address === "" || values["ml-labels"] === "") return undefined;
  if (parseAddress(address) === undefined) {
    throw new Error(`--ml-bindaddr must be the address of this node, not "${address}"`);
  }
  return { address, port, secretDirectory: values["ml-secret-key-path"], wan: values["ml-wan-config"] };
}

/** @throws {Error} for what cannot be the name of an interface. */
function namesIn(list: string): readonly string[] {
  const names = list.split(",").map((name) => name.trim());
  const wrong = names.find((name) => list !== "" && !/^[^\s/]{1,15}$/.test(name));
  if (wrong !== undefined) throw new Error(`--promiscuous-interfaces: "${wrong}" is no name of an interface`);
  return list === "" ? [] : names;
}
