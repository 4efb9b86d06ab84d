import { classFlagProblem } from "../crds/load-balancer-class.ts";
import { type Flag, parseFlags } from "./framework/go-flags.ts";
import { type LogLevelName, logLevelNames } from "./framework/logger.ts";
import { type TlsSettings, tlsSettings } from "./framework/tls-flags.ts";

/** The operator's flags and environment variables: MetalLB's names and defaults. */
export const operatorFlags = [
  { name: "port", kind: "int", default: 9120, help: "HTTPS port of the metrics; 0 switches them off" },
  {
    name: "namespace",
    kind: "string",
    default: "",
    env: "METALLB_NAMESPACE",
    help: "namespace of the configuration; the service account's own when empty",
  },
  {
    name: "ml-secret-name",
    kind: "string",
    default: "",
    env: "METALLB_ML_SECRET_NAME",
    help: "Secret to create for the speakers' membership; none when empty",
  },
  {
    name: "deployment",
    kind: "string",
    default: "",
    env: "METALLB_DEPLOYMENT",
    help: "Deployment that owns that Secret",
  },
  { name: "pod-name", kind: "string", default: "", env: "METALLB_POD_NAME", help: "name of the own Pod" },
  { name: "log-level", kind: "string", default: "info", help: `one of ${logLevelNames.join(", ")}` },
  { name: "pprof-bind-address", kind: "string", default: "", help: "accepted and without effect: there is no Go profile" },
  { name: "health-probe-port", kind: "int", default: 17472, help: "HTTP port of /healthz and /readyz" },
  {
    name: "disable-cert-rotation",
    kind: "bool",
    default: false,
    help: "take the webhooks' certificate from --cert-dir instead of making it",
  },
  {
    name: "cert-dir",
    kind: "string",
    default: "/tmp/k8s-webhook-server/serving-certs",
    help: "directory with tls.crt and tls.key, used with --disable-cert-rotation",
  },
  { name: "cert-service-name", kind: "string", default: "metallb-webhook-service", help: "Service in front of the webhooks" },
  { name: "webhook-secret", kind: "string", default: "metallb-webhook-cert", help: "Secret with the webhooks' certificate" },
  { name: "webhook-mode", kind: "string", default: "enabled", help: "enabled, disabled or onlywebhook" },
  { name: "webhook-http2", kind: "bool", default: false, help: "accepted and without effect: HTTP/1.1 is served" },
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

const webhookModes = ["enabled", "disabled", "onlywebhook"] as const;

export type OperatorOptions = {
  readonly metricsPort: number;
  /** Empty: the surroundings name it. */
  readonly namespace: string;
  readonly memberlistSecret: string;
  readonly deployment: string;
  readonly podName: string;
  readonly logLevel: LogLevelName;
  readonly healthPort: number;
  readonly webhookMode: (typeof webhookModes)[number];
  readonly webhookSecret: string;
  readonly webhookService: string;
  /** Undefined: certificates are made and rotated here. */
  readonly webhookCertDirectory: string | undefined;
  readonly loadBalancerClass: string;
  readonly tls: TlsSettings;
  readonly metricsCertDirectory: string | undefined;
  readonly kubeconfig: string | undefined;
  /** Flags that were given and do nothing. */
  readonly withoutEffect: readonly string[];
};

export type ReadOptions =
  | { readonly ok: true; readonly options: OperatorOptions }
  /** `text` belongs on standard error. */
  | { readonly ok: false; readonly exitCode: 0 | 1 | 2; readonly text: string };

/** Reads the command line: a flag that is not there ends with code 2, a value that cannot be used with 1. */
export function readOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): ReadOptions {
  const parsed = parseFlags("controller", operatorFlags, args, env);
  if (!parsed.ok) return parsed;
  const { values, rest } = parsed;
  const [surplus] = rest;
  if (surplus !== undefined) return wrong(`unexpected argument ${JSON.stringify(surplus)}`);
  const logLevel = logLevelNames.find((name) => name === values["log-level"]);
  if (logLevel === undefined) return wrong(`--log-level must be one of ${logLevelNames.join(", ")}`);
  const webhookMode = webhookModes.find((mode) => mode === values["webhook-mode"]);
  if (webhookMode === undefined) return wrong(`--webhook-mode must be one of ${webhookModes.join(", ")}`);
  const classProblem = classFlagProblem(values["lb-class"]);
  if (classProblem !== undefined) return wrong(`--lb-class: ${classProblem}`);
  if (values["ml-secret-name"] !== "" && values.deployment === "") return wrong("--ml-secret-name needs --deployment");
  try {
    const options: OperatorOptions = {
      metricsPort: values.port,
      namespace: values.namespace,
      memberlistSecret: values["ml-secret-name"],
      deployment: values.deployment,
      podName: values["pod-name"],
      logLevel,
      healthPort: values["health-probe-port"],
      webhookMode,
      webhookSecret: values["webhook-secret"],
      webhookService: values["cert-service-name"],
      webhookCertDirectory: values["disable-cert-rotation"] ? values["cert-dir"] : undefined,
      loadBalancerClass: values["lb-class"],
      tls: tlsSettings(values),
      metricsCertDirectory: values["metrics-cert-dir"] || undefined,
      kubeconfig: values.kubeconfig || undefined,
      withoutEffect: [
        ...(values["webhook-http2"] ? ["--webhook-http2"] : []),
        ...(values["pprof-bind-address"] === "" ? [] : ["--pprof-bind-address"]),
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
