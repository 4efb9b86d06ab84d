import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { HandOver, handOverMs } from "./hand-over.ts";

test("a Service is handed over when all its addresses are announced by others", () => {
  const handOver = new HandOver();
  equal(handOver.begin("a", ["192.0.2.1", "192.0.2.2"], 0), true);
  deepEqual(handOver.taken("192.0.2.1", 10), []);
  deepEqual(handOver.taken("192.0.2.1", 20), []);
  deepEqual(handOver.taken("192.0.2.2", 30), ["a"]);
  equal(handOver.has("a"), false);
});

test("Services that share an address are handed over together", () => {
  const handOver = new HandOver();
  for (const service of ["a", "b"]) handOver.begin(service, ["192.0.2.1"], 0);
  deepEqual(handOver.taken("192.0.2.1", 10), ["a", "b"]);
});

test("what is forgotten or over is not handed over again, and what shares its address waits on", () => {
  const handOver = new HandOver();
  handOver.begin("a", ["192.0.2.1"], 0);
  handOver.begin("b", ["192.0.2.1"], 1000);
  handOver.begin("c", ["192.0.2.1"], 1000);
  deepEqual(handOver.expire(handOverMs), ["a"]);
  handOver.forget("b");
  deepEqual(handOver.taken("192.0.2.1", handOverMs + 1), ["c"]);
});

test("what others announce already is not waited for", () => {
  const handOver = new HandOver();
  handOver.taken("192.0.2.1", 0);
  equal(handOver.begin("a", ["192.0.2.1"], 100), false);
  equal(handOver.begin("b", ["192.0.2.1", "192.0.2.2"], 100), true);
  deepEqual(handOver.taken("192.0.2.2", 200), ["b"]);
});

test("when the first time is over is known, and not before the last Service has gone is it forgotten", () => {
  const handOver = new HandOver();
  equal(handOver.nextAt(), undefined);
  handOver.begin("forever", ["192.0.2.9"], 0, Number.POSITIVE_INFINITY);
  equal(handOver.nextAt(), undefined);
  handOver.begin("a", ["192.0.2.1"], 0);
  handOver.begin("b", ["192.0.2.2"], 1000);
  equal(handOver.nextAt(), handOverMs);
  handOver.taken("192.0.2.1", 10);
  deepEqual(handOver.expire(handOverMs), []);
  equal(handOver.nextAt(), 1000 + handOverMs);
  deepEqual(handOver.endAll(), ["forever", "b"]);
  equal(handOver.nextAt(), undefined);
  handOver.begin("c", ["192.0.2.3"], 10_000);
  equal(handOver.nextAt(), 10_000 + handOverMs);
  handOver.taken("192.0.2.3", 10_010);
  handOver.begin("d", ["192.0.2.4"], 20_000);
  equal(handOver.nextAt(), 20_000 + handOverMs);
});
