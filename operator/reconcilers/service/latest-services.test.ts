import { equal } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes, type Service } from "../../../crds/types/kubernetes.ts";
import { service } from "../../allocation/fake/services.ts";
import { FakeApi } from "../../framework/fake/fake-api.ts";
import { FakeClock } from "../../framework/fake/fake-clock.ts";
import { LatestServices } from "./latest-services.ts";

const key = { namespace: "default", name: "a" };
const version = (resourceVersion: string): Service => {
  const base = service("a");
  return { ...base, metadata: { ...base.metadata, resourceVersion } };
};

/** A watch that has brought `copy` so far, and a server that stores `stored`. */
function latest(copy: Service | undefined, stored?: Service) {
  const api = new FakeApi();
  if (stored !== undefined) api.put(resourceTypes.services, stored);
  const clock = new FakeClock();
  const reader = { synced: true, size: 1, get: () => copy, list: () => [].values() };
  return { services: new LatestServices(api, reader, clock), clock, api };
}

test("without better knowledge the copy counts", async () => {
  equal((await latest(version("5")).services.get(key))?.metadata.resourceVersion, "5");
  equal(await latest(undefined).services.get(key), undefined);
});

test("what was written counts until the watch has brought it", async () => {
  const { services } = latest(version("9"));
  services.note(version("10"));
  equal((await services.get(key))?.metadata.resourceVersion, "10");
});

test("what a Service shows is known from the newest of both, and taken for true while a write's answer is missing", () => {
  const showing = (resourceVersion: string): Service => ({
    ...version(resourceVersion),
    status: { loadBalancer: { ingress: [{ ip: "fd00::1" }] } },
  });
  const address = { family: "IPv6", bits: (0xfd00n << 112n) + 1n } as const;
  const { services } = latest(version("9"));
  equal(services.shows(key, address), false);
  services.note(showing("10"));
  equal(services.shows(key, address), true);
  equal(services.shows(key, { ...address, bits: 1n }), false);
  equal(latest(showing("9")).services.shows(key, address), true);
  const { services: newer } = latest(version("11"));
  newer.note(showing("10"));
  equal(newer.shows(key, address), false);
  newer.doubt(key);
  equal(newer.shows(key, address), true);
  equal(latest(undefined).services.shows(key, address), false);
});

test("a newer copy counts", async () => {
  const { services } = latest(version("11"));
  services.note(version("10"));
  equal((await services.get(key))?.metadata.resourceVersion, "11");
});

test("a watch that stays behind, as after a restored backup, is settled by asking the server", async () => {
  const { services, clock } = latest(version("9"), service("a"));
  services.note(version("10"));
  clock.tick(31_000);
  equal((await services.get(key))?.spec?.type, "LoadBalancer");
});

test("a copy that the server did not know any more when it was asked, after a restore, does not count again", async () => {
  const { services } = latest(version("99999"), service("a", { annotations: { stored: "yes" } }));
  await services.refresh(key);
  equal((await services.get(key))?.metadata.resourceVersion, "1001");
});

test("after a restore from a backup what was written before counts no longer", async () => {
  const { services } = latest(version("9"));
  services.note(version("10"));
  services.clear();
  equal((await services.get(key))?.metadata.resourceVersion, "9");
});

test("a Service that the watch does not know yet is asked for before it counts as gone", async () => {
  const there = latest(undefined, service("a"));
  there.services.note(version("10"));
  equal((await there.services.get(key))?.metadata.name, "a");
  const gone = latest(undefined);
  gone.services.note(version("10"));
  equal(await gone.services.get(key), undefined);
});

test("the watch has caught up once it brings what was written, and with nothing older or newer", () => {
  const { services } = latest(undefined);
  equal(services.caughtUp(version("10")), false);
  services.note(version("10"));
  equal(services.caughtUp(version("9")), false);
  equal(services.caughtUp(version("11")), false);
  equal(services.caughtUp(version("10")), true);
});

test("a watch that has caught up is the only copy that is kept", async () => {
  const { services } = latest(version("5"));
  services.note(version("10"));
  services.caughtUp(version("10"));
  equal((await services.get(key))?.metadata.resourceVersion, "5");
});

test("after a write whose answer was lost no watch event is known to be the last word", () => {
  const { services } = latest(undefined);
  services.note(version("10"));
  services.doubt(key);
  equal(services.caughtUp(version("10")), false);
});
