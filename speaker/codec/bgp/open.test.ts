import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { fromHex, toHex } from "../octets.ts";
import type { Capability } from "./capability.ts";
import { decodeCapabilities, encodeCapabilities } from "./capability-codec.ts";
import type { OpenMessage } from "./message.ts";
import { decodeOpen, encodeOpen } from "./open.ts";

const open: OpenMessage = {
  type: "open",
  version: 4,
  autonomousSystem: 64512,
  holdTimeSeconds: 90,
  identifier: 1,
  capabilities: [],
};
/** Version, AS, hold time and identifier. */
const head = "04 fc00 005a c0000201";

for (const { fault, hex, code, data = "" } of [
  { fault: "another version, with the one there is (RFC 4271 §6.2)", hex: "03 fc00 005a c0000201 00", code: "2/1", data: "0004" },
  { fault: "a parameter other than capabilities (RFC 4271 §6.2)", hex: `${head} 03 01 01 00`, code: "2/4" },
  { fault: "parameters that are longer than the message", hex: `${head} 03 02 00`, code: "2/0" },
  { fault: "octets behind the parameters", hex: `${head} 02 02 00 00`, code: "2/0" },
  { fault: "a parameter that reaches over the end", hex: `${head} 02 02 01`, code: "2/0" },
  { fault: "a capability that reaches over its parameter", hex: `${head} 04 02 02 02 01`, code: "2/0" },
  { fault: "a capability of half a head", hex: `${head} 03 02 01 02`, code: "2/0" },
  { fault: "capability 1 of other than 4 octets", hex: `${head} 07 02 05 01 03 000101`, code: "2/0" },
  { fault: "capability 65 of other than 4 octets", hex: `${head} 06 02 04 41 02 fc00`, code: "2/0" },
  { fault: "an extended length that is not there (RFC 9072)", hex: `${head} ff ff 00`, code: "2/0" },
  { fault: "parameters although their length is 0 (RFC 9072 §2)", hex: `${head} 00 ff 0005 02 0002 0200`, code: "2/0" },
  { fault: "an extended length that is wrong", hex: `${head} ff ff 0004 02 0002 02`, code: "2/0" },
])
  test(`the NOTIFICATION for ${fault} is ${code}`, () => {
    const decoded = decodeOpen(fromHex(hex));
    equal(decoded.ok, false);
    if (!decoded.ok) deepEqual([`${decoded.error.code}/${decoded.error.subcode}`, toHex(decoded.error.data)], [code, data]);
  });

for (const { feature, hex } of [
  { feature: "graceful restart", hex: "40 03 007800" },
  { feature: "route refresh", hex: "02 01 00" },
  { feature: "next hops of the other family", hex: "05 05 0001000100" },
  { feature: "something unknown", hex: "49 02 beef" },
])
  test(`a capability for ${feature} whose length does not fit is no error and not used`, () => {
    const octets = fromHex(hex);
    const unknown: Capability = { type: "unknown", code: octets[0] ?? 0, value: octets.subarray(2) };
    deepEqual(decodeCapabilities(octets), [unknown]);
    deepEqual(encodeCapabilities([unknown]), octets);
  });

for (const length of ["01", "07", "ff"])
  test(`the length ${length} of the parameters is ignored when the mark of extended lengths follows (RFC 9072 §2)`, () => {
    const decoded = decodeOpen(fromHex(`${head} ${length} ff 0005 02 0002 0200`));
    deepEqual(decoded.ok && decoded.value.capabilities, [{ type: "route-refresh" }]);
  });

test("a capability may have 255 octets", () => {
  const longest: Capability = { type: "unknown", code: 99, value: new Uint8Array(255).fill(7) };
  deepEqual(decodeCapabilities(encodeCapabilities([longest])), [longest]);
});

test("the bit N of graceful restart is read and written (RFC 8538 §2)", () => {
  const hex = "4006407800020100";
  const [capability] = decodeCapabilities(fromHex(hex));
  equal(capability?.type === "graceful-restart" && capability.notification, true);
  equal(toHex(encodeCapabilities(capability === undefined ? [] : [capability])), hex);
});

test("parameters of 255 octets and more take extended lengths, and are read again (RFC 9072 §2)", () => {
  const capabilities: readonly Capability[] = Array.from({ length: 43 }, (_, i) => ({ type: "multiprotocol", afi: i, safi: 1 }));
  const octets = encodeOpen({ ...open, capabilities });
  equal(toHex(octets.subarray(9, 16)), "ffff0105020102");
  deepEqual(decodeOpen(octets), { ok: true, value: { ...open, capabilities } });
});

test("what does not fit its field is refused in words", () => {
  throws(() => encodeOpen({ ...open, autonomousSystem: 65536 }), /AS 65536 has more than two octets: say 23456/);
  throws(() => encodeOpen({ ...open, holdTimeSeconds: 65536 }), /a hold time of 65536 s has more than two octets/);
  throws(() => encodeCapabilities([{ type: "unknown", code: 99, value: new Uint8Array(256) }]), /capability 99 of 256 octets/);
  const restart = { type: "graceful-restart", restarting: false, notification: false, families: [] } as const;
  throws(() => encodeCapabilities([{ ...restart, restartTimeSeconds: 4096 }]), /a restart time of 4096 s: at most 4095 s fit/);
});
