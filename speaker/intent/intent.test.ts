import { equal } from "node:assert/strict";
import { test } from "node:test";
import { equalAnnouncements, type L2Announcement } from "./intent.ts";

const four: L2Announcement = { address: { family: "IPv4", bits: 1n }, interfaces: ["eth0", "eth1"] };
const six: L2Announcement = { address: { family: "IPv6", bits: 1n }, interfaces: [] };

test("announcements that say the same are equal, whichever objects they are", () => {
  equal(equalAnnouncements([four, six], structuredClone([four, six])), true);
  equal(equalAnnouncements([], []), true);
});

const others: readonly (readonly [difference: string, announcements: readonly L2Announcement[]])[] = [
  ["there are fewer", [four]],
  ["there are more", [four, six, six]],
  ["there are none", []],
  ["they are in another order", [six, four]],
  ["one is of another family", [{ ...four, address: { family: "IPv6", bits: 1n } }, six]],
  ["one has another address", [{ ...four, address: { family: "IPv4", bits: 2n } }, six]],
  ["one is on fewer interfaces", [{ ...four, interfaces: ["eth0"] }, six]],
  ["one is on more interfaces", [{ ...four, interfaces: ["eth0", "eth1", "eth2"] }, six]],
  ["one is on every interface", [{ ...four, interfaces: [] }, six]],
  ["one is on another interface", [{ ...four, interfaces: ["eth0", "eth2"] }, six]],
  ["only the last one differs", [four, { ...six, interfaces: ["eth0"] }]],
];
for (const [difference, announcements] of others) {
  test(`announcements are not equal when ${difference}`, () => {
    equal(equalAnnouncements([four, six], announcements), false);
    equal(equalAnnouncements(announcements, [four, six]), false);
  });
}
