import { equal } from "node:assert/strict";
import { test } from "node:test";
import { notificationFigures } from "./notification.ts";

test("the figures are code, subcode and data", () => {
  equal(notificationFigures({ code: 2, subcode: 7, data: Uint8Array.of(1, 4, 0xff) }), "code 2/7, data 0104ff");
  equal(notificationFigures({ code: 4, subcode: 0, data: new Uint8Array() }), "code 4/0");
});
