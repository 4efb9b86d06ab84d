import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "./command.ts";
import { isIPv6, type Topology } from "./topology.ts";

/** Makes the cluster's certificate authority, the API server's and the administrator's certificate, and the token key. */
export async function createPki(folder: string, topology: Topology): Promise<void> {
  writeFileSync(join(folder, "openssl.cnf"), "[req]\ndistinguished_name = dn\n[dn]\n");
  await issue(folder, "ca", "/CN=herald-lab-ca", ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]);
  const names = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"].map((name) => `DNS:${name}`);
  const addresses = ["127.0.0.1", "::1", ...topology.controlPlane.addresses, ...topology.apiServiceAddresses];
  const alternatives = [...names, ...addresses.map((address) => `IP:${address}`)].join(",");
  await Promise.all([
    issue(folder, "apiserver", "/CN=kube-apiserver", ["basicConstraints=CA:FALSE", `subjectAltName=${alternatives}`], "ca"),
    issue(folder, "admin", "/O=system:masters/CN=admin", ["basicConstraints=CA:FALSE", "extendedKeyUsage=clientAuth"], "ca"),
    must("openssl", ["ecparam", "-genkey", "-noout", "-name", "prime256v1", "-out", join(folder, "sa.key")]),
  ]);
}

/** Writes a kubeconfig (JSON is YAML) for the administrator. `server` is host and port. */
export function writeKubeconfig(path: string, pki: string, server: string): void {
  const encoded = (name: string): string => readFileSync(join(pki, name)).toString("base64");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "lab", cluster: { server: `https://${server}`, "certificate-authority-data": encoded("ca.crt") } }],
    users: [
      { name: "admin", user: { "client-certificate-data": encoded("admin.crt"), "client-key-data": encoded("admin.key") } },
    ],
    contexts: [{ name: "lab", context: { cluster: "lab", user: "admin" } }],
    "current-context": "lab",
  };
  writeFileSync(path, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
}

/** Host and port of the API server as machines on the segment see it. */
export function apiServerOnSegment(topology: Topology): string {
  const address = topology.controlPlane.addresses[0] ?? "";
  return `${isIPv6(address) ? `[${address}]` : address}:6443`;
}

async function issue(
  folder: string,
  name: string,
  subject: string,
  extensions: readonly string[],
  authority?: string,
): Promise<void> {
  const signer =
    authority === undefined ? [] : ["-CA", join(folder, `${authority}.crt`), "-CAkey", join(folder, `${authority}.key`)];
  await must("openssl", [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365".split(" "),
    ...["-config", join(folder, "openssl.cnf"), "-subj", subject],
    ...["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.crt`)],
    ...extensions.flatMap((extension) => ["-addext", extension]),
    ...signer,
  ]);
}
