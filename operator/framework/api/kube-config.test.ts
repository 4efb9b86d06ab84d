import { deepEqual, equal, rejects } from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { FakeClock } from "../fake/fake-clock.ts";
import { loadKubeConfig } from "./kube-config.ts";

type User = Readonly<Record<string, unknown>>;

function workspace(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "herald-kubeconfig-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const write = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const kubeconfig = (user: User, cluster: object = {}, name = "config") =>
    write(
      name,
      JSON.stringify({
        clusters: [{ name: "c", cluster: { server: "https://192.0.2.1:6443/", ...cluster } }],
        users: [{ name: "u", user }],
        contexts: [{ name: "x", context: { cluster: "c", user: "u", namespace: "metallb-system" } }],
        "current-context": "x",
      }),
    );
  return { directory, write, kubeconfig };
}

async function credentialsOf(path: string) {
  return (await loadKubeConfig({ kubeconfig: path, env: {}, clock: new FakeClock() })).credentials();
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

test("a kubeconfig with certificates inside", async (t) => {
  const { kubeconfig } = workspace(t);
  const user = { "client-certificate-data": base64("CERT"), "client-key-data": base64("KEY") };
  const path = kubeconfig(user, { "certificate-authority-data": base64("CA"), "tls-server-name": "kubernetes" });
  const expected = {
    server: "https://192.0.2.1:6443",
    insecure: false,
    ca: "CA",
    cert: "CERT",
    key: "KEY",
    serverName: "kubernetes",
  };
  deepEqual(await credentialsOf(path), expected);
});

const users: readonly (readonly [string, User, string])[] = [
  ["a token", { token: "t" }, "Bearer t"],
  ["a password", { username: "u", password: "p" }, `Basic ${base64("u:p")}`],
];
for (const [name, user, authorization] of users)
  test(`a kubeconfig with ${name}`, async (t) => {
    equal((await credentialsOf(workspace(t).kubeconfig(user))).authorization, authorization);
  });

test("a kubeconfig's token file and plugin are asked again after a refusal", async (t) => {
  const { directory, write, kubeconfig } = workspace(t);
  const answer = '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}';
  write("plugin", `#!/bin/sh\nprintf '${answer}' "$(cat '${directory}/token')"\n`);
  chmodSync(join(directory, "plugin"), 0o755);
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: join(directory, "plugin"), interactiveMode: "Never" };
  for (const user of [{ tokenFile: join(directory, "token") }, { exec }]) {
    write("token", "one");
    const access = await loadKubeConfig({ kubeconfig: kubeconfig(user), env: {}, clock: new FakeClock() });
    write("token", "two");
    equal((await access.credentials()).authorization, "Bearer one");
    access.expire();
    equal((await access.credentials()).authorization, "Bearer two");
  }
});

test("credentials that cannot be read for a moment leave the former ones in use", async (t) => {
  const { kubeconfig, write } = workspace(t);
  const clock = new FakeClock();
  const access = await loadKubeConfig({ kubeconfig: kubeconfig({ token: "t" }), env: {}, clock });
  write("config", "{");
  clock.tick(120_000);
  equal((await access.credentials()).authorization, "Bearer t");
});

test("the order is flag, $KUBECONFIG, service account, home", async (t) => {
  const { directory, kubeconfig, write } = workspace(t);
  mkdirSync(join(directory, ".kube"));
  const paths = ["flag", "variable", ".kube/config"].map((name) => kubeconfig({ token: name }, {}, name));
  write("token", "account\n");
  write("ca.crt", "CA");
  const common = { clock: new FakeClock(), serviceAccountDirectory: directory, home: directory };
  const [flag, variable] = paths;
  const inCluster = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" };
  const of = async (more: { kubeconfig?: string | undefined; env: Record<string, string | undefined> }) =>
    (await (await loadKubeConfig({ ...common, ...more })).credentials()).authorization;
  equal(await of({ kubeconfig: flag, env: { KUBECONFIG: variable, ...inCluster } }), "Bearer flag");
  equal(await of({ env: { KUBECONFIG: variable, ...inCluster } }), "Bearer variable");
  equal(await of({ env: inCluster }), "Bearer account");
  equal(await of({ env: {} }), "Bearer .kube/config");
  const access = await loadKubeConfig({ ...common, env: inCluster });
  equal((await access.credentials()).server, "https://[fd00::1]:6443");
});

test("no way to a cluster says what was looked for", async (t) => {
  const { directory } = workspace(t);
  const loading = loadKubeConfig({ env: {}, clock: new FakeClock(), home: directory });
  await rejects(loading, /KUBECONFIG and KUBERNETES_SERVICE_HOST are not set, and .* Pass --kubeconfig\./);
});
