import { deepEqual, equal, match, notEqual, rejects } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes, type Secret } from "../../crds/types/kubernetes.ts";
import { KubeError } from "../framework/api/kube-api.ts";
import { FakeApi } from "../framework/fake/fake-api.ts";
import { ensureMemberlistSecret } from "./memberlist-secret.ts";

const namespace = "metallb-system";
const deployments = { group: "apps", version: "v1", plural: "deployments", kind: "Deployment" };
const options = (api: FakeApi) => ({ api, namespace, name: "memberlist", deployment: "controller" });
const stored = (api: FakeApi): Secret | undefined => api.peek<Secret>(resourceTypes.secrets, { namespace, name: "memberlist" });

const withDeployment = (): FakeApi => {
  const api = new FakeApi();
  api.put(deployments, { metadata: { namespace, name: "controller", uid: "deployment" } });
  return api;
};
const keyOf = (api: FakeApi): string => Buffer.from(stored(api)?.data?.["secretkey"] ?? "", "base64").toString();

test("the Secret holds 16 random octets as 22 characters of base64 and belongs to the Deployment", async () => {
  const [api, other] = [withDeployment(), withDeployment()];
  await ensureMemberlistSecret(options(api));
  await ensureMemberlistSecret(options(other));
  match(keyOf(api), /^[A-Za-z0-9+/]{22}$/);
  equal(Buffer.from(keyOf(api), "base64").length, 16);
  notEqual(keyOf(api), keyOf(other));
  equal(stored(api)?.type, "Opaque");
  deepEqual(Object.keys(stored(api)?.data ?? {}), ["secretkey"]);
  deepEqual(stored(api)?.metadata.ownerReferences, [
    { apiVersion: "apps/v1", kind: "Deployment", name: "controller", uid: "deployment" },
  ]);
});

test("the key is never changed, by no later start", async () => {
  const api = withDeployment();
  await ensureMemberlistSecret(options(api));
  const key = keyOf(api);
  await ensureMemberlistSecret(options(api));
  equal(keyOf(api), key);
});

for (const data of [{ secretkey: "a2V5" }, {}, { other: "eA==" }])
  test(`an existing Secret is left alone, whatever it holds (${JSON.stringify(data)})`, async () => {
    const api = withDeployment();
    api.put<Secret>(resourceTypes.secrets, { metadata: { namespace, name: "memberlist" }, data });
    await ensureMemberlistSecret(options(api));
    deepEqual([stored(api)?.data, api.requests.map(({ verb }) => verb)], [data, ["get"]]);
  });

test("of two replicas that start together one makes the Secret, and the other takes it as it is", async () => {
  const api = withDeployment();
  await Promise.all([ensureMemberlistSecret(options(api)), ensureMemberlistSecret(options(api))]);
  equal(api.requests.filter(({ verb }) => verb === "create").length, 2);
  match(keyOf(api), /^[A-Za-z0-9+/]{22}$/);
});

for (const verb of ["get", "create"])
  test(`an API server that refuses to ${verb} ends the start`, async () => {
    const api = withDeployment();
    api.fail((request) => request.verb === verb, new KubeError("forbidden", 403, "Forbidden"));
    await rejects(ensureMemberlistSecret(options(api)), /forbidden/);
    equal(stored(api), undefined);
  });

test("a missing Deployment is an error that names it", async () => {
  await rejects(ensureMemberlistSecret(options(new FakeApi())), /Deployment metallb-system\/controller/);
});
