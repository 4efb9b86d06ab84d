import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { notificationFigures } from "./notification.ts";
import { notificationText } from "./notification-text.ts";
import { shutdownData, shutdownText } from "./shutdown-communication.ts";

const octets = (...values: readonly number[]) => Uint8Array.from(values);

const texts = [
  { code: 2, subcode: 2, data: octets(), text: "bad peer AS" },
  { code: 4, subcode: 0, data: octets(), text: "hold timer expired" },
  { code: 5, subcode: 2, data: octets(), text: "in OpenConfirm" },
  { code: 6, subcode: 10, data: octets(), text: "BFD down" },
  { code: 6, subcode: 2, data: octets(2, 0x68, 0x69, 0x21), text: 'administrative shutdown, saying "hi"' },
  { code: 6, subcode: 4, data: octets(2, 0x68, 0x69), text: 'administrative reset, saying "hi"' },
  { code: 6, subcode: 3, data: octets(2, 0x68, 0x69), text: "peer de-configured" },
  { code: 2, subcode: 0, data: octets(), text: "OPEN error" },
  { code: 2, subcode: 99, data: octets(), text: "OPEN error, subcode 99" },
  { code: 200, subcode: 1, data: octets(), text: "error code 200, subcode 1" },
  { code: 0, subcode: 0, data: octets(), text: "error code 0" },
];
for (const { text, ...notification } of texts)
  test(`NOTIFICATION ${notification.code}/${notification.subcode} is "${text}"`, () => {
    equal(notificationText({ ...notification }), text);
  });

test("the figures are code, subcode and data", () => {
  equal(notificationFigures({ code: 2, subcode: 7, data: octets(1, 4, 0xff) }), "code 2/7, data 0104ff");
  equal(notificationFigures({ code: 4, subcode: 0, data: octets() }), "code 4/0");
});

test("the text of a shutdown comes back as it was", () => {
  for (const text of ["maintenance", "Wartung um 5 Uhr für 10 min", "機器更新"]) equal(shutdownText(shutdownData(text)), text);
  deepEqual(shutdownData(""), octets());
});

test("a long text is cut between two characters", () => {
  const data = shutdownData("ü".repeat(200));
  equal(data[0], 254);
  equal(shutdownText(data), "ü".repeat(127));
});

test("a peer's text cannot disturb a log", () => {
  equal(shutdownText(octets(7, 0x61, 0x0a, 0x1b, 0x22, 0x00, 0x62, 0x7f)), "a b");
  equal(shutdownText(octets(3, 0x61, 0x80, 0x7e)), "a?~");
});

test("whatever the data are, the text is one line, and nothing is thrown", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(255), fc.nat(255), (data, code, subcode) => {
      const text = notificationText({ code, subcode, data });
      equal(/[\p{C}\n]/u.test(text), false);
      equal(text.length < 400, true);
    }),
  );
});

test("any text can be said", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => shutdownData(text).length <= 256));
});
