import { classFlagProblem } from "../../crds/load-balancer-class.ts";
import type { Flag, FlagValues } from "./go-flags.ts";
import { type BindAddress, parseBindAddress } from "./http/bind-address.ts";
import { type TlsSettings, tlsSettings } from "./http/tls-flags.ts";
import { type LogLevelName, logLevelNames } from "./log/log-level.ts";

/** The flags and environment variables of both daemons: MetalLB's names and defaults. */
export const daemonFlags = [
  {
    name: "namespace",
    kind: "string",
    default: "",
    env: "METALLB_NAMESPACE",
    help: "namespace of the configuration and of the own Pods; the service account's own when empty",
  },
  { name: "pod-name", kind: "string", default: "", env: "METALLB_POD_NAME", help: "name of the own Pod" },
  { name: "port", kind: "int", default: 9120, help: "HTTPS port of the metrics; 0 switches them off" },
  { name: "health-probe-port", kind: "int", default: 17472, help: "HTTP port of /healthz and /readyz" },
  { name: "log-level", kind: "string", default: "info", help: `one of ${logLevelNames.join(", ")}` },
  { name: "pprof-bind-address", kind: "string", default: "", help: "host:port of profiles in V8's formats; none when empty" },
  {
    name: "lb-class",
    kind: "string",
    default: "",
    help: "classes to serve, comma-separated: names, metallb.io/* for all with that prefix, an empty item for Services without a class",
  },
  { name: "tls-min-version", kind: "string", default: "", help: "VersionTLS10 to VersionTLS13, which is the default" },
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

/** What the flags of both daemons mean. Plain data. */
export type DaemonOptions = {
  /** Empty: the surroundings name it. */
  readonly namespace: string;
  readonly podName: string;
  readonly metricsPort: number;
  readonly healthPort: number;
  readonly logLevel: LogLevelName;
  readonly tls: TlsSettings;
  readonly metricsCertDirectory: string | undefined;
  readonly kubeconfig: string | undefined;
  /** Undefined: no profiles are served. */
  readonly profileAddress: BindAddress | undefined;
  /** Flags that were given and do nothing. */
  readonly withoutEffect: readonly string[];
};

/** What is wrong with a METALLB_BGP_TYPE that no backend has. */
export const backendProblem = "METALLB_BGP_TYPE must be herald, native, frr or frr-k8s, or be left unset";

export type ReadOptions<T> =
  | { readonly ok: true; readonly options: T }
  /** `text` belongs on standard error. */
  | { readonly ok: false; readonly exitCode: 0 | 1 | 2; readonly text: string };

type DaemonValues = FlagValues<typeof daemonFlags>;
type Parsed<V> =
  | { readonly ok: true; readonly values: V; readonly rest: readonly string[] }
  | { readonly ok: false; readonly exitCode: 0 | 2; readonly text: string };

/**
 * What a parsed command line means: a flag that is not there ends with code 2, a value that cannot be used and an argument
 * that is no flag with 1.
 * @param meaning of the daemon's own flags, beside that of the shared ones; throws an Error saying which one cannot be used.
 */
export function readDaemonOptions<V extends DaemonValues, T>(
  parsed: Parsed<V>,
  meaning: (values: V, shared: DaemonOptions) => T,
): ReadOptions<T> {
  if (!parsed.ok) return parsed;
  const { values, rest } = parsed;
  try {
    const [surplus] = rest;
    if (surplus !== undefined) throw new Error(`unexpected argument ${JSON.stringify(surplus)}`);
    return { ok: true, options: meaning(values, sharedOptions(values)) };
  } catch (error) {
    return { ok: false, exitCode: 1, text: `${error instanceof Error ? error.message : String(error)}\n` };
  }
}

/** @throws {Error} saying which flag cannot be used and why. */
function sharedOptions(values: DaemonValues): DaemonOptions {
  const logLevel = logLevelNames.find((name) => name === values["log-level"]);
  if (logLevel === undefined) throw new Error(`--log-level must be one of ${logLevelNames.join(", ")}`);
  const classProblem = classFlagProblem(values["lb-class"]);
  if (classProblem !== undefined) throw new Error(`--lb-class: ${classProblem}`);
  return {
    namespace: values.namespace,
    podName: values["pod-name"],
    metricsPort: values.port,
    healthPort: values["health-probe-port"],
    logLevel,
    tls: tlsSettings(values),
    metricsCertDirectory: values["metrics-cert-dir"] || undefined,
    kubeconfig: values.kubeconfig || undefined,
    profileAddress: profileAddress(values["pprof-bind-address"]),
    withoutEffect: [],
  };
}

/** `0` switches profiles off too, as it does for MetalLB. */
function profileAddress(text: string): BindAddress | undefined {
  if (text === "" || text === "0") return undefined;
  const address = parseBindAddress(text);
  if (address === undefined) throw new Error("--pprof-bind-address must be host:port, such as localhost:6060");
  return address;
}
