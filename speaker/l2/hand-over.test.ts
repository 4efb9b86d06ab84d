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
