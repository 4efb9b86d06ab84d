import { equal } from "node:assert/strict";
import { test } from "node:test";
import { notificationFigures } from "./notification.ts";

test("the figures are code, subcode and data", () => {
  equal(notificationFigures({ code: 2, subcode: 7, data: Uint8Array.of(1, 4, 0xff) }), "code 2/7, data 0104ff");
  equal(notificationFigures({ code: 4, subcode: 0, data: new Uint8Array() }), "code 4/0");
});

test("of long data the beginning is told, and how long they are", () => {
  const text = notificationFigures({ code: 6, subcode: 2, data: new Uint8Array(4075).fill(7) });
  equal(text, `code 6/2, data ${"07".repeat(64)}... of 4075 octets`);
});
