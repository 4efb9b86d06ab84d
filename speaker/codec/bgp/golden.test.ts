import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../octets.ts";
import { birdMessages } from "./fixture/bird-messages.ts";
import { frrMessages } from "./fixture/frr-messages.ts";
import { gobgpMessages } from "./fixture/gobgp-messages.ts";
import type { GoldenMessage } from "./fixture/golden-message.ts";
import { rfcMessages } from "./fixture/rfc-messages.ts";
import { decodeMessage, encodeMessage } from "./message-codec.ts";
import { inspectUpdate } from "./update.ts";

const golden: readonly GoldenMessage[] = [...rfcMessages, ...frrMessages, ...birdMessages, ...gobgpMessages];

test("there are golden messages", () => {
  ok(golden.length > 10);
});

for (const { name, origin, hex, context, message, otherForm } of golden) {
  test(`${name} is read as it was meant (${origin})`, () => {
    deepEqual(decodeMessage(fromHex(hex), context), { ok: true, value: message });
  });
  if (otherForm === undefined)
    test(`${name} is written in these octets (${origin})`, () => {
      equal(toHex(encodeMessage(message, context)), toHex(fromHex(hex)));
    });
  if (message.type === "update")
    test(`${name} has no fault (${origin})`, () => {
      const summary = inspectUpdate(fromHex(hex).subarray(19), context);
      ok(summary.ok && summary.value.fault === undefined);
    });
}
