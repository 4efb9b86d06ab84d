import { deepEqual, equal } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createKubeClient } from "../api/kube-client.ts";
import type { ClusterAccess } from "../api/kube-config.ts";
import type { KubeObject, ResourceType } from "../api/kube-object.ts";
import { FakeApi } from "../fake/fake-api.ts";
import { FakeLog } from "../fake/fake-log.ts";
import { HttpApiServer } from "../fake/http-api-server.ts";
import { systemClock } from "../system-clock.ts";
import { createInformer } from "./informer.ts";
import type { Change } from "./store.ts";

const pools: ResourceType = { group: "metallb.io", version: "v1beta1", plural: "ipaddresspools", kind: "IPAddressPool" };

/** An informer over real connections; `seen` waits until a change of that description has come. */
async function watching(t: TestContext) {
  const api = new FakeApi();
  const server = new HttpApiServer(api, [pools]);
  await server.start(undefined);
  const { port } = server;
  let token = "first";
  const access: ClusterAccess = {
    namespace: undefined,
    credentials: async () => ({ server: `http://127.0.0.1:${port}`, insecure: false, authorization: `Bearer ${token}` }),
    expire: () => {
      token = "second";
    },
  };
  const client = createKubeClient({ access });
  const waiting = new Map<string, () => void>();
  const changes: string[] = [];
  const onChange = ({ key, before, after }: Change<KubeObject>) => {
    const change = before === undefined ? `+${key.name}` : after === undefined ? `-${key.name}` : `~${key.name}`;
    changes.push(change);
    waiting.get(change)?.();
  };
  const informer = createInformer<KubeObject>({ api: client, type: pools, onChange, clock: systemClock, log: new FakeLog() });
  const stop = new AbortController();
  const stopped = informer.start(stop.signal);
  t.after(async () => {
    stop.abort();
    await stopped;
    client.close();
    await server.stop();
  });
  const seen = (change: string) =>
    changes.includes(change) ? Promise.resolve() : new Promise<void>((resolve) => void waiting.set(change, resolve));
  await informer.synced;
  api.put(pools, { metadata: { name: "first" } });
  await seen("+first");
  return { api, server, port, informer, changes, seen };
}

test("an API server that restarts, and a deletion meanwhile, are survived", async (t) => {
  const { api, server, port, seen, informer } = await watching(t);
  await server.stop();
  api.remove(pools, { name: "first" });
  api.put(pools, { metadata: { name: "second" } });
  api.compact();
  await server.start(undefined, port);
  await Promise.all([seen("-first"), seen("+second")]);
  equal(informer.reader.size, 1);
});

test("reset connections cost no event", async (t) => {
  const { api, server, seen, changes } = await watching(t);
  server.resetConnections();
  api.put(pools, { metadata: { name: "second" } });
  await seen("+second");
  deepEqual(changes, ["+first", "+second"]);
});

test("a clean end costs no event", async (t) => {
  const { api, server, seen, changes } = await watching(t);
  server.endWatches();
  api.put(pools, { metadata: { name: "second" } });
  await seen("+second");
  deepEqual(changes, ["+first", "+second"]);
});

test("rubbish in the stream leads to a list", async (t) => {
  const { api, server, seen } = await watching(t);
  server.writeToWatches('{"type":"ADDED","obj\n');
  api.put(pools, { metadata: { name: "second" } });
  await seen("+second");
});

test("a token that is rotated is used for the next watch", async (t) => {
  const { api, server, seen } = await watching(t);
  server.authorization = "Bearer second";
  server.endWatches();
  api.put(pools, { metadata: { name: "second" } });
  await seen("+second");
  equal(server.seen.at(-1)?.headers.authorization, "Bearer second");
});
