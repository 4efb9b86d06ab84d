import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import type { Lab } from "../lab/lab.ts";
import { until } from "../lab/until.ts";
import { echoDeployment, heraldNamespace, l2Advertisement, pool, service } from "../manifests.ts";
import { addressesOf, apply, eventOf, givenAddresses, read, ready, remove } from "../observe.ts";
import { noServiceCondition, serviceCondition, tellings } from "./service-condition.ts";

const single = { families: "SingleStack" } as const;

/** What a user reads of a Service that waits, of one that nobody announces, and of MetalLB's old ConfigMap. */
export function testReasons(lab: () => Lab): void {
  test("a Service that waits says why, pool by pool, and that it is over", async () => {
    const from = (name: string) => ({ "metallb.io/address-pool": name });
    await apply(
      lab(),
      pool("a", ["192.0.2.0/29"], { autoAssign: false }),
      pool("b", ["192.0.2.8/32"]),
      pool("c", ["192.0.2.9/32"]),
      pool("d", ["192.0.2.16/29"], {
        serviceAllocation: { serviceSelectors: [{ matchLabels: { "metallb.io/class": "internal" } }] },
      }),
      service("filler", { ...single, annotations: from("b") }),
      service("sharer", { ...single, annotations: { ...from("c"), "metallb.io/allow-shared-ip": "x" } }),
    );
    for (const name of ["filler", "sharer"]) await givenAddresses(lab(), name, 1);
    await apply(lab(), service("waits", { ...single, annotations: { "metallb.io/allow-shared-ip": "y" } }));
    const { reason, message } = await serviceCondition(lab(), "waits", "Allocated");
    equal(reason, "NoAvailableIPs");
    for (const part of [
      /pool a: autoAssign is off/,
      /pool b: 1 of 1 IPv4 addresses in use/,
      /pool c: [^;]*192\.0\.2\.9 is held by "default\/sharer" with another sharing key/,
      /pool d: its serviceSelector wants metallb\.io\/class=internal/,
    ])
      match(message, part);
    ok((await eventOf(lab(), "waits", "AllocationFailed")).includes(message));
    equal(await tellings(lab(), "waits", "AllocationFailed"), 1);
    await remove(lab(), "default", "service/filler");
    deepEqual(await givenAddresses(lab(), "waits", 1), ["192.0.2.8"]);
    for (const name of ["waits", "sharer"]) await noServiceCondition(lab(), name, "Allocated");
  });

  test("a Service that no node announces says why, once, and that it is over", async () => {
    await apply(lab(), pool("silent", lab().range(210, 211)), echoDeployment("quiet", 1), service("quiet", single));
    await ready(lab(), "deployment/quiet");
    await givenAddresses(lab(), "quiet", 1);
    const first = await serviceCondition(lab(), "quiet", "Announced", "no advertisement selects");
    equal(first.reason, "NoAdvertisement");
    match(first.message, /pool "silent"/);
    await eventOf(lab(), "quiet", "NotAnnounced", 'pool "silent"');
    equal(await tellings(lab(), "quiet", "NotAnnounced"), 1);

    const elsewhere = { nodeSelectors: [{ matchLabels: { rack: "none" } }] };
    await apply(lab(), l2Advertisement("silent", ["silent"], elsewhere));
    const second = await serviceCondition(lab(), "quiet", "Announced", "nodeSelectors");
    equal(second.reason, "NoNodeSelected");

    await apply(lab(), l2Advertisement("silent", ["silent"], { nodeSelectors: [] }));
    await noServiceCondition(lab(), "quiet", "Announced");
    await eventOf(lab(), "quiet", "Announced");
    const [address = ""] = await addressesOf(lab(), "quiet");
    await until(`${address} answers`, 20_000, () => lab().answers(address));
  });

  test("a ConfigMap of old MetalLB is told of as long as it is there", async () => {
    const legacy = () =>
      read(
        lab(),
        "configurationstate/controller",
        '{.status.conditions[?(@.type=="legacyConfigurationFound")].status}',
        heraldNamespace,
      );
    const summary = () =>
      read(lab(), "configurationstate/controller", "{.status.result} {.status.errorSummary}", heraldNamespace);
    equal(await legacy(), "");
    const data = { config: "address-pools: [{name: default, protocol: layer2, addresses: [192.0.2.0/24]}]" };
    await apply(lab(), { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "config", namespace: heraldNamespace }, data });
    await until("the finding is there", 20_000, async () => (await legacy()) === "True");
    await until("its summary is there", 20_000, async () => /^Valid .*herald convert/.test(await summary()));
    await until("its event is there", 20_000, async () => {
      return (await tellings(lab(), "config", "LegacyConfiguration", heraldNamespace)) === 1;
    });
    await remove(lab(), heraldNamespace, "configmap/config");
    await until("the finding is gone", 20_000, async () => (await legacy()) === "" && (await summary()) === "Valid");
  });
}
