import { deepEqual, notEqual, ok } from "node:assert/strict";
import { before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { heraldPods } from "../herald-pods.ts";
import { installedLab, waitUntilInstalled } from "../installed-cluster.ts";
import type { Lab } from "../lab/lab.ts";
import { eventually, until } from "../lab/until.ts";
import { heraldNamespace, l2Advertisement, pool, service } from "../manifests.ts";
import { addressesOf, apply, eventOf, givenAddresses, read, remove } from "../observe.ts";
import { ServiceLoad } from "./service-load.ts";

/** Rounds of each kind; the soak asks for more. */
const rounds = Number(process.env["HERALD_CHAOS_ROUNDS"] ?? "2");

/** The Lease lasts 6 s, and whoever waits for it looks every second. */
const takeoverMs = 8_000;
/** What a busy machine may add to that before somebody has to look. */
const marginMs = 8_000;

describe("two replicas of the operator, under load", () => {
  const lab = installedLab();
  const load = { current: undefined as ServiceLoad | undefined };
  /** Addresses of Services that nothing in these tests may move. */
  let settled: ReadonlyMap<string, readonly string[]> = new Map();

  before(async () => {
    await apply(lab(), pool("chaos", ["10.77.0.0/24"], { avoidBuggyIPs: true }), l2Advertisement("chaos", ["chaos"]));
    for (let index = 0; index < 20; index++) await apply(lab(), service(`settled${index}`, { families: "SingleStack" }));
    const entries: [string, readonly string[]][] = [];
    for (let index = 0; index < 20; index++) entries.push([`settled${index}`, await givenAddresses(lab(), `settled${index}`, 1)]);
    settled = new Map(entries);
  });

  function loadOf(): ServiceLoad {
    const made = load.current ?? new ServiceLoad(lab(), 50);
    load.current = made;
    return made;
  }

  /** The load ends with the rounds, however they end: Node would not. */
  async function underLoad(round: (index: number) => Promise<void>): Promise<void> {
    loadOf().start();
    try {
      for (let index = 0; index < rounds; index++) await round(index);
    } finally {
      await loadOf().stop();
    }
  }

  /** Its container does not come back, which at the first time it would at once, and lead again. */
  async function discard(pod: string): Promise<void> {
    await remove(lab(), heraldNamespace, `pod/${pod}`, "--force", "--grace-period=0");
    await until("another Pod takes its place", 30_000, async () => (await heraldPods(lab(), "controller")).length >= 2);
  }

  /** @returns milliseconds from `start` until a Service that was created after `since` had its address. */
  async function servedAgain(since: number, start = Date.now()): Promise<number> {
    await until("a new Service has an address", takeoverMs + marginMs, async () => {
      const given = await loadOf().addresses();
      return [...given].some(([name, ips]) => Number(name.slice(4)) >= since && ips.length > 0);
    });
    return Date.now() - start;
  }

  async function nothingLost(): Promise<void> {
    await eventually("every Service has one address, and nobody shares", 60_000, async () => {
      const given = [...(await loadOf().addresses()).values()];
      if (given.some((ips) => ips.length !== 1)) return undefined;
      const all = [...given.flat(), ...[...settled.values()].flat()];
      return new Set(all).size === all.length || undefined;
    });
    for (const [name, addresses] of settled) deepEqual(await addressesOf(lab(), name), addresses);
  }

  test(`the leader killed ${rounds} times: Services are served again, nothing is lost, nothing given twice`, async (context) => {
    const took: number[] = [];
    await underLoad(async (round) => {
      const killed = await leader(lab());
      const [since, start] = [loadOf().next, Date.now()];
      lab().killPod(heraldNamespace, killed, "controller");
      if (round > 0) await discard(killed);
      took.push(await servedAgain(since, start));
      if (round > 0) notEqual(await leader(lab()), killed);
      await waitUntilInstalled(lab());
    });
    context.diagnostic(`served again after ${took.join(", ")} ms`);
    await nothingLost();
  });

  test(`the leader stopped for 20 s and continued, ${rounds} times: it writes nothing that is not true any more`, async (context) => {
    const took: number[] = [];
    await underLoad(async () => {
      const stopped = await leader(lab());
      const since = loadOf().next;
      lab().signalPod(heraldNamespace, stopped, "controller", "SIGSTOP");
      try {
        took.push(await servedAgain(since));
        notEqual(await leader(lab()), stopped);
        await pause(20_000 - (took.at(-1) ?? 0));
      } finally {
        lab().signalPod(heraldNamespace, stopped, "controller", "SIGCONT");
      }
      await waitUntilInstalled(lab());
    });
    context.diagnostic(`served again after ${took.join(", ")} ms`);
    await nothingLost();
  });

  test("an address that a late write gave twice is seen: the later holder moves, with an event", async () => {
    await apply(lab(), service("first", { families: "SingleStack" }));
    const [address = ""] = await givenAddresses(lab(), "first", 1);
    await apply(lab(), service("second", { families: "SingleStack" }));
    await givenAddresses(lab(), "second", 1);
    await lab().api.patch("/api/v1/namespaces/default/services/second/status", {
      status: { loadBalancer: { ingress: [{ ip: address }] } },
    });
    await eventually("the second has another address", 15_000, async () => {
      const [moved] = await addressesOf(lab(), "second");
      return (moved !== undefined && moved !== address) || undefined;
    });
    deepEqual(await addressesOf(lab(), "first"), [address]);
    ok((await eventOf(lab(), "second", "ClearAssignment", address)).includes("default/first"));
  });

  test("the replica that leads releases its Lease when it is stopped: the other serves within two seconds and a margin", async () => {
    const stopped = await leader(lab());
    await lab().kubectl(["-n", heraldNamespace, "delete", "pod", stopped, "--wait=false"]);
    await apply(lab(), service("after-release", { families: "SingleStack" }));
    await givenAddresses(lab(), "after-release", 1);
    notEqual(await leader(lab()), stopped);
    await waitUntilInstalled(lab());
    ok((await heraldPods(lab(), "controller")).length >= 2);
  });
});

async function leader(lab: Lab): Promise<string> {
  return eventually("somebody leads", 20_000, async () => {
    const holder = await read(lab, "lease/herald-controller", "{.spec.holderIdentity}", heraldNamespace);
    return holder === "" ? undefined : holder;
  });
}
