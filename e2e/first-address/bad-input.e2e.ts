import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { urlOf } from "../cluster.ts";
import { accepted } from "../conditions.ts";
import { heraldPods } from "../herald-pods.ts";
import { install, installedLab, waitUntilInstalled } from "../installed-cluster.ts";
import { eventually, until } from "../lab/until.ts";
import { echoDeployment, heraldNamespace, l2Advertisement, pool, service } from "../manifests.ts";
import { addressesOf, apply, applyRefused, eventOf, givenAddresses, read, ready, remove, removeAll } from "../observe.ts";

const single = { families: "SingleStack" } as const;

describe("what is wrong is said where the user looks, and nothing is lost", () => {
  const lab = installedLab();
  afterEach(() => removeAll(lab()));

  async function poolNames(): Promise<readonly string[]> {
    const { stdout } = await lab().kubectl(["-n", heraldNamespace, "get", "ipaddresspools", "-o", "name"]);
    return stdout.split("\n").filter((line) => line !== "");
  }

  for (const { range, says } of [
    { range: "10.0.3.100-150", says: /10\.0\.3\.100-10\.0\.3\.150/ },
    { range: "10.0.0.20-10.0.0.10", says: /10\.0\.0\.20-10\.0\.0\.10/ },
    { range: "10.0.0.0/33", says: /10\.0\.0\.0\/33/ },
    { range: "10.0.0.1-fd00::1", says: /10\.0\.0\.1-fd00::1/ },
    { range: "my-range", says: /my-range/ },
  ])
    test(`kubectl says what is wrong with the range "${range}", and stores nothing`, async () => {
      const words = await applyRefused(lab(), pool("wrong", [range]));
      match(words, says);
      match(words, /spec\.addresses\[0\]/);
      deepEqual(await poolNames(), []);
    });

  test("a refused overlap leaves the pool that stands as it was", async () => {
    const [range = ""] = lab().range(200, 209);
    await apply(lab(), pool("stands", [range]), service("web", single));
    const given = await givenAddresses(lab(), "web", 1);
    await applyRefused(lab(), pool("late", [range]));
    deepEqual(await addressesOf(lab(), "web"), given);
    await accepted(lab(), "stands", "True");
  });

  test("an address outside every pool: the Service's event says so, and it is given once a pool has it", async () => {
    const [wanted = ""] = lab().range(215, 215);
    const address = wanted.split("-")[0] ?? "";
    await apply(lab(), pool("inside", lab().range(200, 209)), service("web", single));
    const given = await givenAddresses(lab(), "web", 1);
    await apply(lab(), service("outside", { ...single, annotations: { "metallb.io/loadBalancerIPs": address } }));
    const message = await eventOf(lab(), "outside", "AllocationFailed", address);
    match(message, /no IPAddressPool/);
    deepEqual(await addressesOf(lab(), "outside"), []);
    deepEqual(await addressesOf(lab(), "web"), given);
    await apply(lab(), pool("outside", [wanted]));
    deepEqual(await givenAddresses(lab(), "outside", 1), [address]);
  });

  test("a full pool: the event names it with its use, and a deleted Service's address goes to the one that waits", async () => {
    const [range = ""] = lab().range(200, 201);
    await apply(lab(), pool("tiny", [range]), service("one", single), service("two", single));
    const first = await givenAddresses(lab(), "one", 1);
    const second = await givenAddresses(lab(), "two", 1);
    notEqual(first[0], second[0]);
    await apply(lab(), service("three", single));
    const message = await eventOf(lab(), "three", "AllocationFailed", "no available IPs");
    match(message, /tiny/);
    match(message, /2 of 2/);
    deepEqual(await addressesOf(lab(), "three"), []);
    deepEqual([await addressesOf(lab(), "one"), await addressesOf(lab(), "two")], [first, second]);
    await remove(lab(), "default", "service/one");
    deepEqual(await givenAddresses(lab(), "three", 1), first);
    deepEqual(await addressesOf(lab(), "two"), second);
  });

  test("pools stored past the webhook: each one's condition says what is wrong, and one is repaired while the others are not", async () => {
    const [range = "", repaired = ""] = [...lab().range(200, 209), ...lab().range(220, 229)].filter(
      (text) => !text.includes(":"),
    );
    await apply(lab(), pool("good", [range]), service("web", single));
    const given = await givenAddresses(lab(), "web", 1);
    await accepted(lab(), "good", "True");
    await pastTheWebhook(() => apply(lab(), pool("overlaps", [range]), pool("broken", ["10.0.3.100-150"]), pool("wrong", ["x"])));

    const overlap = await accepted(lab(), "overlaps", "False");
    equal(overlap.reason, "PoolOverlap");
    for (const part of ['"overlaps"', '"good"', range])
      ok(overlap.message.includes(part), `${part} is not in: ${overlap.message}`);
    match((await accepted(lab(), "broken", "False")).message, /10\.0\.3\.100-10\.0\.3\.150/);
    match((await accepted(lab(), "wrong", "False")).message, /"x"/);
    await accepted(lab(), "good", "True");
    deepEqual(await addressesOf(lab(), "web"), given);

    await apply(lab(), pool("broken", [repaired]));
    await accepted(lab(), "broken", "True");
    await accepted(lab(), "wrong", "False");
    await apply(lab(), service("next", { ...single, annotations: { "metallb.io/address-pool": "broken" } }));
    deepEqual(await givenAddresses(lab(), "next", 1), [repaired.split("-")[0]]);
  });

  // Last: the cluster's own controllers need half a minute to come back.
  test("the API server away for 30 s: addresses answer, no status is rewritten, a pool created right after is used", async () => {
    await apply(lab(), pool("segment", lab().range(200, 209)), l2Advertisement("segment", ["segment"]));
    await apply(lab(), echoDeployment("web", 2), service("web"));
    await ready(lab(), "deployment/web");
    const addresses = await givenAddresses(lab(), "web");
    for (const address of addresses) await eventually(`${address} answers`, 20_000, () => lab().curl(urlOf(address)));
    const conditions = (): Promise<string> => read(lab(), "service/web", "{.status.conditions[*].status}");
    await until("all is said about web", 20_000, async () => !(await conditions()).includes("False"));
    const version = (): Promise<string> => read(lab(), "service/web", "{.metadata.resourceVersion}");
    const before = await version();
    const restarts = async (): Promise<number> => {
      const pods = [...(await heraldPods(lab(), "controller")), ...(await heraldPods(lab(), "speaker"))];
      return pods.reduce((sum, pod) => sum + pod.restarts, 0);
    };
    const restarted = await restarts();

    let away = true;
    const back = lab()
      .restartApiServer({ downForMs: 30_000 })
      .finally(() => {
        away = false;
      });
    let asked = 0;
    while (away) {
      for (const address of addresses) ok(await lab().answers(address), `${address} does not answer, ${asked} did`);
      asked += addresses.length;
      await sleep(250);
    }
    await back;
    ok(asked > 20, `only ${asked} requests were made`);

    await apply(lab(), pool("right-after", lab().range(230, 230)));
    await apply(lab(), service("new", { app: "web", annotations: { "metallb.io/address-pool": "right-after" } }));
    deepEqual(
      await givenAddresses(lab(), "new"),
      lab()
        .range(230, 230)
        .map((range) => range.split("-")[0]),
    );
    equal(await version(), before);
    equal(await restarts(), restarted);
  });

  /** Writes while no operator runs and nothing is checked: what a restored backup is to the one that starts then. */
  async function pastTheWebhook(write: () => Promise<void>): Promise<void> {
    const inNamespace = (...args: readonly string[]) => lab().kubectl(["-n", heraldNamespace, ...args]);
    await inNamespace("scale", "deployment/controller", "--replicas=0");
    await until("no operator runs", 20_000, async () => {
      const { stdout } = await inNamespace("get", "pods", "-l", "component=controller", "-o", "name");
      return stdout === "";
    });
    await lab().kubectl(["delete", "validatingwebhookconfiguration", "metallb-webhook-configuration"]);
    await write();
    await install(lab());
    await waitUntilInstalled(lab());
  }
});
