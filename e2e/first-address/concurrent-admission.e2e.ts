import { equal, match, ok } from "node:assert/strict";
import { afterEach, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type HeraldPod, heraldPods, inNetworkOf } from "../herald-pods.ts";
import { installedLab } from "../installed-cluster.ts";
import { ApiRefusal } from "../lab/api-client.ts";
import { until } from "../lab/until.ts";
import { heraldNamespace, pool } from "../manifests.ts";
import { applyRefused, removeAll } from "../observe.ts";

type StoredPool = { readonly metadata: { readonly name: string }; readonly spec: { readonly addresses: readonly string[] } };
type Outcome = "stored" | "refused";

const collection = `/apis/metallb.io/v1beta1/namespaces/${heraldNamespace}/ipaddresspools`;

describe("pools written at the same moment through two replicas", () => {
  const lab = installedLab({ nodes: 2 });
  before(connectToBoth);
  afterEach(() => removeAll(lab()));

  async function stored(): Promise<readonly StoredPool[]> {
    return (await lab().api.get<{ readonly items: readonly StoredPool[] }>(collection)).items;
  }

  /** A write that overlaps may be refused for that, and for nothing else. */
  async function outcomeOf(write: Promise<unknown>): Promise<Outcome> {
    try {
      await write;
      return "stored";
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error;
      match(error.message, /overlaps with already defined CIDR/);
      return "refused";
    }
  }

  function create(name: string, ...addresses: string[]): Promise<Outcome> {
    return outcomeOf(lab().api.create(collection, pool(name, addresses)));
  }

  async function removePools(): Promise<void> {
    for (const { metadata } of await stored()) await lab().api.delete(`${collection}/${metadata.name}`);
  }

  /** Octets that a replica's webhook has received on the connections that stand: only the API server sends any. */
  async function octetsOf(replica: HeraldPod): Promise<number> {
    const { stdout } = await inNetworkOf(lab(), replica, ["ss", "-Htin", "state", "established", "sport", "=", ":9443"]);
    return [...stdout.matchAll(/bytes_received:(\d+)/g)].reduce((sum, [, octets]) => sum + Number(octets), 0);
  }

  /**
   * The API server opens a connection to the webhook's Service when all it has are busy, and kube-proxy leads it to any
   * replica. Two requests at once take the two that were used last; this begins anew until those lead to both replicas, and then every
   * race does. Others may stand beside them, from the installation, and mean nothing.
   */
  async function connectToBoth(): Promise<void> {
    for (let attempt = 0; attempt < 12; attempt++) {
      if (attempt > 0) await lab().restartApiServer({ downForMs: 0 });
      await until("pools are checked", 30_000, async () => {
        await checkTwo();
        return true;
      });
      if ((await shared(5, checkTwo)) >= 3) {
        // A pool that comes and goes while the replicas do not watch keeps its addresses reserved for a minute.
        if (attempt > 0) await sleep(6_000);
        return;
      }
    }
    throw new Error("the API server's connections never lead to both replicas");
  }

  /** Two pools at once, which nobody keeps. */
  async function checkTwo(): Promise<void> {
    const dryRun = (address: string): Promise<unknown> =>
      lab().api.create(`${collection}?dryRun=All`, pool("dry", [`${address}/32`]));
    await Promise.all([dryRun("203.0.113.1"), dryRun("203.0.113.2")]);
  }

  /** Repeats a race. @returns in how many rounds each replica was asked. */
  async function shared(rounds: number, race: (round: number) => Promise<void>): Promise<number> {
    const replicas = await heraldPods(lab(), "controller");
    equal(replicas.length, 2);
    let count = 0;
    for (let round = 0; round < rounds; round++) {
      const before = await Promise.all(replicas.map(octetsOf));
      await race(round);
      const after = await Promise.all(replicas.map(octetsOf));
      if (after.every((octets, index) => octets !== before[index])) count++;
    }
    return count;
  }

  test("of two overlapping pools exactly one is stored, 200 times", async (context) => {
    const inBoth = await shared(200, async (round) => {
      const outcomes = await Promise.all([
        create(`a${round}`, "198.51.100.0-198.51.100.127"),
        create(`b${round}`, "198.51.100.100-198.51.100.200"),
      ]);
      const pools = await stored();
      equal(pools.length, 1, `round ${round}: ${outcomes} and stored are ${pools.map(({ metadata }) => metadata.name)}`);
      equal(outcomes.filter((outcome) => outcome === "stored").length, 1);
      await removePools();
    });
    context.diagnostic(`both replicas were asked in ${inBoth} of 200 rounds`);
    ok(inBoth >= 100, `both replicas were asked in ${inBoth} of 200 rounds only: nothing was shown`);
  });

  test("of a pool that grows and a new one on the same addresses exactly one gets them, 100 times", async (context) => {
    const inBoth = await shared(100, async (round) => {
      equal(await create("grows", "198.51.100.0-198.51.100.9"), "stored");
      const grown = ["198.51.100.0-198.51.100.19"];
      const outcomes = await Promise.all([
        outcomeOf(lab().api.patch(`${collection}/grows`, { spec: { addresses: grown } })),
        create(`new${round}`, "198.51.100.15-198.51.100.30"),
      ]);
      const pools = await stored();
      const hasGrown = pools.some(({ metadata, spec }) => metadata.name === "grows" && spec.addresses[0] === grown[0]);
      equal(Number(hasGrown) + Number(pools.length > 1), 1, `round ${round}: ${outcomes}, ${JSON.stringify(pools)}`);
      await removePools();
    });
    context.diagnostic(`both replicas were asked in ${inBoth} of 100 rounds`);
    ok(inBoth >= 50, `both replicas were asked in ${inBoth} of 100 rounds only: nothing was shown`);
  });

  test("of two overlapping pools in one kubectl apply exactly one is stored, 20 times", async () => {
    for (let round = 0; round < 20; round++) {
      const said = await applyRefused(lab(), pool(`a${round}`, ["198.51.100.0/24"]), pool(`b${round}`, ["198.51.100.128/25"]));
      match(said, /overlaps with already defined CIDR/);
      equal((await stored()).length, 1);
      await removePools();
    }
  });

  test("the addresses of a deleted pool can be used again at once", async () => {
    equal(await create("first", "198.51.100.0/24"), "stored");
    await removePools();
    await until("another pool takes them", 2_000, async () => (await create("second", "198.51.100.0/24")) === "stored");
  });
});
