import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { brief, compiled, object, pool } from "./fixture/objects.ts";

const l2 = (...interfaces: readonly string[]) =>
  compiled({ pools: [pool("p", ["10.0.0.1/32"])], l2Advertisements: [object("a", { interfaces })] });
const peer = (spec: object) => compiled({ bgpPeers: [object("p", { myASN: 1, peerASN: 2, ...spec })] });

for (const name of ["eth0 ", "", " ", ".", "..", "a/b", "eth0:1", "a\tb", "sixteen-letters-", "ääääääää"])
  test(`that no interface can be called ${JSON.stringify(name)} is said, and the advertisement stands`, () => {
    const { snapshot, findings } = l2("eth0", name, "also bad");
    deepEqual(brief(findings), ["warning InterfaceNameImpossible a spec.interfaces[1]"]);
    equal(findings[0]?.message.includes(`called ${JSON.stringify(name)}: a name has 1 to 15 characters`), true);
    equal(snapshot.pools[0]?.l2.length, 1);
  });

for (const name of ["eth0", "br-0.100", "fifteen-letters", "eth*", "...", "wg@x", "äääääää"])
  test(`of the interface ${name} nothing is said`, () => deepEqual(l2(name).findings, []));

test("the same holds for the interface and the VRF of a peer", () => {
  const [first, ...more] = peer({ interface: "eth0 " }).findings;
  match(first?.message ?? "", /^BGPPeer "p": spec\.interface: no network interface can be called "eth0 "/);
  deepEqual(more, []);
  deepEqual(brief(peer({ peerAddress: "192.0.2.1", vrf: "red vrf" }).findings), ["warning InterfaceNameImpossible p spec.vrf"]);
  for (const spec of [
    { interface: "eth0" },
    { peerAddress: "192.0.2.1", vrf: "red", interface: "" },
    { interface: "eth0", vrf: "" },
  ])
    deepEqual(peer(spec).findings, []);
});

test("a name that is no name is told by its beginning", () => {
  const [found] = l2("x".repeat(100_000)).findings;
  equal((found?.message.length ?? 0) < 250, true);
});
