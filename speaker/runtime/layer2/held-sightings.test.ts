import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Sighting } from "../../l2/conflict/sighting.ts";
import { HeldSightings } from "./held-sightings.ts";

const claim = (ip: string): Sighting => ({ ip, mac: "02:00:00:00:00:02", form: "arp-reply", interface: "eth0" });

test("claims are held for a second from the first of them, and given away once", () => {
  const held = new HeldSightings();
  deepEqual([held.isDue(1_000_000), held.nextAt(), held.take()], [false, undefined, []]);
  held.add([claim("192.0.2.1")], 1000);
  held.add([claim("192.0.2.2")], 1900);
  deepEqual([held.isDue(1999), held.isDue(2500), held.nextAt()], [false, true, 2000]);
  deepEqual(held.take(), [claim("192.0.2.1"), claim("192.0.2.2")]);
  deepEqual([held.isDue(2000), held.nextAt(), held.take()], [false, undefined, []]);
  held.add([claim("192.0.2.3")], 3000);
  deepEqual(held.nextAt(), 4000);
});
