import { equal, match, rejects } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes, type Secret } from "../../crds/types/kubernetes.ts";
import { FakeApi } from "../framework/fake/fake-api.ts";
import { ensureMemberlistSecret } from "./memberlist-secret.ts";

const namespace = "metallb-system";
const deployments = { group: "apps", version: "v1", plural: "deployments", kind: "Deployment" };
const options = (api: FakeApi) => ({ api, namespace, name: "memberlist", deployment: "controller" });
const stored = (api: FakeApi): Secret | undefined => api.peek<Secret>(resourceTypes.secrets, { namespace, name: "memberlist" });

test("the Secret holds 22 characters of base64 and belongs to the Deployment", async () => {
  const api = new FakeApi();
  api.put(deployments, { metadata: { namespace, name: "controller" } });
  await ensureMemberlistSecret(options(api));
  match(Buffer.from(stored(api)?.data?.["secretkey"] ?? "", "base64").toString(), /^[A-Za-z0-9+/]{22}$/);
  equal(stored(api)?.metadata.ownerReferences?.[0]?.kind, "Deployment");
});

test("an existing Secret is left alone", async () => {
  const api = new FakeApi();
  api.put<Secret>(resourceTypes.secrets, { metadata: { namespace, name: "memberlist" }, data: { secretkey: "a2V5" } });
  await ensureMemberlistSecret(options(api));
  equal(stored(api)?.data?.["secretkey"], "a2V5");
});

test("a missing Deployment is an error that names it", async () => {
  await rejects(ensureMemberlistSecret(options(new FakeApi())), /Deployment metallb-system\/controller/);
});
