import { equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromHex } from "../octets.ts";
import { anyNotification } from "./fixture/any-message.ts";
import { notificationText } from "./notification-text.ts";
import { shutdownData } from "./shutdown-communication.ts";

for (const { hex, says, expectedAs } of [
  { hex: "01 01", says: "connection not synchronized" },
  { hex: "01 02 1001", says: "bad message length of 4097 octets" },
  { hex: "01 03 06", says: "bad message type 6" },
  { hex: "02 00", says: "OPEN message error" },
  { hex: "02 01 0003", says: "unsupported version number, the highest it speaks is 3" },
  { hex: "02 02", says: "bad peer AS" },
  { hex: "02 02", says: "bad peer AS, expected 64513", expectedAs: 64513 },
  { hex: "02 02 fc00", says: "bad peer AS 64512, expected 64513", expectedAs: 64513 },
  { hex: "02 02 fa56ea00", says: "bad peer AS 4200000000" },
  { hex: "02 06 0002", says: "unacceptable hold time of 2 s" },
  { hex: "02 07 010400020001", says: "unsupported capability: it wants IPv6 unicast" },
  {
    hex: `02 07 ${"0200".repeat(9)}`,
    says: `unsupported capability: it wants ${"route-refresh, ".repeat(3)}route-refresh and more`,
  },
  { hex: "02 07 01", says: "unsupported capability" },
  { hex: "02 0b", says: "role mismatch" },
  { hex: "03 03 02", says: "missing well-known attribute: AS_PATH" },
  { hex: "03 06 40010103", says: "invalid ORIGIN: ORIGIN" },
  { hex: "04 00", says: "hold timer expired" },
  { hex: "05 03 01", says: "message not allowed in Established: OPEN" },
  { hex: "06 01 0001 01 00000064", says: "maximum number of prefixes reached: 100 of IPv4 unicast" },
  { hex: "06 02 0d 6261636b2061742031343a3030", says: 'administrative shutdown: "back at 14:00"' },
  { hex: "06 02", says: "administrative shutdown" },
  { hex: "06 09 0602 03 627965", says: 'hard reset: administrative shutdown: "bye"' },
  { hex: "06 09 0609 0609", says: "hard reset" },
  { hex: "06 0a", says: "BFD down" },
  { hex: "06 63", says: "Cease, subcode 99" },
  { hex: "07 01", says: "invalid message length" },
  { hex: "08 00", says: "send hold timer expired" },
  { hex: "63 00", says: "error 99" },
])
  test(`${hex} says: ${says}`, () => {
    const [code = 0, subcode = 0, ...data] = fromHex(hex);
    const facts = expectedAs === undefined ? {} : { expectedAs };
    equal(notificationText({ code, subcode, data: new Uint8Array(data) }, facts), says);
  });

test("any NOTIFICATION is one line of bounded length without control characters", () => {
  fc.assert(
    fc.property(anyNotification, fc.constantFrom(2, 3, 6), fc.nat(11), (notification, code, subcode) => {
      for (const reason of [notification, { ...notification, code, subcode }]) {
        const text = notificationText(reason);
        match(text, /^[^\p{C}]+$/u);
        ok(text.length < 400);
      }
    }),
  );
});

test("a hostile communication cannot end its line or its quotation", () => {
  const data = shutdownData('done"\r\n2026 level=error \u001b[31m\u2028');
  equal(notificationText({ code: 6, subcode: 4, data }), 'administrative reset: "done 2026 level=error [31m"');
});
