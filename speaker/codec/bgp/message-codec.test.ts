import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { prefixOf } from "../../../crds/net/prefix.ts";
import { anyMessage, internalPeer } from "./fixture/any-message.ts";
import { decodeHeader, maxMessageOctets } from "./header.ts";
import type { BgpMessage, UpdateMessage } from "./message.ts";
import { decodeMessage, encodeMessage } from "./message-codec.ts";

/** Encodes as the session does, or says that it does not fit. */
function encoded(message: BgpMessage, fourOctetAs: boolean): Uint8Array | undefined {
  try {
    return encodeMessage(message, { fourOctetAs });
  } catch (error) {
    ok(error instanceof RangeError);
    return undefined;
  }
}

for (const fourOctetAs of [true, false])
  test(`decoding is the inverse of encoding, AS numbers of ${fourOctetAs ? "four" : "two"} octets`, () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const octets = encoded(message, fourOctetAs);
        fc.pre(octets !== undefined);
        ok(octets.length <= maxMessageOctets);
        deepEqual(decodeHeader(octets), { type: message.type, length: octets.length });
        deepEqual(decodeMessage(octets, { ...internalPeer, fourOctetAs }), { ok: true, value: message });
      }),
      { numRuns: 1000 },
    );
  });

test("any octets give a value or an error, never an exception", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 6 }), (body, type) => {
      const octets = new Uint8Array([...new Uint8Array(16).fill(0xff), 0, 19 + body.length, type, ...body]);
      for (const given of [body, octets]) ok("ok" in decodeMessage(given, internalPeer));
    }),
    { numRuns: 5000 },
  );
});

test("a message that was cut off is an error at every length", () => {
  fc.assert(
    fc.property(anyMessage, fc.nat(), (message, seed) => {
      const octets = encoded(message, true);
      fc.pre(octets !== undefined);
      const cut = decodeMessage(octets.subarray(0, seed % octets.length), internalPeer);
      equal(cut.ok ? undefined : cut.error.code, 1);
    }),
  );
});

test("what does not fit a message is refused in words", () => {
  const nlri = Array.from({ length: 900 }, (_, i) => prefixOf("IPv4", BigInt(i), 32));
  const update: UpdateMessage = { type: "update", withdrawn: nlri, attributes: {}, nlri: [] };
  throws(() => encodeMessage(update, { fourOctetAs: true }), /^RangeError: update of 4523 octets: at most 4096 fit a message$/);
});

test("a message may have 4096 octets and no more", () => {
  const notification = (octets: number): BgpMessage => ({
    type: "notification",
    code: 6,
    subcode: 2,
    data: new Uint8Array(octets),
  });
  equal(encodeMessage(notification(4075), { fourOctetAs: true }).length, 4096);
  throws(() => encodeMessage(notification(4076), { fourOctetAs: true }), RangeError);
});

test("a length that is not that of the octets is told in the NOTIFICATION", () => {
  const keepalive = encodeMessage({ type: "keepalive" }, { fourOctetAs: true });
  const decoded = decodeMessage(new Uint8Array([...keepalive, 0]), internalPeer);
  ok(!decoded.ok);
  deepEqual([decoded.error.code, decoded.error.subcode, ...decoded.error.data], [1, 2, 0, 19]);
});
