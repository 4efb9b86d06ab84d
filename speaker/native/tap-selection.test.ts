import { deepEqual, equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import type { TapFactory } from "./ports.ts";
import { selectTaps, type TapCandidate, tapCandidates } from "./tap-selection.ts";

const working = (name: TapFactory["name"]): TapCandidate => ({
  name,
  load: async () => ({ name, open: () => ({ send: () => true, askFor: () => undefined, close: () => undefined }) }),
});
const broken = (name: TapFactory["name"], reason: string): TapCandidate => ({
  name,
  load: async () => {
    throw new Error(reason);
  },
});
const noTrial = (): void => undefined;

test("the first back end that works is used", async () => {
  const { taps, passedOver } = await selectTaps([working("af-packet"), working("node-pcap")], noTrial);
  equal(taps.name, "af-packet");
  deepEqual(passedOver, []);
});

test("a back end that cannot be loaded is passed over, and the reason is kept", async () => {
  const { taps, passedOver } = await selectTaps([broken("af-packet", "no koffi"), working("node-pcap")], noTrial);
  equal(taps.name, "node-pcap");
  deepEqual(passedOver, [{ name: "af-packet", reason: "no koffi" }]);
});

test("a back end that loads but cannot open a tap is passed over", async () => {
  const { taps } = await selectTaps([working("af-packet"), working("node-pcap")], ({ name }) => {
    if (name === "af-packet") throw new Error("refused", { cause: new Error("socket: EPERM") });
  });
  equal(taps.name, "node-pcap");
});

test("when none works the error names each and why", async () => {
  await rejects(selectTaps([broken("af-packet", "no koffi"), broken("node-pcap", "not built")], noTrial), {
    message: "no way to send and receive ARP and NDP frames on this machine: af-packet: no koffi; node-pcap: not built",
  });
});

test("AF_PACKET comes first (docs/decisions/0003-frame-tap.md)", () => {
  deepEqual(
    tapCandidates.map(({ name }) => name),
    ["af-packet", "node-pcap"],
  );
});
