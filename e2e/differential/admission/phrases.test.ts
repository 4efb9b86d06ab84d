import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { phrases, phrasesLost } from "./phrases.ts";

const samples = [
  'CIDR "a" in pool "b" overlaps with already defined CIDR "c"',
  "invalid aggregation length 28: prefix 30 in this pool is more specific than the aggregation length for addresses 10.0.0.0/30",
  "serviceSelectors and aggregationLength are mutually exclusive: leave one out",
  'invalid BGPPeer address "x"',
  "peer 10.0.0.1 already exists, FRR mode doesn't support duplicate BGPPeers",
  'invalid community value: invalid section "x"',
  "expected community to be of format large",
  'duplicate definition of community "x"',
  'failed to delete BFDProfile "x"',
  "resource must be created in metallb-system namespace",
];

test("each phrase is missed where it is not said", () => {
  deepEqual(
    samples.map((sample) => phrasesLost(sample, "something else").length),
    phrases.map(() => 1),
  );
});

test("a phrase among others is not missed, nor one that was not there", () => {
  deepEqual(phrasesLost(samples[0] ?? "", samples.join("\n")), []);
  deepEqual(phrasesLost("something else", ""), []);
});
