import { readFile } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import type { User } from "@kubernetes/client-node";
import type { Credentials } from "./credentials.ts";

/**
 * Reads kubeconfig files, merged as kubectl does: the first that defines a name wins. Exec plugins are run.
 * @throws Error when a file cannot be read, or its current context names no cluster.
 */
export async function readKubeConfigFiles(
  paths: readonly string[],
): Promise<{ readonly credentials: Credentials; readonly namespace: string | undefined }> {
  // Loaded only here: a pod with a service account never pays for it (some 5 MB when bundled).
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
  const config = new KubeConfig();
  for (const [index, path] of paths.entries()) {
    if (index === 0) {
      config.loadFromFile(path);
      continue;
    }
    const more = new KubeConfig();
    more.loadFromFile(path);
    config.mergeConfig(more, true);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error(`${paths.join(", ")}: the current context names no cluster`);
  if (cluster.proxyUrl) throw new Error(`${paths.join(", ")}: proxy-url is not supported`);
  const user = config.getCurrentUser();
  const applied: RequestOptions = {};
  await config.applyToHTTPSOptions(applied);
  const authorization = headerOf(applied) ?? (await authorizationOf(user, paths));
  const credentials: Credentials = {
    server: cluster.server,
    insecure: cluster.skipTLSVerify === true,
    ...pem("ca", applied.ca),
    ...pem("cert", applied.cert),
    ...pem("key", applied.key),
    ...(cluster.tlsServerName ? { serverName: cluster.tlsServerName } : {}),
    ...(authorization === undefined ? {} : { authorization }),
  };
  return { credentials, namespace: config.getContextObject(config.getCurrentContext())?.namespace };
}

function headerOf(options: RequestOptions): string | undefined {
  const headers = options.headers as Readonly<Record<string, unknown>> | undefined;
  const value = headers?.["Authorization"];
  return typeof value === "string" ? value : undefined;
}

/** Basic authentication, and `tokenFile`, which the library does not know. */
async function authorizationOf(user: User | null, paths: readonly string[]): Promise<string | undefined> {
  if (user === null) return undefined;
  if (user.username) return `Basic ${Buffer.from(`${user.username}:${user.password ?? ""}`).toString("base64")}`;
  for (const path of paths) {
    const file = await tokenFileOf(user.name, path);
    if (file !== undefined) return `Bearer ${(await readFile(file, "utf8")).trim()}`;
  }
  return undefined;
}

async function tokenFileOf(userName: string, path: string): Promise<string | undefined> {
  const { loadYaml } = await import("@kubernetes/client-node/dist/yaml.js");
  type File = { readonly users?: readonly { readonly name?: string; readonly user?: { readonly tokenFile?: string } }[] };
  const file = loadYaml<File | undefined>(await readFile(path, "utf8"));
  return file?.users?.find((user) => user.name === userName)?.user?.tokenFile;
}

function pem(name: "ca" | "cert" | "key", value: unknown): { readonly [key in typeof name]?: string } {
  if (value === undefined || value === null) return {};
  return { [name]: Buffer.isBuffer(value) ? value.toString("utf8") : String(value) };
}
