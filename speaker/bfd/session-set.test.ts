import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { address, defaults } from "./fixture/session-driver.ts";
import { pathText, samePath } from "./session-path.ts";
import { sharedSessions } from "./session-set.ts";
import { SessionTable } from "./session-table.ts";

test("peers on the same path share one session with the first one's values, in whatever order they come", () => {
  const a = { peer: "a", parameters: { ...defaults, desiredMinTxMs: 50 } };
  const b = { peer: "b", parameters: defaults };
  for (const list of [
    [a, b],
    [b, a],
  ])
    deepEqual([...sharedSessions(list).values()], [{ parameters: a.parameters, peers: ["a", "b"] }]);
});

test("another remote or local address, interface, VRF or number of hops is another session", () => {
  const others = [
    {},
    { remote: address("192.0.2.3") },
    { local: address("192.0.2.9") },
    { interfaceName: "eth0" },
    { vrf: "red" },
    { multihop: true },
  ].map((changes, i) => ({ peer: String(i), parameters: { ...defaults, ...changes } }));
  equal(sharedSessions(others).size, others.length);
});

const entry = { path: defaults, discriminator: 7 };
const table = new SessionTable<typeof entry>();
table.add(entry);

test("a packet that knows our discriminator finds its session, and one that knows none finds it by its path", () => {
  equal(table.find(7, defaults), entry);
  equal(table.find(0, defaults), entry);
});

test("a packet with a discriminator that is nobody's, or of a session on another path, finds none", () => {
  equal(table.find(8, defaults), undefined);
  equal(table.find(7, { ...defaults, multihop: true }), undefined);
  equal(table.find(7, { ...defaults, remote: address("192.0.2.3") }), undefined);
  equal(table.find(0, { ...defaults, interfaceName: "eth0" }), undefined);
});

test("paths are the same where their texts are", () => {
  const paths = [{}, { remote: address("192.0.2.3") }, { interfaceName: "eth0" }, { vrf: "eth0" }, { multihop: true }].map(
    (changes) => ({ ...defaults, ...changes }),
  );
  for (const a of paths) for (const b of paths) equal(samePath(a, b), pathText(a) === pathText(b));
});

test("a session that was removed is found no more", () => {
  const other = { path: { ...defaults, multihop: true }, discriminator: 9 };
  table.add(other);
  table.remove(other);
  deepEqual([table.find(9, other.path), table.find(0, other.path), table.has(9)], [undefined, undefined, false]);
});
