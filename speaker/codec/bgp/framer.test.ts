import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromHex, toHex } from "../octets.ts";
import { anyMessage } from "./fixture/any-message.ts";
import { type Frame, Framer } from "./framer.ts";
import { maxMessageOctets } from "./header.ts";
import { encodeMessage } from "./message-codec.ts";

const marker = "ff".repeat(16);
const keepalive = fromHex(`${marker} 0013 04`);

/** All frames of a stream that comes in these chunks, and the error at its end. */
function read(chunks: readonly Uint8Array[]) {
  const framer = new Framer();
  const frames: Frame[] = [];
  for (const chunk of chunks) {
    const { frames: more, error } = framer.push(chunk);
    frames.push(...more);
    ok(framer.heldOctets < maxMessageOctets);
    if (error !== undefined) return { frames, error };
  }
  return { frames };
}

/** The octets, cut at the places that `cuts` chooses. */
function cutUp(octets: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const places = [...new Set([0, octets.length, ...cuts.map((cut) => cut % (octets.length + 1))])].sort((a, b) => a - b);
  return places.slice(1).map((end, i) => octets.subarray(places[i], end));
}

const anyStream = fc.array(
  anyMessage.map((message) => {
    try {
      return encodeMessage(message, { fourOctetAs: true });
    } catch {
      return keepalive;
    }
  }),
  { maxLength: 6 },
);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

test("the messages are those of the stream, however it is cut up", () => {
  fc.assert(
    fc.property(anyStream, fc.array(fc.nat()), (messages, cuts) => {
      const { frames, error } = read(cutUp(joined(messages), cuts));
      equal(error, undefined);
      deepEqual(
        frames.map(({ octets }) => toHex(octets)),
        messages.map(toHex),
      );
    }),
  );
});

test("the stream may come octet by octet", () => {
  const stream = joined([keepalive, fromHex(`${marker} 0017 02 0000 0000`), keepalive]);
  const { frames } = read(
    cutUp(
      stream,
      Array.from(stream, (_, i) => i),
    ),
  );
  deepEqual(
    frames.map(({ type }) => type),
    ["keepalive", "update", "keepalive"],
  );
});

test("a fault is the same, however the stream is cut up, and comes after the messages before it", () => {
  fc.assert(
    fc.property(anyStream, fc.uint8Array({ minLength: 19, maxLength: 60 }), fc.array(fc.nat()), (messages, junk, cuts) => {
      fc.pre(junk[0] !== 0xff);
      const { frames, error } = read(cutUp(joined([...messages, junk]), cuts));
      equal(frames.length, messages.length);
      deepEqual([error?.code, error?.subcode], [1, 1]);
    }),
  );
});

test("after a fault nothing is read and nothing is held", () => {
  const framer = new Framer();
  const { error } = framer.push(fromHex("00".repeat(19)));
  ok(error !== undefined);
  deepEqual(framer.push(keepalive), { frames: [], error });
  equal(framer.heldOctets, 0);
});

test("a message that came in two chunks stays as it is when the next one comes", () => {
  const framer = new Framer();
  framer.push(keepalive.subarray(0, 7));
  const [first] = framer.push(keepalive.subarray(7)).frames;
  framer.push(fromHex(`${marker} 0017`));
  equal(first && toHex(first.octets), toHex(keepalive));
});

for (const { fault, header, subcode, data } of [
  { fault: "a marker with a bit that is zero (RFC 4271 §6.1)", header: `fe${"ff".repeat(15)} 0013 04`, subcode: 1, data: "" },
  { fault: "a length below 19", header: `${marker} 0012 04`, subcode: 2, data: "0012" },
  { fault: "a length above 4096", header: `${marker} 1001 02`, subcode: 2, data: "1001" },
  { fault: "an OPEN below 29 octets", header: `${marker} 001c 01`, subcode: 2, data: "001c" },
  { fault: "an UPDATE below 23 octets", header: `${marker} 0016 02`, subcode: 2, data: "0016" },
  { fault: "a NOTIFICATION below 21 octets", header: `${marker} 0014 03`, subcode: 2, data: "0014" },
  { fault: "a KEEPALIVE above 19 octets", header: `${marker} 0014 04`, subcode: 2, data: "0014" },
  { fault: "a ROUTE-REFRESH below 23 octets", header: `${marker} 0016 05`, subcode: 2, data: "0016" },
  { fault: "a type that is unknown", header: `${marker} 0013 06`, subcode: 3, data: "06" },
])
  test(`the NOTIFICATION for ${fault} is 1/${subcode}`, () => {
    const { error } = new Framer().push(fromHex(header));
    deepEqual([error?.code, error?.subcode, error && toHex(error.data)], [1, subcode, data]);
  });
