import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import type { KubeApi } from "../../../operator/framework/api/kube-api.ts";
import { FakeApi } from "../../../operator/framework/fake/fake-api.ts";
import { settle } from "../../../operator/framework/fake/fake-clock.ts";
import { pacedApi } from "./paced-api.ts";

const type = resourceTypes.services;
const service = (index: number) => ({ metadata: { namespace: "default", name: `s${index}` } });

/** An API with so many Services, behind a pacer that counts. */
function setUp(services: number, limited = true) {
  const fake = new FakeApi();
  for (let index = 0; index < services; index++) fake.put(type, service(index));
  const pacer = { limited, paces: 0, pace: () => void pacer.paces++ };
  return { fake, pacer, api: pacedApi(fake, pacer) };
}

test("under a limit there is a pause before each object of a list", async () => {
  const { api, pacer } = setUp(30);
  const { items } = await api.listPage(type, { limit: 500, slim: (object) => ({ ...object, cut: true }) });
  equal(
    items.every((object) => "cut" in object),
    true,
  );
  equal(pacer.paces > 30, true);
});

test("under a limit pages are smaller", async () => {
  const { api } = setUp(300);
  equal((await api.listPage(type, { limit: 500 })).items.length, 100);
  equal((await api.listPage(type, { limit: 1 })).items.length, 1);
});

test("without a limit a list is asked for as it is", async () => {
  const { api, fake } = setUp(300, false);
  const options = { limit: 500 };
  equal((await api.listPage(type, options)).items.length, 300);
  deepEqual(fake.requests.at(-1)?.body, options);
});

test("there is a pause before each event of a watch", async () => {
  const { api, fake, pacer } = setUp(0);
  const stop = new AbortController();
  const paces: number[] = [];
  const watching = api.watch(type, { resourceVersion: "0", signal: stop.signal, onEvent: () => paces.push(pacer.paces) });
  await settle();
  fake.put(type, service(1));
  fake.put(type, service(2));
  await settle();
  stop.abort();
  await watching;
  deepEqual(paces, [1, 2]);
});

const key = { namespace: "default", name: "s0" };
const requests: Readonly<Record<string, (api: KubeApi) => Promise<unknown>>> = {
  get: (api) => api.get(type, key),
  list: (api) => api.list(type, {}),
  create: (api) => api.create(type, service(7)),
  mergePatch: (api) => api.mergePatch(type, key, { metadata: { labels: { a: "b" } } }),
  apply: (api) => api.apply(type, service(0), { fieldManager: "test", force: true }),
  delete: (api) => api.delete(type, key),
};
for (const [name, request] of Object.entries(requests))
  test(`there is a pause before ${name}, which is passed on`, async () => {
    const { api, fake, pacer } = setUp(1);
    await request(api);
    equal(pacer.paces > 0, true);
    equal(fake.requests.length, 1);
  });
