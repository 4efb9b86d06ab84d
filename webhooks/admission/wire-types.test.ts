import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { decodeErrors } from "./wire-types.ts";

const refused = [
  ["BGPAdvertisement", "localPref", -1],
  ["BGPAdvertisement", "localPref", 4294967296],
  ["BGPAdvertisement", "aggregationLength", 2147483648],
  ["BGPAdvertisement", "aggregationLengthV6", 2147483648],
  ["BGPPeer", "myASN", 4294967296],
  ["BGPPeer", "localASN", 4294967296],
  ["BGPPeer", "peerPort", 65536],
  ["BGPPeer", "peerASN", 1.5],
  ["BGPPeer", "peerASN", "64512"],
  ["BGPPeer", "holdTime", "abc"],
  ["BGPPeer", "keepaliveTime", 30],
  ["BGPPeer", "connectTime", "soon"],
  ["BFDProfile", "receiveInterval", -5],
  ["BFDProfile", "transmitInterval", 4294967296],
  ["BFDProfile", "echoInterval", -1],
  ["BFDProfile", "detectMultiplier", 2.5],
  ["BFDProfile", "minimumTtl", "254"],
] as const;
for (const [kind, field, value] of refused)
  test(`${kind} spec.${field} ${JSON.stringify(value)} cannot be decoded`, () => {
    const [error, ...more] = decodeErrors(kind, { spec: { [field]: value } });
    match(error ?? "", new RegExp(`^spec.${field}: ${JSON.stringify(value).replace(".", "\\.")} is not`));
    deepEqual(more, []);
  });

test("values that fit are decoded", () => {
  deepEqual(decodeErrors("BGPPeer", { spec: { myASN: 4294967295, peerPort: 179, holdTime: "1m30s", keepaliveTime: "0" } }), []);
  deepEqual(decodeErrors("BGPAdvertisement", { spec: { localPref: 4294967295 } }), []);
  deepEqual(decodeErrors("IPAddressPool", { spec: { addresses: [] } }), []);
});

test("absent and null fields are no error", () => {
  deepEqual(decodeErrors("BGPPeer", { spec: { holdTime: null } }), []);
  deepEqual(decodeErrors("BGPPeer", {}), []);
});

test("every field that cannot be decoded is named", () => {
  const errors = decodeErrors("BGPPeer", { spec: { myASN: -1, holdTime: "x" } });
  deepEqual(
    errors.map((error) => error.split(":")[0]),
    ["spec.myASN", "spec.holdTime"],
  );
});

test("a request without an object is an error", () => match(decodeErrors("BGPPeer", null)[0] ?? "", /no BGPPeer object/));
