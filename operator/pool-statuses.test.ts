import { deepEqual, equal, ok } from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { IPAddressPool } from "../crds/types/ip-address-pool.ts";
import { resourceTypes } from "../crds/types/kubernetes.ts";
import { service } from "./allocation/fake/services.ts";
import { namespace, Replicas } from "./fake/replicas.ts";

let world: Replicas;
beforeEach(async () => {
  world = new Replicas();
  world.api.put<IPAddressPool>(resourceTypes.ipaddresspools, {
    metadata: { namespace, name: "p" },
    spec: { addresses: ["10.0.0.0/16"] },
  });
  world.start("one");
  await world.run(10_000);
});
afterEach(() => world.stop());

const assigned = (): number | undefined =>
  world.api.peek<IPAddressPool>(resourceTypes.ipaddresspools, { namespace, name: "p" })?.status?.assignedIPv4;
const writes = (): number =>
  world.api.requests.filter(({ verb, type }) => verb === "patch" && type.plural === "ipaddresspools").length;
const create = (name: string): void => void world.api.put(resourceTypes.services, service(name));

/** As many Services as a busy cluster brings in two seconds. @returns how often the pool's status was written for them. */
async function fill(count: number): Promise<number> {
  const before = writes();
  for (let index = 0; index < count; index++) {
    create(`s${index}`);
    if (index % 10 === 9) await world.clock.advance(20_000 / count);
  }
  await world.run(3_000);
  equal(assigned(), count);
  return writes() - before;
}

test("the first address after a calm time is counted at once, and so is the first that goes", async () => {
  deepEqual([assigned(), writes() > 0], [0, true]);
  create("a");
  await world.clock.advance(10);
  equal(assigned(), 1);
  await world.run(2_000);
  world.api.remove(resourceTypes.services, { namespace: "default", name: "a" });
  await world.clock.advance(10);
  equal(assigned(), 0);
});

test("what comes right after it is counted together, half a second after it", async () => {
  const before = writes();
  for (const name of ["a", "b", "c", "d"]) {
    create(name);
    await world.clock.advance(20);
  }
  deepEqual([assigned(), writes() - before], [1, 1]);
  await world.clock.advance(430);
  deepEqual([assigned(), writes() - before], [4, 2]);
});

test("a thousand Services in two seconds take no more writes than one each half second", async () => {
  const written = await fill(1_000);
  ok(written <= 4, `${written} writes`);
});

test("a status that somebody edits is put right within a second", async () => {
  const status = { status: { assignedIPv4: 77 } };
  const key = { namespace, name: "p" };
  await world.api.mergePatch(resourceTypes.ipaddresspools, key, status, { subresource: "status" });
  await world.clock.advance(1_100);
  equal(assigned(), 0);
});
