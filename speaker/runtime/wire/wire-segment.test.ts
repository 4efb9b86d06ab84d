import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../../../crds/net/address.ts";
import { settle } from "../../../operator/framework/fake/fake-clock.ts";
import { arpOperation, decodeArp, encodeArp } from "../../codec/arp.ts";
import { encodeEthernet, etherType } from "../../codec/ethernet.ts";
import { ours, setUp, theirs } from "../fake/wire-world.ts";

test("a question to the segment is put to gateways, neighbours and announced addresses, and answered", async () => {
  const { wire, lan, asker, clock, toBeat } = setUp();
  const address = parseAddress("192.0.2.7");
  if (address === undefined) throw new RangeError();
  const macs = [
    { node: "n2", mac: theirs },
    { node: "n3", mac: Uint8Array.of(2, 0, 0, 0, 0, 11) },
  ];
  lan.take();
  wire.receive({ type: "ask-segment", question: 3, neighbours: ["192.0.2.1"], samples: [address], macs });
  await settle();
  const asked = lan.take().map((frame) => decodeArp(frame.subarray(14)));
  deepEqual(
    asked.map(({ targetIp }) => [...targetIp]),
    [
      [192, 0, 2, 1],
      [192, 0, 2, 7],
    ],
  );
  for (const { targetIp, senderMac, senderIp } of asked) {
    const packet = {
      operation: arpOperation.reply,
      senderMac: theirs,
      senderIp: targetIp,
      targetMac: senderMac,
      targetIp: senderIp,
    };
    asker.send(encodeEthernet({ destination: ours, source: theirs, etherType: etherType.arp, payload: encodeArp(packet) }));
  }
  clock.tick(50);
  deepEqual(toBeat, [{ type: "segment", question: 3, answered: true, seen: ["n2"] }]);
});

test("a segment on which nobody answers is said to be silent", async () => {
  const { wire, clock, toBeat } = setUp();
  wire.receive({ type: "ask-segment", question: 1, neighbours: ["192.0.2.1"], samples: [], macs: [] });
  await settle();
  clock.tick(140);
  deepEqual(toBeat, []);
  clock.tick(20);
  deepEqual(toBeat, [{ type: "segment", question: 1, answered: false, seen: [] }]);
});
