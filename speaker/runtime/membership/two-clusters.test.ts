import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { aSecret, BeatCluster } from "../fake/beat-cluster.ts";

const anotherSecret = new TextEncoder().encode("of another cluster: 31 octets...");

/** Two clusters on one segment, whose nodes have the same names. */
async function twoClusters(secondSecret: Uint8Array): Promise<readonly [BeatCluster, BeatCluster]> {
  const one = new BeatCluster(3);
  const other = new BeatCluster(3, { secret: secondSecret, first: 11, beside: one });
  await one.start(["uid-1", "uid-1", "uid-1"]);
  await other.start(["uid-2", "uid-2", "uid-2"]);
  await one.clock.advance(5_000);
  return [one, other];
}

/** Everything that the nodes have concluded so far. */
const concluded = ({ nodes }: BeatCluster): string => JSON.stringify(nodes.map(({ view }) => [view, [...(view?.members ?? [])]]));

for (const [what, secret] of [
  ["the same Secret", aSecret],
  ["different Secrets", anotherSecret],
] as const) {
  test(`two clusters with ${what}: whatever the speakers of one send to those of the other changes nothing there`, async () => {
    const [one, other] = await twoClusters(secret);
    const before = concluded(one);
    // The worst case: the second cluster takes the first one's speakers for its own, and calls, probes and accuses them.
    const pods = [...other.pods, ...one.pods.map(({ address, ready }, i) => ({ node: `m${i + 1}`, address, ready }))];
    for (const { beat } of other.nodes) beat.receive({ type: "speakers", pods });
    await one.clock.advance(30_000);
    equal(concluded(one), before);
    for (const { candidates } of other.nodes) deepEqual(candidates, ["n1", "n2", "n3"]);
    const dropped = one.nodes.flatMap(({ posted }) => posted.filter(({ type }) => type === "dropped"));
    ok(dropped.length > 0, "no packet of the other cluster's arrived");
  });

  test(`two clusters with ${what}: when the speakers of one fall silent, nothing moves in the other`, async () => {
    const [one, other] = await twoClusters(secret);
    const before = concluded(one);
    for (const [i, { address }] of other.pods.entries()) {
      other.node(i).segment = "silent";
      one.segment.cut(address);
    }
    await one.clock.advance(30_000);
    equal(concluded(one), before);
  });
}
