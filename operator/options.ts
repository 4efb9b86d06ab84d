import { type Backend, backendOf } from "../crds/config/backend.ts";
import {
  backendProblem,
  type DaemonOptions,
  daemonFlags,
  type ReadOptions,
  readDaemonOptions,
} from "./framework/daemon-flags.ts";
import { type Flag, type FlagValues, parseFlags } from "./framework/go-flags.ts";

/** The operator's flags and environment variables: MetalLB's names and defaults. */
export const operatorFlags = [
  ...daemonFlags,
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
] as const satisfies readonly Flag[];

const webhookModes = ["enabled", "disabled", "onlywebhook"] as const;

export type OperatorOptions = DaemonOptions & {
  readonly memberlistSecret: string;
  readonly deployment: string;
  readonly webhookMode: (typeof webhookModes)[number];
  readonly webhookSecret: string;
  readonly webhookService: string;
  /** Undefined: certificates are made and rotated here. */
  readonly webhookCertDirectory: string | undefined;
  readonly loadBalancerClass: string;
  /** Whose limits the configuration has to keep, by METALLB_BGP_TYPE. */
  readonly backend: Backend;
};

/** Reads the command line. */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ReadOptions<OperatorOptions> {
  const parsed = parseFlags("controller", operatorFlags, args, env);
  return readDaemonOptions(parsed, (values, shared) => operatorOptions(values, shared, env["METALLB_BGP_TYPE"]));
}

function operatorOptions(
  values: FlagValues<typeof operatorFlags>,
  shared: DaemonOptions,
  bgpType: string | undefined,
): OperatorOptions {
  const backend = backendOf(bgpType);
  if (backend === undefined) throw new Error(backendProblem);
  const webhookMode = webhookModes.find((mode) => mode === values["webhook-mode"]);
  if (webhookMode === undefined) throw new Error(`--webhook-mode must be one of ${webhookModes.join(", ")}`);
  if (values["ml-secret-name"] !== "" && values.deployment === "") throw new Error("--ml-secret-name needs --deployment");
  return {
    ...shared,
    memberlistSecret: values["ml-secret-name"],
    deployment: values.deployment,
    webhookMode,
    webhookSecret: values["webhook-secret"],
    webhookService: values["cert-service-name"],
    webhookCertDirectory: values["disable-cert-rotation"] ? values["cert-dir"] : undefined,
    loadBalancerClass: values["lb-class"],
    backend,
    withoutEffect: [...(values["webhook-http2"] ? ["--webhook-http2"] : []), ...shared.withoutEffect],
  };
}
