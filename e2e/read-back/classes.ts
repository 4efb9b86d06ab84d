import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { waitUntilInstalled } from "../installed-cluster.ts";
import type { Lab } from "../lab/lab.ts";
import { heraldNamespace, pool, service } from "../manifests.ts";
import { addressesOf, apply, eventOf, givenAddresses } from "../observe.ts";
import { conditionsOf, tellings } from "./service-condition.ts";

/** Which Services are Herald's, by `spec.loadBalancerClass` and `--lb-class`. */
export function testClasses(lab: () => Lab): void {
  const classed = (name: string, loadBalancerClass: string) =>
    service(name, { families: "SingleStack", spec: { loadBalancerClass } });

  async function serve(classes: string): Promise<void> {
    const args = ["--port=9120", "--log-level=info", ...(classes === "" ? [] : [`--lb-class=${classes}`])];
    const template = { spec: { containers: [{ name: "controller", args }] } };
    const patch = JSON.stringify({ spec: { template } });
    const { code, stderr } = await lab().kubectl(["-n", heraldNamespace, "patch", "deployment/controller", "-p", patch]);
    equal(code, 0, stderr);
    await waitUntilInstalled(lab());
  }

  test("a class of MetalLB's that nobody serves is told so once; a list serves each of its classes, and no class by an empty item", async () => {
    await apply(
      lab(),
      pool("p", ["192.0.2.0/28"]),
      classed("internal", "metallb.io/internal"),
      classed("mine", "example.com/mine"),
      classed("theirs", "example.com/theirs"),
      service("plain", { families: "SingleStack" }),
    );
    await givenAddresses(lab(), "plain", 1);
    match(await eventOf(lab(), "internal", "AllocationFailed"), /--lb-class=metallb\.io\/internal/);
    for (const label of ["once=more", "once=again"]) await lab().kubectl(["label", "--overwrite", "service", "internal", label]);
    await apply(lab(), service("after", { families: "SingleStack" }));
    await givenAddresses(lab(), "after", 1);
    equal(await tellings(lab(), "internal", "AllocationFailed"), 1);
    equal(await tellings(lab(), "mine", "AllocationFailed"), 0);
    deepEqual(await addressesOf(lab(), "internal"), []);

    await serve("metallb.io/*,example.com/mine,");
    for (const name of ["internal", "mine"]) await givenAddresses(lab(), name, 1);
    await apply(lab(), service("without", { families: "SingleStack" }));
    await givenAddresses(lab(), "without", 1);
    deepEqual([await addressesOf(lab(), "theirs"), await conditionsOf(lab(), "theirs")], [[], []]);

    await serve("example.com/theirs");
    await givenAddresses(lab(), "theirs", 1);
    await apply(lab(), service("late", { families: "SingleStack" }));
    await apply(lab(), classed("later", "example.com/theirs"));
    await givenAddresses(lab(), "later", 1);
    deepEqual(await addressesOf(lab(), "late"), []);
  });
}
