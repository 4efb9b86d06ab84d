import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Sighting } from "../../l2/conflict/sighting.ts";
import { HeldSightings } from "./held-sightings.ts";

const claim = (ip: string): Sighting => ({ ip, mac: "02:00:00:00:00:02", form: "arp-reply", interface: "eth0" });

test("claims are held for half a second from the first of them, and given away once", () => {
  const held = new HeldSightings();
  deepEqual([held.isDue(1_000_000), held.nextAt(), held.take()], [false, undefined, []]);
  held.add([claim("192.0.2.1")], 1000);
  held.add([claim("192.0.2.2")], 1400);
  deepEqual([held.isDue(1499), held.isDue(1500), held.nextAt()], [false, true, 1500]);
  deepEqual(held.take(), [claim("192.0.2.1"), claim("192.0.2.2")]);
  deepEqual([held.isDue(2000), held.nextAt(), held.take()], [false, undefined, []]);
  held.add([claim("192.0.2.3")], 3000);
  deepEqual(held.nextAt(), 3500);
});
