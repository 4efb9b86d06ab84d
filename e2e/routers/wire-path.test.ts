import { deepEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { birdMessages } from "../../speaker/codec/bgp/fixture/bird-messages.ts";
import { frrMessages } from "../../speaker/codec/bgp/fixture/frr-messages.ts";
import { gobgpMessages } from "../../speaker/codec/bgp/fixture/gobgp-messages.ts";
import { decodeMessage } from "../../speaker/codec/bgp/message-codec.ts";
import { fromHex } from "../../speaker/codec/octets.ts";
import { birdPaths } from "./bird/bird-answers.ts";
import { frrPaths } from "./frr/frr-answers.ts";
import { gobgpPaths } from "./gobgp/gobgp-answers.ts";
import type { LearntPath } from "./router.ts";
import { type WirePath, wirePath } from "./wire-path.ts";

const anyName = (): string => "sender";
const bird = (answer: string): readonly LearntPath[] => birdPaths(answer, new Set());
const frr = (answer: string): readonly LearntPath[] => frrPaths(answer, anyName);
const gobgp = (answer: string): readonly LearntPath[] => gobgpPaths(answer, anyName);

/** A message that was taken from the wire, and what the router that it was sent to said of its route then. */
const answers: readonly (readonly [message: string, read: (answer: string) => readonly LearntPath[], answer: string])[] = [
  ["UPDATE of FRR with all attributes", bird, "bird/fixture/paths-ipv4.txt"],
  ["UPDATE of FRR with all attributes", gobgp, "gobgp/fixture/paths-ipv4.json"],
  ["UPDATE of FRR for IPv6 with two next hops", bird, "bird/fixture/paths-ipv6.txt"],
  ["UPDATE of FRR for IPv6 with two next hops", gobgp, "gobgp/fixture/paths-ipv6.json"],
  ["UPDATE of FRR with an empty AS path", bird, "bird/fixture/paths-internal.txt"],
  ["UPDATE of FRR with a set in the AS path", bird, "bird/fixture/paths-set.txt"],
  ["UPDATE of FRR for IPv4 with IPv6 next hops", frr, "frr/fixture/paths-unnumbered.json"],
  ["UPDATE of BIRD with all attributes", frr, "frr/fixture/paths-ipv4.json"],
  ["UPDATE of BIRD for IPv6 with two next hops", frr, "frr/fixture/paths-ipv6.json"],
  ["UPDATE of BIRD to an internal neighbour", frr, "frr/fixture/paths-internal.json"],
  ["UPDATE of GoBGP with all attributes", bird, "bird/fixture/tables.txt"],
  ["UPDATE of GoBGP with a path of three", bird, "bird/fixture/tables.txt"],
  ["UPDATE of GoBGP with NO_EXPORT and origin EGP", bird, "bird/fixture/tables-egp.txt"],
];
const messages = new Map([...frrMessages, ...birdMessages, ...gobgpMessages].map((message) => [message.name, message]));

for (const [name, read, file] of answers)
  test(`${name} is for Herald's decoder what it was for its receiver (${file})`, () => {
    const message = messages.get(name);
    ok(message !== undefined);
    const decoded = decodeMessage(fromHex(message.hex), message.context);
    ok(decoded.ok && decoded.value.type === "update");
    const { prefixes, ...own } = wirePath(decoded.value);
    deepEqual(prefixes.length, 1);
    const candidates = read(readFileSync(join(import.meta.dirname, file), "utf8")).map((path) => saidOnTheWire(path, own));
    ok(candidates.length > 0);
    deepEqual(closest(candidates, own), own);
  });

/** A router's answer without what is not in the message: GoBGP tells one next hop, BIRD a preference of its own. */
function saidOnTheWire(path: LearntPath, own: Omit<WirePath, "prefixes">): Omit<WirePath, "prefixes"> {
  const { neighbor: _, best: __, stale: ___, localPref, nextHops, ...rest } = path;
  const hops = nextHops.length === 1 ? [...nextHops, ...own.nextHops.slice(1)] : nextHops;
  return { ...rest, nextHops: hops, ...(own.localPref !== undefined && localPref !== undefined && { localPref }) };
}

/** Of the routes in an answer, the one with this AS path. */
function closest<T extends { readonly asPath: string }>(
  candidates: readonly T[],
  own: { readonly asPath: string },
): T | undefined {
  return candidates.find(({ asPath }) => asPath === own.asPath);
}
