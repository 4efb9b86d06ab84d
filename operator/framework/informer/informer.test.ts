import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { KubeError, MalformedAnswerError } from "../api/kube-api.ts";
import type { KubeObject, ResourceType } from "../api/kube-object.ts";
import { FakeApi } from "../fake/fake-api.ts";
import { FakeClock, settle } from "../fake/fake-clock.ts";
import { FakeLog } from "../fake/fake-log.ts";
import { createInformer, type InformerOptions } from "./informer.ts";
import type { Change } from "./store.ts";

type Pool = KubeObject & { readonly spec?: { readonly text: string; readonly secret?: string } };
const pools: ResourceType = { group: "metallb.io", version: "v1beta1", plural: "ipaddresspools", kind: "IPAddressPool" };

function pool(name: string, text = "a"): Pool {
  return { metadata: { name, namespace: "n" }, spec: { text } };
}

async function started(
  t: { after(run: () => Promise<void>): void },
  more: Partial<InformerOptions<Pool>> = {},
  api = new FakeApi(),
) {
  const clock = new FakeClock();
  const log = new FakeLog();
  const changes: string[] = [];
  const onChange = ({ key, before, after }: Change<Pool>) =>
    void changes.push(`${key.name}:${before?.spec?.text ?? "-"}>${after?.spec?.text ?? "-"}`);
  const informer = createInformer<Pool>({ api, type: pools, onChange, clock, log, random: () => 0, ...more });
  const stop = new AbortController();
  const stopped = informer.start(stop.signal);
  t.after(async () => {
    stop.abort();
    await stopped;
    equal(api.openWatches, 0, "no watch is left behind");
  });
  await settle();
  const counts = () => ({
    lists: api.requests.filter((request) => request.verb === "list").length,
    watches: api.requests.filter((request) => request.verb === "watch").length,
  });
  return { api, clock, log, changes, informer, counts };
}

test("a list in pages fills the store, and synced resolves only then", async (t) => {
  const api = new FakeApi();
  for (let i = 0; i < 7; i++) api.put(pools, pool(`p${i}`));
  const { informer, changes, counts } = await started(t, { pageSize: 3 }, api);
  await informer.synced;
  equal(informer.reader.size, 7);
  equal(informer.reader.synced, true);
  deepEqual(changes.length, 7);
  deepEqual(counts(), { lists: 3, watches: 1 });
});

test("a failed page leaves the store unsynced, and the list begins anew", async (t) => {
  const api = new FakeApi();
  for (let i = 0; i < 4; i++) api.put(pools, pool(`p${i}`));
  api.fail((request) => request.verb === "list" && "continue" in (request.body as object), new Error("cut"));
  const { informer, clock, log } = await started(t, { pageSize: 3 }, api);
  equal(informer.reader.synced, false);
  ok(informer.failing?.includes("cut"));
  await clock.advance(250);
  equal(informer.reader.synced, true);
  equal(informer.failing, undefined);
  deepEqual(log.at("warn").length, 1);
});

test("adds, changes and deletions arrive in order, with the last known object on deletion", async (t) => {
  const { api, changes } = await started(t);
  api.put(pools, pool("p", "a"));
  api.put(pools, pool("p", "b"));
  api.remove(pools, { namespace: "n", name: "p" });
  deepEqual(changes, ["p:->a", "p:a>b", "p:b>-"]);
});

test("a deletion during an outage is delivered after the relist", async (t) => {
  const { api, clock, changes, informer } = await started(t);
  api.put(pools, pool("stays"));
  api.put(pools, pool("goes", "old"));
  api.breakWatches(new Error("connection reset"));
  api.remove(pools, { namespace: "n", name: "goes" });
  api.compact();
  await clock.advance(2000);
  deepEqual(changes.slice(2), ["goes:old>-"]);
  equal(informer.reader.size, 1);
});

test("an object deleted and made anew during an outage is a deletion and an addition", async (t) => {
  const { api, clock, changes } = await started(t);
  api.put(pools, pool("p", "old"));
  api.breakWatches(new Error("connection reset"));
  api.remove(pools, { namespace: "n", name: "p" });
  api.put(pools, pool("p", "new"));
  api.compact();
  await clock.advance(2000);
  deepEqual(changes.slice(1), ["p:old>-", "p:->new"]);
});

test("where watching alone is forbidden, a kind that lists instead is read again at least every 5 s", async (t) => {
  const { api, clock, changes } = await started(t, { listsInstead: true });
  api.fail(({ verb }) => verb === "watch", new KubeError("forbidden", 403, "Forbidden"), 1000);
  api.breakWatches(new Error("connection reset"));
  api.put(pools, pool("p", "a"));
  await clock.advance(5_000);
  api.put(pools, pool("p", "b"));
  await clock.advance(5_000);
  deepEqual(changes, ["p:->a", "p:a>b"]);
});

test("while lists fail or are forbidden nothing is reported as deleted, and waits grow to 5 s", async (t) => {
  const { api, clock, changes, informer } = await started(t);
  api.put(pools, pool("p"));
  api.compact();
  api.fail((request) => request.verb !== "get", new KubeError("forbidden", 403, "Forbidden"), 1000);
  api.breakWatches(new KubeError("too old", 410, "Expired"));
  await clock.advance(0);
  const waits: number[] = [];
  for (let i = 0; i < 10; i++) {
    const wait = clock.nextIn ?? 0;
    waits.push(wait);
    await clock.advance(wait);
  }
  deepEqual(
    waits,
    [...waits].sort((a, b) => a - b),
  );
  equal(waits.at(-1), 5000);
  deepEqual(changes, ["p:->a"]);
  equal(informer.reader.size, 1);
  equal(informer.failing, "forbidden");
});

test("a clean close continues at once from the last version without a list", async (t) => {
  const { api, clock, changes, counts } = await started(t);
  await clock.advance(5000);
  api.breakWatches();
  api.put(pools, pool("meanwhile"));
  await settle();
  deepEqual(counts(), { lists: 1, watches: 2 });
  deepEqual(changes, ["meanwhile:->a"]);
});

test("a server that ends every watch at once is not asked in a tight loop", async (t) => {
  const { api, clock, counts } = await started(t);
  const unhook = api.hook((request) => {
    if (request.verb === "watch") setImmediate(() => api.breakWatches());
  });
  api.breakWatches();
  for (let second = 0; second < 60; second++) await clock.advance(1000);
  ok(counts().watches < 20, `${counts().watches} watches`);
  unhook();
});

test("a server that answers every watch with 410 is not listed in a tight loop", async (t) => {
  const { api, clock, counts } = await started(t);
  api.fail((request) => request.verb === "watch", new KubeError("too old", 410, "Expired"), 1000);
  api.breakWatches(new Error("reset"));
  for (let second = 0; second < 60; second++) await clock.advance(1000);
  ok(counts().lists < 25, `${counts().lists} lists`);
});

test("after an outage that outlived the server's history, the list is read as soon as the server is back", async (t) => {
  const { api, clock, changes, informer } = await started(t);
  const away = new Error("connect ECONNREFUSED");
  api.fail(() => true, away, 4); // the version check before each of the next attempts
  api.breakWatches(away);
  for (let attempt = 0; attempt < 5; attempt++) await clock.advance(clock.nextIn ?? 0);
  api.put(pools, pool("late"));
  api.compact();
  await clock.advance(clock.nextIn ?? 0); // the version check succeeds, the watch is too old
  await settle();
  equal(clock.nextIn, undefined, "nothing is waited for");
  deepEqual(changes, ["late:->a"]);
  equal(informer.failing, undefined);
});

test("a reset watch continues from the last version, without a whole list", async (t) => {
  const { api, clock, counts, changes } = await started(t, { pageSize: 2 });
  for (let i = 0; i < 5; i++) api.put(pools, pool(`p${i}`));
  api.breakWatches(new Error("connection reset"));
  api.put(pools, pool("late"));
  await clock.advance(1000);
  equal(changes.at(-1), "late:->a");
  deepEqual(counts(), { lists: 2, watches: 2 }); // the second list is the check of the version, one object
});

test("bookmarks move the version on, so that a compaction costs no list", async (t) => {
  const { api, clock, counts } = await started(t);
  await clock.advance(5000);
  api.put({ ...pools, plural: "others" }, pool("x"));
  api.compact();
  api.bookmark();
  api.breakWatches();
  await settle();
  deepEqual(counts(), { lists: 1, watches: 2 });
});

test("a version that goes backwards (restored etcd) is accepted by a relist", async (t) => {
  const { api, clock, changes, informer } = await started(t);
  api.put(pools, pool("kept", "new"));
  api.put(pools, pool("young", "x"));
  api.breakWatches(new Error("connection refused"));
  api.store.restore(pools, [pool("kept", "old")], 10);
  await clock.advance(1000);
  deepEqual(changes.slice(2).sort(), ["kept:->old", "kept:new>-", "young:x>-"]);
  api.put(pools, pool("after"));
  equal(informer.reader.size, 2);
});

test("that versions went backwards is told before any change that shows it, and when the copy is right again", async (t) => {
  const told: string[] = [];
  const onRewind = () => void told.push("rewound");
  const onRelisted = () => void told.push("relisted");
  const onChange = ({ key }: Change<Pool>) => void told.push(key.name);
  const { api, clock, informer } = await started(t, { onRewind, onRelisted, onChange, pageSize: 1 });
  api.put(pools, pool("a", "old"));
  api.put(pools, pool("b", "old"));
  const backup = api.store.backup();
  api.put(pools, pool("b", "new"));
  api.store.revert(backup);
  told.length = 0;
  api.fail(
    ({ verb, body }) => verb === "list" && (body as { readonly continue?: string }).continue !== undefined,
    new Error("reset"),
  );
  api.breakWatches(new Error("connection refused"));
  await clock.advance(250);
  deepEqual([told, informer.reader.synced], [["rewound", "a"], false]);
  await clock.advance(2_000);
  deepEqual([told.at(-1), told.filter((text) => text === "rewound").length, informer.reader.synced], ["relisted", 1, true]);
  equal(informer.reader.get({ namespace: "n", name: "b" })?.spec?.text, "old");
});

test("after versions went backwards a version that was seen before is not taken for what it was", async (t) => {
  const { api, clock, informer } = await started(t);
  api.put(pools, pool("a", "before"));
  const { version } = api.store;
  const before = api.peek<Pool>(pools, { namespace: "n", name: "a" }) ?? pool("a");
  api.put(pools, pool("b"));
  const after: Pool = { ...before, spec: { text: "after" } };
  api.store.restore(pools, [after], version - 1);
  equal(api.peek<Pool>(pools, { namespace: "n", name: "a" })?.metadata.resourceVersion, String(version));
  api.breakWatches(new Error("connection refused"));
  await clock.advance(2_000);
  equal(informer.reader.get({ namespace: "n", name: "a" })?.spec?.text, "after");
});

test("when others know of a restore the list is read at once, and nothing is synced before", async (t) => {
  let count = 0;
  const { api, informer, counts } = await started(t, { onRelisted: () => void count++ });
  informer.relist();
  equal(informer.reader.synced, false);
  await settle();
  deepEqual([informer.reader.synced, count, counts().lists, api.openWatches], [true, 1, 2, 1]);
});

test("an answer that cannot be read leads to a list, not to an end", async (t) => {
  const { api, clock, informer } = await started(t);
  api.breakWatches(new MalformedAnswerError("not JSON"));
  api.put(pools, pool("p"));
  await clock.advance(250);
  equal(informer.reader.size, 1);
  equal(api.requests.filter((request) => request.verb === "list").length, 2);
});

test("an event that arrives makes the waits short again", async (t) => {
  const { api, clock } = await started(t);
  api.fail((request) => request.verb === "list", new Error("connection refused"), 5);
  api.breakWatches(new Error("reset"));
  await clock.advance(16_000);
  equal(api.openWatches, 1);
  api.put(pools, pool("p"));
  api.breakWatches(new Error("reset"));
  await settle();
  equal(clock.nextIn, 250);
});

test("a change handler or a slim function that throws is logged and stops nothing", async (t) => {
  const boom = () => {
    throw new Error("boom");
  };
  const { api, log, informer } = await started(t, { onChange: boom, slim: boom });
  api.put(pools, pool("p"));
  api.put(pools, pool("q"));
  equal(informer.reader.size, 2);
  equal(log.at("error").length, 4);
});

test("what a list shows as it is known already is the object that is kept, and not cut down again", async (t) => {
  const api = new FakeApi();
  for (const name of ["p", "q"]) api.put(pools, pool(name));
  const cut: string[] = [];
  const slim = (object: Pool): Pool => {
    cut.push(object.metadata.name);
    return object;
  };
  const { clock, informer } = await started(t, { slim }, api);
  const known = informer.reader.get({ namespace: "n", name: "p" });
  ok(known);
  api.breakWatches(new MalformedAnswerError("not JSON"));
  api.put(pools, pool("q", "b"));
  await clock.advance(250);
  deepEqual(cut, ["p", "q", "q"]);
  equal(informer.reader.get({ namespace: "n", name: "p" }), known);
});

test("only slim objects are kept, from the list and from the watch", async (t) => {
  const api = new FakeApi();
  api.put(pools, { ...pool("p"), spec: { text: "a", secret: "s" } });
  const slim = ({ metadata, spec }: Pool): Pool => ({ metadata, spec: { text: spec?.text ?? "" } });
  const { informer } = await started(t, { slim }, api);
  api.put(pools, { ...pool("q"), spec: { text: "a", secret: "s" } });
  deepEqual(
    [...informer.reader.list()].map((object) => Object.keys(object.spec ?? {})),
    [["text"], ["text"]],
  );
});

test("indexes follow every change", async (t) => {
  const { api, informer } = await started(t, { indexes: { text: (object) => [object.spec?.text ?? ""] } });
  api.put(pools, pool("p", "a"));
  api.put(pools, pool("q", "a"));
  api.put(pools, pool("p", "b"));
  const names = (value: string) => informer.reader.by("text", value).map((object) => object.metadata.name);
  deepEqual([names("a"), names("b"), names("c")], [["q"], ["p"], []]);
  api.remove(pools, { namespace: "n", name: "p" });
  deepEqual(names("b"), []);
});

test("an object that leaves a selector is deleted", async (t) => {
  const { api, changes } = await started(t, { labelSelector: "!hidden" });
  api.put(pools, pool("p"));
  api.put(pools, { ...pool("p"), metadata: { name: "p", namespace: "n", labels: { hidden: "" } } });
  deepEqual(changes, ["p:->a", "p:a>-"]);
});
