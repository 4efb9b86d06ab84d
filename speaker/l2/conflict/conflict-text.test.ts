import { match } from "node:assert/strict";
import { test } from "node:test";
import type { Conflict } from "./conflict.ts";
import { conflictText } from "./conflict-text.ts";

const conflict: Conflict = {
  ...{ ip: "192.0.2.2", mac: "02:00:00:00:00:0b", form: "arp-reply", interface: "eth0" },
  ...{ cause: "foreign", node: undefined, policy: "report" },
};

for (const { what, change, many, words } of [
  {
    what: "a foreign machine",
    change: {},
    many: false,
    words: /02:00:00:00:00:0b, another machine .*ARP reply on eth0.*stays announced/,
  },
  { what: "what defend does", change: { policy: "defend" }, many: false, words: /announced against it at most every 10 s/ },
  { what: "what quarantine does", change: { policy: "quarantine" }, many: false, words: /is not announced while it answers/ },
  { what: "proxy ARP", change: {}, many: true, words: /claims many addresses.*switch proxy ARP off/ },
  {
    what: "a node whose speaker denies",
    change: { cause: "denied", node: "n2" },
    many: false,
    words: /node "n2".*does not announce.*strictARP/,
  },
  {
    what: "a node whose speaker is silent",
    change: { cause: "unanswered", node: "n2" },
    many: false,
    words: /node "n2".*does not answer/,
  },
] as const)
  test(`the text of a conflict names ${what}`, () => {
    match(conflictText({ ...conflict, ...change }, many), words);
  });
