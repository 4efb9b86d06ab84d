import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { Credentials } from "./credentials.ts";
import { readKubeConfigFiles } from "./kube-config-file.ts";

/** The way to one cluster. */
export interface ClusterAccess {
  /** The namespace that the surroundings name: the service account's own, or the kubeconfig context's. */
  readonly namespace: string | undefined;
  /** Read anew at least once a minute, so that a rotated token or certificate is used. */
  credentials(): Promise<Credentials>;
  /** The server refused what {@link credentials} gave last: read again before the next request. */
  expire(): void;
}

export type KubeConfigOptions = {
  /** Path of a kubeconfig; undefined: `$KUBECONFIG`, the service account, then `~/.kube/config`, in this order. */
  readonly kubeconfig?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly serviceAccountDirectory?: string;
  readonly home?: string;
};

const refreshAfterMs = 50_000;

/** @throws Error naming what was looked for, when there is no way to a cluster. */
export async function loadKubeConfig(options: KubeConfigOptions): Promise<ClusterAccess> {
  const { env, clock } = options;
  const named = options.kubeconfig || env["KUBECONFIG"];
  if (named)
    return fromFiles(
      named.split(":").filter((path) => path !== ""),
      clock,
    );
  const directory = options.serviceAccountDirectory ?? "/var/run/secrets/kubernetes.io/serviceaccount";
  const host = env["KUBERNETES_SERVICE_HOST"];
  if (host) return fromServiceAccount(host, env["KUBERNETES_SERVICE_PORT"] || "443", directory, clock);
  const fallback = join(options.home ?? homedir(), ".kube", "config");
  return fromFiles([fallback], clock).catch((cause: unknown) => {
    const places = `KUBECONFIG and KUBERNETES_SERVICE_HOST are not set, and ${fallback} is of no use`;
    throw new Error(`No way to a Kubernetes API server: ${places}. Pass --kubeconfig.`, { cause });
  });
}

async function fromServiceAccount(host: string, port: string, directory: string, clock: Clock): Promise<ClusterAccess> {
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const read = async (): Promise<Credentials> => {
    const [token, ca] = await Promise.all([
      readFile(join(directory, "token"), "utf8"),
      readFile(join(directory, "ca.crt"), "utf8"),
    ]);
    return { server, ca, insecure: false, authorization: `Bearer ${token.trim()}` };
  };
  const namespace = await readFile(join(directory, "namespace"), "utf8").catch(() => undefined);
  return cached(namespace?.trim() || undefined, await read(), read, clock);
}

async function fromFiles(paths: readonly string[], clock: Clock): Promise<ClusterAccess> {
  const first = await readKubeConfigFiles(paths);
  const read = async () => (await readKubeConfigFiles(paths)).credentials;
  return cached(first.namespace, first.credentials, read, clock);
}

/** Reads at most once a minute, or after a refusal; while reading fails the last good credentials stay in use. */
function cached(
  namespace: string | undefined,
  first: Credentials,
  read: () => Promise<Credentials>,
  clock: Clock,
): ClusterAccess {
  let credentials = first;
  let readAt = clock.monotonic();
  let reading: Promise<Credentials> | undefined;
  const refresh = async () => {
    try {
      credentials = await read();
    } catch {
      // A file that is being replaced is readable again at the next request.
    }
    readAt = clock.monotonic();
    reading = undefined;
    return credentials;
  };
  return {
    namespace,
    async credentials() {
      if (clock.monotonic() - readAt < refreshAfterMs) return credentials;
      reading ??= refresh();
      return reading;
    },
    expire() {
      readAt = Number.NEGATIVE_INFINITY;
    },
  };
}
