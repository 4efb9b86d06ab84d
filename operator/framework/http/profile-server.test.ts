import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { FakeClock, settle } from "../fake/fake-clock.ts";
import { startProfileServer } from "./profile-server.ts";

async function serving(t: TestContext) {
  const clock = new FakeClock();
  const server = await startProfileServer({ address: { host: "127.0.0.1", port: 0 }, clock });
  t.after(() => server.close());
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);
  /** Waits until `count` profiles are being taken, then lets `ms` pass. */
  const pass = async (count: number, ms: number) => {
    for (let turn = 0; turn < 1_000 && clock.pending < count; turn++) await settle();
    equal(clock.pending, count);
    await clock.advance(ms);
  };
  return { clock, get, pass };
}

test("the processor profile covers the seconds that are asked for", async (t) => {
  const { get, pass, clock } = await serving(t);
  const asked = get("/debug/pprof/profile?seconds=2");
  await pass(1, 1_999);
  equal(clock.pending, 1);
  await clock.advance(1);
  const answer = await asked;
  equal(answer.headers.get("content-disposition"), 'attachment; filename="profile.cpuprofile"');
  const profile: { readonly nodes?: readonly object[]; readonly samples?: readonly number[] } = JSON.parse(await answer.text());
  ok((profile.nodes ?? []).length > 0 && profile.samples !== undefined);
});

test("the heap profile has functions and sizes, and no value of the program", async (t) => {
  const { get, pass } = await serving(t);
  const secret = `hunter${Math.random()}`;
  const kept: string[] = [];
  const asked = get("/debug/pprof/heap");
  await pass(1, 15_000);
  for (let count = 0; count < 10_000; count++) kept.push(`${secret}${count}`);
  await pass(1, 15_000);
  const text = await (await asked).text();
  ok("head" in JSON.parse(text));
  ok(!text.includes(secret) && kept.length === 10_000);
});

test("of two profiles at once the second is refused, and one after the other is not", async (t) => {
  const { get, pass } = await serving(t);
  const first = get("/debug/pprof/profile?seconds=1");
  await pass(1, 0);
  equal((await get("/debug/pprof/heap?seconds=1")).status, 409);
  await pass(1, 1_000);
  equal((await first).status, 200);
  const third = get("/debug/pprof/heap?seconds=1");
  await pass(1, 1_000);
  equal((await third).status, 200);
});

test("any other path lists what there is, and impossible times are refused", async (t) => {
  const { get } = await serving(t);
  const paths = ["/debug/pprof/", "/", "/debug/pprof/goroutine", "/debug/pprof/heap?seconds=0", "/debug/pprof/heap?seconds=301"];
  const more = [...paths, "/debug/pprof/profile?seconds=x"];
  const answers = await Promise.all(more.map(get));
  deepEqual(
    answers.map(({ status }) => status),
    [200, 404, 404, 400, 400, 400],
  );
  match(await (answers[1]?.text() ?? ""), /\/debug\/pprof\/profile\?seconds=30/);
});
