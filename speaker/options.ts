import { classFlagProblem } from "../crds/load-balancer-class.ts";
import { type Flag, parseFlags } from "../operator/framework/go-flags.ts";
import type { LogLevelName } from "../operator/framework/logger.ts";
import { tlsSettings } from "../operator/framework/tls-flags.ts";
import type { ThreadOptions } from "./runtime/thread-data.ts";

/** Written out here: the logger must not be loaded into the thread that answers. */
const logLevels = ["all", "debug", "info", "warn", "error", "none"] as const satisfies readonly LogLevelName[];
/** A day. */
const MAX_GRATUITOUS_SECONDS = 86_400;
const noEffect = "accepted and without effect";

/** The speaker's flags and environment variables: MetalLB's names and defaults. */
export const speakerFlags = [
  {
    name: "namespace",
    kind: "string",
    default: "",
    env: "METALLB_NAMESPACE",
    help: "namespace of the configuration and of the speakers; the service account's own when empty",
  },
  { name: "node-name", kind: "string", default: "", env: "METALLB_NODE_NAME", help: "name of the node this runs on" },
  { name: "pod-name", kind: "string", default: "", env: "METALLB_POD_NAME", help: "name of the own Pod" },
  { name: "host", kind: "string", default: "", env: "METALLB_HOST", help: noEffect },
  { name: "port", kind: "int", default: 9120, help: "HTTPS port of the metrics; 0 switches them off" },
  { name: "health-probe-port", kind: "int", default: 17472, help: "HTTP port of /healthz and /readyz on 127.0.0.1" },
  { name: "log-level", kind: "string", default: "info", help: `one of ${logLevels.join(", ")}` },
  { name: "pprof-bind-address", kind: "string", default: "", help: `${noEffect}: there is no Go profile` },
  {
    name: "lb-class",
    kind: "string",
    default: "",
    help: "classes to serve, comma-separated: names, metallb.io/* for all with that prefix, an empty item for Services without a class",
  },
  { name: "ignore-exclude-lb", kind: "bool", default: false, help: "ignore the label that excludes a node" },
  {
    name: "gratuitous-arp-interval",
    kind: "int",
    default: 0,
    env: "METALLB_GRATUITOUS_ARP_INTERVAL",
    help: "seconds between unasked announcements of every address, by ARP and NDP; 0 switches them off",
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
    name: "bgp-debounce-timeout",
    kind: "string",
    default: "3000",
    env: "METALLB_BGP_DEBOUNCE_TIMEOUT",
    help: `milliseconds; ${noEffect}`,
  },
  { name: "frrk8s-namespace", kind: "string", default: "", env: "FRRK8S_NAMESPACE", help: noEffect },
  { name: "frrk8s-secret-passthrough", kind: "bool", default: false, help: noEffect },
  { name: "tls-min-version", kind: "string", default: "", help: "VersionTLS12 or VersionTLS13, which is the default" },
  { name: "tls-cipher-suites", kind: "string", default: "", help: "comma-separated, Go's names" },
  { name: "tls-curve-preferences", kind: "string", default: "", help: "comma-separated group numbers" },
  { name: "metrics-cert-dir", kind: "string", default: "", help: "directory with tls.crt and tls.key for the metrics" },
  {
    name: "kubeconfig",
    kind: "string",
    default: "",
    env: "KUBECONFIG",
    help: "path of a kubeconfig; the service account when empty",
  },
] as const satisfies readonly Flag[];

export type ReadOptions =
  | { readonly ok: true; readonly options: ThreadOptions }
  /** `text` belongs on standard error. */
  | { readonly ok: false; readonly exitCode: 0 | 1 | 2; readonly text: string };

/** Reads the command line: a flag that is not there ends with code 2, a value that cannot be used with 1. */
export function readOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): ReadOptions {
  const parsed = parseFlags("speaker", speakerFlags, args, env);
  if (!parsed.ok) return parsed;
  const { values, rest } = parsed;
  const [surplus] = rest;
  if (surplus !== undefined) return wrong(`unexpected argument ${JSON.stringify(surplus)}`);
  const logLevel = logLevels.find((level) => level === values["log-level"]);
  if (logLevel === undefined) return wrong(`--log-level must be one of ${logLevels.join(", ")}`);
  if (values["node-name"] === "") return wrong("--node-name or METALLB_NODE_NAME must be set to the name of this node");
  if (values["pod-name"] === "") return wrong("--pod-name or METALLB_POD_NAME must be set to the name of this Pod");
  const gratuitousInterval = values["gratuitous-arp-interval"];
  if (gratuitousInterval < 0 || gratuitousInterval > MAX_GRATUITOUS_SECONDS) {
    return wrong(`--gratuitous-arp-interval must be between 0 and ${MAX_GRATUITOUS_SECONDS} seconds`);
  }
  const classProblem = classFlagProblem(values["lb-class"]);
  if (classProblem !== undefined) return wrong(`--lb-class: ${classProblem}`);
  if (!/^\d*$/.test(values["ml-bindport"])) return wrong("--ml-bindport must be a whole number");
  if (!/^0*[1-9]\d*$/.test(values["bgp-debounce-timeout"])) return wrong("--bgp-debounce-timeout must be a whole number above 0");
  if (!["herald", "native", "frr", "frr-k8s", ""].includes(env["METALLB_BGP_TYPE"] ?? "")) {
    return wrong("METALLB_BGP_TYPE must be herald, native, frr or frr-k8s, or be left unset");
  }
  try {
    const options: ThreadOptions = {
      namespace: values.namespace,
      nodeName: values["node-name"],
      podName: values["pod-name"],
      metricsPort: values.port,
      healthPort: values["health-probe-port"],
      logLevel,
      loadBalancerClass: values["lb-class"] || undefined,
      ignoreExcludeLB: values["ignore-exclude-lb"],
      gratuitousIntervalMs: gratuitousInterval * 1000,
      podLabels: values["ml-labels"],
      tls: tlsSettings(values),
      metricsCertDirectory: values["metrics-cert-dir"] || undefined,
      kubeconfig: values.kubeconfig || undefined,
      withoutEffect: [
        ...(values["pprof-bind-address"] === "" ? [] : ["--pprof-bind-address"]),
        ...(values["frrk8s-secret-passthrough"] ? ["--frrk8s-secret-passthrough"] : []),
      ],
    };
    return { ok: true, options };
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
}

function wrong(text: string): ReadOptions {
  return { ok: false, exitCode: 1, text: `${text}\n` };
}
