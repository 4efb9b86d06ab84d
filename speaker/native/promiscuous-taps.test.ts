import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { ethernetLink } from "./fake/link.ts";
import type { TapFactory } from "./ports.ts";
import { promiscuousOn } from "./promiscuous-taps.ts";

test("taps are promiscuous on the interfaces that are named, and on no other", () => {
  const opened: string[] = [];
  const taps: TapFactory = {
    name: "af-packet",
    open: ({ name }, protocol, _events, promiscuous) => {
      opened.push(`${name} ${protocol} ${promiscuous}`);
      return { send: () => true, askFor: () => undefined, close: () => undefined };
    },
  };
  const chosen = promiscuousOn(["wlan0"], taps);
  const events = { onFrame: () => undefined, onClosed: () => undefined };
  for (const name of ["eth0", "wlan0"]) chosen.open(ethernetLink(2, name, new Uint8Array(6)), "arp", events);
  deepEqual(opened, ["eth0 arp false", "wlan0 arp true"]);
});
