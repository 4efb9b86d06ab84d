import { deepEqual, equal, match } from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { installedCluster } from "../installed-cluster.ts";
import { until } from "../lab/until.ts";
import { heraldNamespace, l2Advertisement, listOf, pool, service } from "../manifests.ts";
import { addressesOf, apply, applyRefused, removeAll } from "../observe.ts";

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

  test("kubectl prints what is legal and surely not meant, and stores it", async () => {
    const { code, stderr } = await cluster().kubectl(["apply", "-f", "-"], listOf([pool("lonely", ["192.0.2.10-192.0.2.20"])]));
    equal(code, 0);
    match(stderr, /^Warning: IPAddressPool "lonely": no advertisement selects this pool yet/m);
    await apply(cluster(), l2Advertisement("l2", ["lonely"]));
    const shrunk = await cluster().kubectl(["apply", "-f", "-"], listOf([pool("lonely", ["192.0.2.10-192.0.2.15"])]));
    deepEqual([shrunk.code, shrunk.stderr], [0, ""]);
  });

  test("whoever takes addresses away that are in use is told whose they are", async () => {
    await apply(cluster(), pool("used", ["192.0.2.10-192.0.2.20"]), l2Advertisement("l2", ["used"]));
    await apply(cluster(), service("web", { families: "SingleStack" }));
    const has = (address: string) =>
      until(`web has ${address}`, 10_000, async () => (await addressesOf(cluster(), "web")).join() === address);
    await has("192.0.2.10");
    const said =
      /^Warning: 1 Service loses an address by this, to get another where there is one: default\/web \(192\.0\.2\.10\)/m;
    const shrunk = await cluster().kubectl(["apply", "-f", "-"], listOf([pool("used", ["192.0.2.15-192.0.2.20"])]));
    match(shrunk.stderr, said);
    await has("192.0.2.15");
    const deleted = await cluster().kubectl(["-n", heraldNamespace, "delete", "ipaddresspool", "used"]);
    equal(deleted.code, 0);
    match(deleted.stderr, /^Warning: 1 Service loses an address by this, .*default\/web \(192\.0\.2\.15\)/m);
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
