import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { compareCommunities, formatCommunity, parseCommunity } from "./community.ts";

const read = [
  { text: "64512:100", is: { type: "standard", value: 64512 * 65536 + 100 }, written: "64512:100" },
  { text: "0:0", is: { type: "standard", value: 0 }, written: "0:0" },
  { text: "65535:65281", is: { type: "standard", value: 0xffffff01 }, written: "65535:65281" },
  {
    text: "large:4294967295:0:7",
    is: { type: "large", globalAdministrator: 4294967295, localData1: 0, localData2: 7 },
    written: "4294967295:0:7",
  },
] as const;
for (const { text, is, written } of read)
  test(`${text} is a ${is.type} community`, () => {
    const result = parseCommunity(text);
    ok(result.ok);
    deepEqual(result.community, is);
    equal(formatCommunity(result.community), written);
  });

const refused = [
  { text: "65536:1", code: "InvalidValue", reason: /invalid community value: invalid section/ },
  { text: "a:1", code: "InvalidValue", reason: /invalid community value: invalid section/ },
  { text: ":", code: "InvalidValue", reason: /invalid section/ },
  { text: "-1:1", code: "InvalidValue", reason: /invalid section/ },
  { text: "large:1:2:4294967296", code: "InvalidValue", reason: /invalid section/ },
  { text: "LARGE:1:2:3", code: "InvalidValue", reason: /expected community to be of format large/ },
  { text: "vpn", code: "InvalidFormat", reason: /invalid community format: vpn/ },
  { text: "1:2:3", code: "InvalidFormat", reason: /invalid community format/ },
  { text: "large:1:2:3:4", code: "InvalidFormat", reason: /invalid community format/ },
  { text: "", code: "InvalidFormat", reason: /invalid community format/ },
];
for (const { text, code, reason } of refused)
  test(`"${text}" is no community`, () => {
    const result = parseCommunity(text);
    ok(!result.ok);
    equal(result.code, code);
    match(result.reason, reason);
  });

test("standard communities count as (value, 0, 0) among large ones", () => {
  const texts = ["0:5", "large:5:0:1", "0:6", "large:6:0:0", "large:7:0:0"];
  const parsed = texts.map(parseCommunity).flatMap((result) => (result.ok ? [result.community] : []));
  const sorted = parsed.toReversed().sort(compareCommunities).map(formatCommunity);
  deepEqual(sorted, ["0:5", "5:0:1", "6:0:0", "0:6", "7:0:0"]);
});
