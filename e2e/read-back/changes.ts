import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { accepted } from "../conditions.ts";
import type { Lab } from "../lab/lab.ts";
import { until } from "../lab/until.ts";
import { heraldNamespace, pool, service } from "../manifests.ts";
import { addressesOf, apply, eventOf, givenAddresses, read } from "../observe.ts";
import { serviceCondition } from "./service-condition.ts";

const single = { families: "SingleStack" } as const;

/** What becomes of a Service that has an address when something changes, and when nothing does. */
export function testChanges(lab: () => Lab): void {
  test("a request that cannot be met leaves the Service what it has, until it can be met", async () => {
    const asks = (address: string) => ({ ...single, annotations: { "metallb.io/loadBalancerIPs": address } });
    await apply(lab(), pool("p", ["192.0.2.0/30"]), service("one", asks("192.0.2.1")), service("two", asks("192.0.2.2")));
    for (const name of ["one", "two"]) await givenAddresses(lab(), name, 1);
    await apply(lab(), service("two", asks("192.0.2.1")));
    match(await eventOf(lab(), "two", "AllocationFailed", "192.0.2.1"), /it keeps \["192\.0\.2\.2"\]/);
    deepEqual(await addressesOf(lab(), "two"), ["192.0.2.2"]);
    await apply(lab(), service("one", asks("192.0.2.3")));
    await until("two has what it asks for", 15_000, async () => (await addressesOf(lab(), "two")).join() === "192.0.2.1");
    deepEqual(await addressesOf(lab(), "one"), ["192.0.2.3"]);
  });

  test("what others wrote into the ingress list stays when an address joins", async () => {
    await apply(lab(), pool("p", ["192.0.2.0/29"]), service("web", { families: "PreferDualStack" }));
    const [address = ""] = await givenAddresses(lab(), "web", 1);
    const theirs = { ip: address, ipMode: "Proxy", ports: [{ port: 80, protocol: "TCP" }] };
    const named = { hostname: "lb.example.org" };
    const ingress = [theirs, named];
    await lab().api.patch("/api/v1/namespaces/default/services/web/status", { status: { loadBalancer: { ingress } } });
    await apply(lab(), pool("p", ["192.0.2.0/29", "2001:db8::/125"]));
    await givenAddresses(lab(), "web", 2);
    const shown = JSON.parse(await read(lab(), "service/web", "{.status.loadBalancer.ingress}")) as readonly object[];
    deepEqual(shown, [theirs, { ip: "2001:db8::", ipMode: "VIP" }, named]);
  });

  test("a pool that is drained gives nothing new, takes nothing, and gives again when it is not", async () => {
    const drained = (value: string | null) =>
      lab().api.patch(`/apis/metallb.io/v1beta1/namespaces/${heraldNamespace}/ipaddresspools/p`, {
        metadata: { annotations: { "herald-lb.io/drain": value } },
      });
    await apply(lab(), pool("p", ["192.0.2.0/29"]), service("stays", single));
    const before = await givenAddresses(lab(), "stays", 1);
    await drained("true");
    await apply(lab(), service("comes", single));
    match((await serviceCondition(lab(), "comes", "Allocated")).message, /pool p: is being drained/);
    deepEqual(await addressesOf(lab(), "stays"), before);
    await drained(null);
    await givenAddresses(lab(), "comes", 1);
  });

  test("nothing is written when nothing has changed", async () => {
    const versions = async (): Promise<string> => {
      const [web, waits] = await Promise.all(
        ["service/web", "service/waits"].map((name) => read(lab(), name, "{.metadata.resourceVersion}")),
      );
      return `${web} ${waits}`;
    };
    await apply(
      lab(),
      pool("p", ["192.0.2.8/29"]),
      service("web", { app: "web" }),
      service("waits", { families: "RequireDualStack" }),
    );
    await givenAddresses(lab(), "web", 1);
    await serviceCondition(lab(), "waits", "Allocated");
    await serviceCondition(lab(), "web", "Announced");
    await until("the pool has counted", 15_000, async () => {
      return (await read(lab(), "ipaddresspool/p", "{.status.assignedIPv4}", heraldNamespace)) === "1";
    });
    let before = await versions();
    await until("all has been written", 20_000, async () => {
      await pause(1_500);
      const now = await versions();
      const same = now === before;
      before = now;
      return same;
    });
    // Everybody who has an address of the pool, or waits for one, is decided anew; nothing else comes of it.
    await apply(lab(), pool("p", ["192.0.2.8/29"], { avoidBuggyIPs: true }));
    await accepted(lab(), "p", "True");
    await apply(lab(), service("next", { families: "SingleStack" }));
    await givenAddresses(lab(), "next", 1);
    await pause(2_000);
    equal(await versions(), before);
  });
}
