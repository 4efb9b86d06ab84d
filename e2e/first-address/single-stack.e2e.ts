import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { urlOf } from "../cluster.ts";
import { installedLab } from "../installed-cluster.ts";
import type { Family } from "../lab/topology.ts";
import { eventually, until } from "../lab/until.ts";
import { echoDeployment, heraldNamespace, l2Advertisement, pool, service } from "../manifests.ts";
import { addressesOf, apply, givenAddresses, read, ready } from "../observe.ts";
import { ServiceRecord } from "../service-record.ts";

for (const family of ["ipv4", "ipv6"] satisfies Family[])
  describe(`a cluster that has ${family} only`, () => {
    const lab = installedLab({ family, nodes: 2 });

    test("gives a Service one address, and the client reaches it", async () => {
      await apply(lab(), pool("segment", lab().range(200, 209)), l2Advertisement("segment", ["segment"]));
      await apply(lab(), echoDeployment("web", 2), service("web"));
      await ready(lab(), "deployment/web");
      const [address = ""] = await givenAddresses(lab(), "web", 1);
      equal(address, lab().range(200, 200)[0]?.split("-")[0]);
      await eventually(`${address} answers`, 20_000, () => lab().curl(urlOf(address)));
    });

    test("a Service that prefers both families has one address of a dual-stack pool, and keeps it", async () => {
      await apply(lab(), pool("dual", ["192.0.2.0/29", "2001:db8::/125"], { autoAssign: false }));
      await apply(lab(), service("prefers", { annotations: { "metallb.io/address-pool": "dual" }, app: "web" }));
      const first = family === "ipv4" ? "192.0.2.0" : "2001:db8::";
      deepEqual(await givenAddresses(lab(), "prefers", 1), [first]);
      const record = new ServiceRecord(lab());
      record.start();
      await pause(3_000); // each turn of a flap would follow from the one before
      await apply(lab(), pool("dual", ["192.0.2.0/28", "2001:db8::/124"], { autoAssign: false }));
      await until("the larger pool is counted", 20_000, async () => {
        const available = await read(lab(), "ipaddresspool/dual", "{.status.availableIPv4}", heraldNamespace);
        return Number(available) >= 15;
      });
      await record.stop();
      deepEqual(record.wrongs, []);
      deepEqual(await addressesOf(lab(), "prefers"), [first]);
    });
  });
