import { deepEqual, equal } from "node:assert/strict";
import https from "node:https";
import { type TestContext, test } from "node:test";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import type { KubeObject } from "../../../operator/framework/api/kube-object.ts";
import { testCertificate } from "../../../operator/framework/fake/test-certificate.ts";
import { startMetricsServer } from "../../../operator/framework/http/metrics-server.ts";
import { createRequestAuthorizer } from "../../../operator/framework/http/request-authorizer.ts";
import { MindWorld } from "../fake/mind-world.ts";
import { viewOf } from "../fake/views.ts";
import { factsHandlers, stateOf } from "./facts.ts";

const certificate = testCertificate("speaker");

/** A mind that announces one Service, behind the server of the metrics. The token `reader` may read, `guest` may not. */
async function serving(t: TestContext) {
  const world = new MindWorld();
  world.node("n1");
  world.speaker("n1");
  world.pool(["eth0"]);
  world.service("web", "192.0.2.10");
  await world.start();
  world.api.answer(resourceTypes.tokenreviews, (review) => {
    const username = (review as KubeObject & { readonly spec: { readonly token: string } }).spec.token;
    return { ...review, status: { authenticated: ["reader", "guest"].includes(username), user: { username } } } as KubeObject;
  });
  world.api.answer(resourceTypes.subjectaccessreviews, (review) => {
    const { user } = (review as KubeObject & { readonly spec: { readonly user: string } }).spec;
    return { ...review, status: { allowed: user === "reader" } } as KubeObject;
  });
  const { api, clock, log, metrics, mind } = world;
  const authorizer = createRequestAuthorizer(api, clock);
  const selfSigned = () => Promise.resolve(certificate);
  const handlers = factsHandlers(mind, "n1");
  const server = await startMetricsServer({ host: "127.0.0.1", port: 0, metrics, authorizer, handlers, selfSigned, clock, log });
  t.after(async () => {
    world.stop();
    await server.close();
  });
  return { world, get: (path: string, token?: string) => get(server.port, path, token) };
}

function get(port: number, path: string, token?: string): Promise<{ readonly status: number; readonly text: string }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, headers, agent: false, rejectUnauthorized: false };
    const request = https.get(options, async (answer) => {
      let text = "";
      for await (const chunk of answer) text += String(chunk);
      resolve({ status: answer.statusCode ?? 0, text });
    });
    request.on("error", reject);
  });
}

test("facts are told over HTTPS to whoever the API server lets, and to nobody else", async (t) => {
  const { get } = await serving(t);
  for (const path of ["/herald/v1/state", "/herald/v1/history", "/herald/v1/decisions", "/herald/v1/bgp"]) {
    const statuses = await Promise.all(
      [undefined, "stranger", "guest", "reader"].map(async (token) => (await get(path, token)).status),
    );
    deepEqual(statuses, [401, 401, 403, 200], path);
  }
});

test("the state names what is announced on which interfaces", async (t) => {
  const { get } = await serving(t);
  const { text } = await get("/herald/v1/state", "reader");
  const { node, deciding, candidates, announced } = JSON.parse(text);
  deepEqual([node, deciding, candidates], ["n1", true, ["n1"]]);
  deepEqual(announced, [{ service: "default/web", protocol: "layer2", addresses: [{ ip: "192.0.2.10", interfaces: ["eth0"] }] }]);
});

test("decisions are told for all Services, for one, and for one that is not there", async (t) => {
  const { get } = await serving(t);
  const all = JSON.parse((await get("/herald/v1/decisions", "reader")).text);
  deepEqual([all.node, all.services.map(({ service }: { readonly service: string }) => service)], ["n1", ["default/web"]]);
  const one = JSON.parse((await get("/herald/v1/decisions?service=default%2Fweb", "reader")).text);
  deepEqual([one.service, one.nodes.length], ["default/web", 1]);
  const none = await get("/herald/v1/decisions?service=web", "reader");
  deepEqual([none.status, none.text], [404, 'there is no Service "web": name it as namespace/name\n']);
});

test("the state tells what the speakers know of each other, with what each says of itself", () => {
  const view = viewOf(
    { n2: { eth0: ["192.0.2.0/24"], setAside: ["IPAddressPool/x"] }, n1: "dead", n3: {} },
    { remarks: ["a remark"] },
  );
  const world = new MindWorld(undefined, true);
  world.mind.receive({ type: "members", view });
  const { membership } = stateOf(world.mind, "n1") as { readonly membership: unknown };
  const links = [{ name: "eth0", mac: "00:00:00:00:00:00", subnets: ["192.0.2.0/24"] }];
  const said = { interfaces: links, setAside: ["IPAddressPool/x"], complete: true };
  deepEqual(membership, {
    ...{ conduct: "member", company: "together", source: "messages", remarks: ["a remark"] },
    nodes: [
      { node: "n1", alive: false, candidate: false, reason: "it was silent" },
      { node: "n2", alive: true, candidate: true, reason: "it lives and takes addresses", ...said },
      { node: "n3", alive: true, candidate: true, reason: "it lives and takes addresses" },
    ],
  });
});

test("the history tells when and why an announcement began and ended", async (t) => {
  const { world, get } = await serving(t);
  world.api.remove(resourceTypes.services, { namespace: "default", name: "web" });
  await world.pass(100);
  const { events } = JSON.parse((await get("/herald/v1/history", "reader")).text);
  deepEqual(
    events.map(({ event }: { readonly event: object }) => event),
    [
      { key: "default/web", protocol: "layer2", before: [], after: ["192.0.2.10"], cause: "start" },
      { key: "default/web", protocol: "layer2", before: ["192.0.2.10"], after: [], cause: "service", reason: "serviceDeleted" },
    ],
  );
  equal(
    events.every(({ at }: { readonly at: string }) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at)),
    true,
  );
});
