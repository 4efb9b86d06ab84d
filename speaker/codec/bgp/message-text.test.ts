import { equal } from "node:assert/strict";
import { test } from "node:test";
import { parsePrefix } from "../../../crds/net/prefix.ts";
import type { Capability } from "./capability.ts";
import type { BgpMessage, OpenMessage, UpdateMessage } from "./message.ts";
import { messageText, type UpdateBrief, updateBrief, updateText } from "./message-text.ts";

const prefix = (text: string) => parsePrefix(text) ?? { family: "IPv4", bits: 0n, length: 0 };

const capabilities: readonly Capability[] = [
  { type: "multiprotocol", afi: 1, safi: 1 },
  { type: "multiprotocol", afi: 25, safi: 70 },
  { type: "route-refresh" },
  {
    type: "graceful-restart",
    restarting: true,
    notification: true,
    restartTimeSeconds: 120,
    families: [
      { afi: 1, safi: 1, forwardingPreserved: true },
      { afi: 2, safi: 1, forwardingPreserved: false },
    ],
  },
  { type: "four-octet-as", autonomousSystem: 4_200_000_013 },
  { type: "unknown", code: 73, value: new Uint8Array(9) },
  { type: "unknown", code: 70, value: new Uint8Array() },
];

const open: OpenMessage = {
  type: "open",
  version: 4,
  autonomousSystem: 23_456,
  holdTimeSeconds: 90,
  identifier: 0x0a000002,
  capabilities,
};
const fields = "version 4, AS 23456, hold time 90 s, identifier 10.0.0.2";

const texts: readonly (readonly [Exclude<BgpMessage, UpdateMessage>, string])[] = [
  [
    open,
    `${fields}; IPv4 unicast, AFI 25 SAFI 70, route-refresh, graceful-restart (120 s, R, N, IPv4 unicast F, IPv6 unicast), ` +
      "four-octet-as 4200000013, capability 73 of 9 octets, capability 70",
  ],
  [{ ...open, capabilities: [] }, `${fields}; no capabilities`],
  [{ type: "notification", code: 6, subcode: 2, data: Uint8Array.of(2, 104, 105) }, '6/2 administrative shutdown: "hi"'],
  [{ type: "route-refresh", afi: 2, safi: 1, subtype: 0 }, "IPv6 unicast"],
  [{ type: "route-refresh", afi: 1, safi: 1, subtype: 2 }, "IPv4 unicast, subtype 2"],
  [{ type: "keepalive" }, ""],
];
for (const [message, text] of texts) test(`${message.type}: ${text}`, () => equal(messageText(message), text));

test("an OPEN of a thousand capabilities is a short text", () => {
  const many = Array.from({ length: 1000 }, () => ({ type: "route-refresh" }) as const);
  const text = messageText({ ...open, capabilities: many });
  equal(text.length < 400 && text.endsWith(" and 984 more"), true);
});

const empty = { type: "update", withdrawn: [], attributes: {}, nlri: [] } as const;
const own: readonly (readonly [UpdateMessage, string])[] = [
  [{ ...empty, nlri: [prefix("192.0.2.1/32"), prefix("192.0.2.2/32")] }, "2 announced, first 192.0.2.1/32"],
  [{ ...empty, withdrawn: [prefix("192.0.2.1/32")] }, "1 withdrawn, first 192.0.2.1/32"],
  [
    { ...empty, attributes: { mpReach: { afi: 2, safi: 1, nextHops: [], nlri: [prefix("2001:db8::/64")] } } },
    "1 announced, first 2001:db8::/64",
  ],
  [
    { ...empty, attributes: { mpUnreach: { afi: 2, safi: 1, withdrawn: [prefix("2001:db8::/64")] } } },
    "1 withdrawn, first 2001:db8::/64",
  ],
  [empty, "End-of-RIB of IPv4 unicast"],
  [{ ...empty, attributes: { mpUnreach: { afi: 2, safi: 1, withdrawn: [] } } }, "End-of-RIB of IPv6 unicast"],
];
for (const [update, text] of own) test(`an UPDATE that is sent: ${text}`, () => equal(updateText(updateBrief(update)), text));

const heard: readonly (readonly [UpdateBrief, string])[] = [
  [{ announced: 800, withdrawn: 3 }, "800 announced, 3 withdrawn"],
  [{ announced: 0, withdrawn: 0 }, "no routes"],
  [{ announced: 0, withdrawn: 0, endOfRib: { afi: 2, safi: 1 } }, "End-of-RIB of IPv6 unicast"],
  [
    { announced: 0, withdrawn: 2, fault: { treatment: "treat-as-withdraw", problem: "ORIGIN is missing" } },
    "2 withdrawn; treat-as-withdraw: ORIGIN is missing",
  ],
];
for (const [brief, text] of heard) test(`an UPDATE that came: ${text}`, () => equal(updateText(brief), text));
