import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parsePrefix } from "../../crds/net/prefix.ts";
import { decodeMemberFacts, encodeMemberFacts, type MemberFacts } from "./membership-facts.ts";
import { maxFactsOctets } from "./membership-limit.ts";
import { fromHex, toHex } from "./octets.ts";

const prefixes = (...texts: readonly string[]) => texts.flatMap((text) => parsePrefix(text) ?? []);

const facts: MemberFacts = {
  interfaces: [{ name: "eth0", mac: fromHex("020000000001"), prefixes: prefixes("192.0.2.0/24", "2001:db8::/64") }],
  setAside: ["IPAddressPool/a/b"],
  complete: true,
};

test("facts have these octets", () => {
  const hex =
    "01 0023 020000000001 04 65746830 04 c0000200 18 10 20010db8000000000000000000000000 40" +
    "02 0011 495041646472657373506f6f6c2f612f62";
  equal(toHex(encodeMemberFacts(facts)), toHex(fromHex(hex)));
  deepEqual(decodeMemberFacts(fromHex(hex)), { ok: true, value: facts });
});

test("decoding is the inverse of encoding", () => {
  const link = fc.record(
    {
      name: fc.stringMatching(/^[!-~]{1,15}$/),
      mac: fc.uint8Array({ minLength: 6, maxLength: 6 }),
      prefixes: fc.array(fc.constantFrom(...prefixes("10.0.0.0/8", "192.0.2.128/25", "2001:db8::/48", "::/0", "0.0.0.0/0"))),
    },
    { noNullPrototype: true },
  );
  const anyFacts = fc.record(
    {
      interfaces: fc.array(link),
      setAside: fc.array(fc.stringMatching(/^[!-~]{1,60}$/)),
      complete: fc.boolean(),
    },
    { noNullPrototype: true },
  );
  fc.assert(fc.property(anyFacts, (value) => deepEqual(decodeMemberFacts(encodeMemberFacts(value)), { ok: true, value })));
});

test("what does not fit is left out, and the facts say so", () => {
  const many = Array.from({ length: 1000 }, (_, i) => ({ name: `eth${i}`, mac: fromHex("020000000001"), prefixes: [] }));
  const octets = encodeMemberFacts({ ...facts, interfaces: many });
  ok(octets.length <= maxFactsOctets);
  const decoded = decodeMemberFacts(octets);
  ok(decoded.ok && !decoded.value.complete && decoded.value.interfaces.length > 500);
  deepEqual(decoded.ok && decoded.value.interfaces[0]?.name, "eth0");
});

test("an interface with a name that is not visible ASCII is left out, and the facts say so", () => {
  const odd = [{ name: "ü", mac: fromHex("020000000001"), prefixes: [] }, ...facts.interfaces];
  const decoded = decodeMemberFacts(encodeMemberFacts({ ...facts, interfaces: odd }));
  deepEqual(decoded, { ok: true, value: { ...facts, complete: false } });
});

for (const { fault, hex } of [
  { fault: "a prefix longer than its address", hex: "01 0011 020000000001 04 65746830 04 c0000200 21" },
  { fault: "an address of three octets", hex: "01 0010 020000000001 04 65746830 03 c00002 18" },
  { fault: "a MAC that is cut off", hex: "01 0003 020000" },
])
  test(`${fault} is an error, not an exception`, () => equal(decodeMemberFacts(fromHex(hex)).ok, false));

test("any octets give a value, never an exception", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (octets) => decodeMemberFacts(octets) !== undefined));
});
