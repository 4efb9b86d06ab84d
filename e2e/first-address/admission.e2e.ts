import { deepEqual, equal, match } from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { installedCluster } from "../installed-cluster.ts";
import { heraldNamespace, l2Advertisement, pool } from "../manifests.ts";
import { apply, applyRefused, removeAll } from "../observe.ts";

describe("admission", () => {
  const cluster = installedCluster();
  afterEach(() => removeAll(cluster()));

  async function pools(): Promise<readonly string[]> {
    const { stdout } = await cluster().kubectl(["-n", heraldNamespace, "get", "ipaddresspools", "-o", "name"]);
    return stdout.split("\n").filter((line) => line !== "");
  }

  test("a pool that overlaps is refused by name, range and shared addresses", async () => {
    await apply(cluster(), pool("here", ["192.0.2.10-192.0.2.20"]));
    const words = await applyRefused(cluster(), pool("there", ["192.0.2.15-192.0.2.30"]));
    match(words, /overlaps with already defined CIDR/);
    for (const part of ["here", "there", "192.0.2.10-192.0.2.20", "192.0.2.15-192.0.2.30", "192.0.2.15-192.0.2.20"])
      equal(words.includes(part), true, `"${part}" is not in: ${words}`);
    deepEqual(await pools(), ["ipaddresspool.metallb.io/here"]);
  });

  test("an update into an overlap is refused too", async () => {
    await apply(cluster(), pool("here", ["192.0.2.10-192.0.2.20"]), pool("there", ["192.0.2.30-192.0.2.40"]));
    match(await applyRefused(cluster(), pool("there", ["192.0.2.20-192.0.2.40"])), /overlaps with already defined CIDR/);
  });

  test("of two overlapping pools in one file only one is admitted, every time", async () => {
    for (let round = 0; round < 10; round++) {
      await applyRefused(cluster(), pool(`a${round}`, ["198.51.100.0/24"]), pool(`b${round}`, ["198.51.100.128-198.51.100.200"]));
      equal((await pools()).length, 1);
      await removeAll(cluster());
    }
  });

  test("an advertisement may come before the pool that it names", async () => {
    await apply(cluster(), l2Advertisement("early", ["not-yet"]));
  });

  test("everything that is wrong with an object is said at once", async () => {
    const words = await applyRefused(cluster(), pool("wrong", ["10.0.3.100-150", "not an address"]));
    match(words, /10\.0\.3\.100-150/);
    match(words, /not an address/);
  });
});
