import { equal } from "node:assert/strict";
import { test } from "node:test";
import { Relief } from "./relief.ts";

test("an address waits from its beginning until it was announced", () => {
  const relief = new Relief();
  equal(relief.has("192.0.2.1", 0), false);
  relief.begin("192.0.2.1", 0);
  equal(relief.has("192.0.2.1", 1000), true);
  equal(relief.has("192.0.2.2", 1000), false);
  relief.end("192.0.2.1");
  equal(relief.has("192.0.2.1", 1000), false);
});

test("an address that is not announced waits for one and a half seconds", () => {
  const relief = new Relief();
  relief.begin("192.0.2.1", 100);
  equal(relief.has("192.0.2.1", 1599), true);
  equal(relief.has("192.0.2.1", 1600), false);
});
