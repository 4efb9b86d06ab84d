import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { heraldAnnotations } from "../../crds/types/well-known.ts";
import { heraldPods } from "../herald-pods.ts";
import { waitUntilInstalled } from "../installed-cluster.ts";
import type { Lab } from "../lab/lab.ts";
import { eventually, until } from "../lab/until.ts";
import { heraldNamespace, pool, service } from "../manifests.ts";
import { addressesOf, apply, givenAddresses, read, remove } from "../observe.ts";
import { serviceCondition } from "./service-condition.ts";

const single = { families: "SingleStack" } as const;

type Reservation = { readonly address: string; readonly service: string; readonly until: string };

/** Addresses that are kept for Services that were deleted. */
export function testKeptAddresses(lab: () => Lab): void {
  async function reservations(): Promise<readonly Reservation[]> {
    const text = await read(lab(), "ipaddresspool/p", "{.status.reservations}", heraldNamespace);
    return text === "" ? [] : (JSON.parse(text) as readonly Reservation[]);
  }

  async function keeping(duration: string | null): Promise<void> {
    const { code, stderr } = await lab().kubectl([
      ...["-n", heraldNamespace, "annotate", "--overwrite", "ipaddresspool", "p"],
      duration === null ? `${heraldAnnotations.reserveFor}-` : `${heraldAnnotations.reserveFor}=${duration}`,
    ]);
    equal(code, 0, stderr);
  }

  const leader = (): Promise<string> => read(lab(), "lease/herald-controller", "{.spec.holderIdentity}", heraldNamespace);

  test("a deleted Service's address is kept for its name, over another leader and a restart of all operators", async () => {
    await apply(lab(), pool("p", ["192.0.2.0/31"]));
    await keeping("1h");
    await apply(lab(), service("keeps", single));
    deepEqual(await givenAddresses(lab(), "keeps", 1), ["192.0.2.0"]);
    await remove(lab(), "default", "service/keeps");
    const [kept] = await eventually("the pool's status names it", 15_000, async () => {
      const all = await reservations();
      return all.length === 1 ? all : undefined;
    });
    deepEqual([kept?.address, kept?.service], ["192.0.2.0", "default/keeps"]);
    const leftMs = Date.parse(kept?.until ?? "") - Date.now();
    equal(leftMs > 3_000_000 && leftMs < 3_700_000, true, `until ${kept?.until}`);

    await apply(lab(), service("other", single), service("waits", single));
    await serviceCondition(lab(), "waits", "Allocated");
    const others = await addressesOf(lab(), "other");
    deepEqual(others, ["192.0.2.1"]);

    const first = await leader();
    await lab().kubectl(["-n", heraldNamespace, "delete", "pod", first]);
    await until("another replica leads", 30_000, async () => !["", first].includes(await leader()));
    await waitUntilInstalled(lab());
    await serviceCondition(lab(), "other", "Announced"); // nobody does, and that is said some time after
    const version = await read(lab(), "service/other", "{.metadata.resourceVersion}");
    for (const { name } of await heraldPods(lab(), "controller")) lab().killPod(heraldNamespace, name, "controller");
    await apply(lab(), service("elsewhere", { ...single, annotations: { "metallb.io/address-pool": "nowhere" } }));
    await serviceCondition(lab(), "elsewhere", "Allocated", "nowhere"); // somebody allocates again
    deepEqual(await addressesOf(lab(), "waits"), []);
    match((await serviceCondition(lab(), "waits", "Allocated")).message, /1 of 2 IPv4 addresses in use, 1 reserved/);
    deepEqual(await reservations(), [kept]);
    equal(await read(lab(), "service/other", "{.metadata.resourceVersion}"), version, "a restart wrote a Service anew");

    await apply(lab(), service("keeps", single));
    deepEqual(await givenAddresses(lab(), "keeps", 1), ["192.0.2.0"]);
    await until("nothing is kept any more", 15_000, async () => (await reservations()).length === 0);
  });

  test("when the time is over the address goes to whoever waits, and at once when the annotation is taken away", async () => {
    await apply(lab(), pool("p", ["192.0.2.0/32"]));
    await keeping("8s");
    await apply(lab(), service("goes", single));
    await givenAddresses(lab(), "goes", 1);
    const deleted = Date.now();
    await remove(lab(), "default", "service/goes");
    await apply(lab(), service("waits", single));
    await givenAddresses(lab(), "waits", 1);
    equal(Date.now() - deleted >= 7_000, true, `given after ${Date.now() - deleted} ms`);
    await keeping("1h");
    await until("one is kept", 30_000, async () => {
      await apply(lab(), service("waits", single));
      await givenAddresses(lab(), "waits", 1);
      await remove(lab(), "default", "service/waits");
      return (await reservations()).length > 0;
    });
    await apply(lab(), service("next", single));
    await serviceCondition(lab(), "next", "Allocated", "reserved for deleted Services");
    await keeping(null);
    deepEqual(await givenAddresses(lab(), "next", 1), ["192.0.2.0"]);
  });
}
