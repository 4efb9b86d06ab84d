import { deepEqual, equal, ok } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { KubeObject, ResourceType } from "./api/kube-object.ts";
import { FakeApi, type FakeHook } from "./fake/fake-api.ts";
import { FakeClock, settle } from "./fake/fake-clock.ts";
import { FakeLog } from "./fake/fake-log.ts";
import { createLeaderElection } from "./leader-election.ts";

type Lease = KubeObject & {
  readonly spec: { readonly holderIdentity: string; readonly leaseTransitions: number; readonly renewTime: string };
};
const leases: ResourceType = { group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease" };
const lease = { namespace: "n", name: "herald-controller" };

type Times = { readonly leaseDurationMs?: number; readonly renewDeadlineMs?: number; readonly lookPeriodMs?: number };

/** Candidates that share an API server and a clock; `log` is what they said in order. */
function candidates(t: TestContext, ...given: readonly (string | Times)[]) {
  const times = Object.assign({}, ...given.filter((each) => typeof each !== "string")) as Times;
  const names = given.filter((each) => typeof each === "string");
  const api = new FakeApi();
  const clock = new FakeClock();
  const said: string[] = [];
  const elections = names.map((identity) => {
    const stop = new AbortController();
    const election = createLeaderElection({
      api,
      clock,
      log: new FakeLog(),
      lease,
      identity,
      random: () => 0,
      ...times,
      onStarted: (term) => {
        said.push(`${identity} leads`);
        term.addEventListener("abort", () => said.push(`${identity} term over`));
      },
      onStopped: () => said.push(`${identity} stopped`),
    });
    const running = election.run(stop.signal);
    t.after(async () => {
      stop.abort();
      await clock.advance(60_000);
      await running;
    });
    return { election, stop, running };
  });
  return { api, clock, said, elections, holder: () => api.peek<Lease>(leases, lease)?.spec };
}

const all: FakeHook = () => {
  throw new Error("connection refused");
};

test("the first candidate makes the Lease and renews it; the second waits", async (t) => {
  const { clock, said, holder, elections } = candidates(t, "a", "b");
  await clock.advance(60_000);
  deepEqual(said, ["a leads"]);
  equal(holder()?.holderIdentity, "a");
  equal(holder()?.leaseTransitions, 0);
  ok((holder()?.renewTime ?? "") > "2026-01-01T00:00:57.000000Z");
  deepEqual(
    elections.map(({ election }) => [election.leading, election.leader]),
    [
      [true, "a"],
      [false, "a"],
    ],
  );
});

test("a leader that is in doubt leads again only when the API server names it still", async (t) => {
  const { api, clock, said, elections } = candidates(t, "a");
  await clock.advance(10_000);
  elections[0]?.election.doubt();
  equal(elections[0]?.election.leading, false);
  await clock.advance(3_000);
  equal(elections[0]?.election.leading, true);
  elections[0]?.election.doubt();
  await api.mergePatch(leases, lease, { spec: { holderIdentity: "b" } });
  await clock.advance(3_000);
  deepEqual(said, ["a leads", "a term over", "a stopped", "a leads", "a term over", "a stopped"]);
});

test("a leader that is stopped ends its term first, then releases the Lease, and the next one leads within a retry", async (t) => {
  const { clock, said, holder, elections } = candidates(t, "a", "b");
  await clock.advance(10_000);
  elections[0]?.stop.abort();
  await settle();
  equal(holder()?.holderIdentity, "");
  await clock.advance(2000);
  deepEqual(said, ["a leads", "a term over", "a stopped", "b leads"]);
  equal(holder()?.leaseTransitions, 1);
});

test("a leader that cannot renew stops before anybody else may lead", async (t) => {
  const { api, clock, said, elections } = candidates(t, "a", "b");
  await clock.advance(2000);
  const unhook = api.hook(all);
  await clock.advance(9999);
  deepEqual(said, ["a leads"]);
  equal(elections[0]?.election.leading, true);
  await clock.advance(2);
  deepEqual(said, ["a leads", "a term over", "a stopped"]);
  unhook();
  await clock.advance(20_000);
  equal(said.filter((line) => line.endsWith("leads")).length, 2);
  equal(elections.filter(({ election }) => election.leading).length, 1);
});

test("a renewal that hangs is counted from when it was sent", async (t) => {
  const { api, clock, said, elections } = candidates(t, "a");
  await clock.advance(2000);
  api.hook((request) => (request.verb === "patch" ? new Promise(() => {}) : undefined));
  await clock.advance(10_001);
  deepEqual(said, ["a leads", "a term over", "a stopped"]);
  equal(elections[0]?.election.leading, false);
});

test("a renewal that is answered late counts from when it was sent", async (t) => {
  const { api, clock, said } = candidates(t, "a");
  await clock.advance(2000);
  const unhook = api.hook(() => new Promise<void>((resolve) => void clock.after(4000, resolve)));
  await clock.advance(6000); // sent at 4 s at the latest, answered at 8 s
  unhook();
  api.hook(all);
  await clock.advance(5999);
  deepEqual(said, ["a leads"]);
  await clock.advance(500);
  deepEqual(said, ["a leads", "a term over", "a stopped"]);
});

test("a leader that is stopped while it renews releases the Lease too", async (t) => {
  const { api, clock, holder, elections } = candidates(t, "a");
  await clock.advance(2000);
  const unhook = api.hook(() => new Promise<void>((resolve) => void clock.after(500, resolve)));
  await clock.advance(2100); // a renewal is on its way
  elections[0]?.stop.abort();
  await clock.advance(600);
  unhook();
  await clock.advance(600);
  equal(holder()?.holderIdentity, "");
});

test("a process that stood still beyond the deadline begins a new term, as others may have led meanwhile", async (t) => {
  const { api, clock, said } = candidates(t, "a");
  await clock.advance(2000);
  const { promise: slow, resolve: answer } = Promise.withResolvers<void>();
  api.hook(({ verb }) => (verb === "patch" ? slow : undefined));
  await clock.advance(2100); // a renewal is on its way
  clock.stall(9_000);
  answer();
  await settle();
  deepEqual(said, ["a leads", "a term over", "a stopped", "a leads"]);
});

test("a wall clock that jumps changes nothing", async (t) => {
  const { clock, said } = candidates(t, "a", "b");
  await clock.advance(5000);
  clock.jumpWall(3_600_000);
  await clock.advance(5000);
  clock.jumpWall(-7_200_000);
  await clock.advance(30_000);
  deepEqual(said, ["a leads"]);
});

test("of two that find the same stale Lease one leads", async (t) => {
  const { api, clock, said } = candidates(t, "a", "b");
  api.put(leases, {
    metadata: { ...lease },
    spec: { holderIdentity: "gone", leaseDurationSeconds: 15, leaseTransitions: 4 },
  } as unknown as Lease);
  await clock.advance(14_000);
  deepEqual(said, []);
  await clock.advance(6000);
  equal(said.length, 1);
  equal(api.peek<Lease>(leases, lease)?.spec.leaseTransitions, 5);
});

test("a Lease that another took over ends the term at the next renewal", async (t) => {
  const { api, clock, said } = candidates(t, "a");
  await clock.advance(1000);
  api.put(leases, { metadata: { ...lease }, spec: { holderIdentity: "thief", leaseDurationSeconds: 15 } } as unknown as Lease);
  await clock.advance(3000);
  deepEqual(said, ["a leads", "a term over", "a stopped"]);
});

test("a Lease that was touched without a new holder is renewed on", async (t) => {
  const { api, clock, said } = candidates(t, "a");
  await clock.advance(1000);
  const found = api.peek<Lease>(leases, lease);
  api.put(leases, { ...found, metadata: { ...lease, labels: { touched: "yes" } } } as Lease);
  await clock.advance(30_000);
  deepEqual(said, ["a leads"]);
});

test("a candidate leads as soon as the Lease of a dead leader has stood still for its duration, and not before", async (t) => {
  const { api, clock, elections } = candidates(t, { leaseDurationMs: 6_000, renewDeadlineMs: 4_000, lookPeriodMs: 1_000 }, "b");
  const renewed = (leaseDurationSeconds: number): void => {
    const spec = { holderIdentity: "ghost", leaseDurationSeconds, renewTime: new Date(clock.now()).toISOString() };
    const object: KubeObject & { readonly spec: object } = { metadata: { ...lease }, spec };
    api.put(leases, object);
  };
  renewed(600);
  await settle();
  await clock.advance(10_500);
  renewed(6); // seen half a second later
  await clock.advance(6_400);
  equal(elections[0]?.election.leading, false);
  await clock.advance(100);
  equal(elections[0]?.election.leading, true);
});
