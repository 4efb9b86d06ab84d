import { equal } from "node:assert/strict";
import { test } from "node:test";
import { parseCommunity } from "../../community.ts";
import { fitMessage } from "./community-room.ts";

const communities = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => {
    const read = parseCommunity(text(i));
    if (!read.ok) throw new Error(read.reason);
    return read.community;
  });
const standard = (count: number) => communities(count, (i) => `1:${i}`);
const large = (count: number) => communities(count, (i) => `large:1:2:${i}`);

test("so many communities of one kind fit a message, and one more does not", () => {
  for (const [fitting, more] of [
    [standard(1_010), standard(1_011)],
    [large(336), large(337)],
  ] as const) {
    equal(fitMessage(fitting), true);
    equal(fitMessage(more), false);
  }
});

test("each kind counts with the head of its attribute, which is an octet longer beyond 255 octets", () => {
  equal(fitMessage([...standard(1), ...large(336)]), true); // 7 + 4036
  equal(fitMessage([...standard(2), ...large(336)]), false); // 11 + 4036
  equal(fitMessage([...standard(63), ...large(315)]), true); // 255 + 3784
  equal(fitMessage([...standard(1_006), ...large(1)]), true); // 4028 + 15
  equal(fitMessage([...standard(1_007), ...large(1)]), false); // 4032 + 15
});
