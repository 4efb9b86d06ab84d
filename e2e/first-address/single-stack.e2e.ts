import { equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { urlOf } from "../cluster.ts";
import { installedLab } from "../installed-cluster.ts";
import type { Family } from "../lab/topology.ts";
import { eventually } from "../lab/until.ts";
import { echoDeployment, l2Advertisement, pool, service } from "../manifests.ts";
import { apply, givenAddresses, ready } from "../observe.ts";

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
  });
