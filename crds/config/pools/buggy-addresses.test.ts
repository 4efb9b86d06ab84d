import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { brief, compiled, object } from "../fixture/objects.ts";

const warned = ["warning BuggyAddresses p spec.addresses[0]"];
const entries = [
  { text: "10.0.0.0/24", said: warned },
  { text: "10.0.0.128/25", said: warned },
  { text: "10.0.0.255/32", said: warned },
  { text: "10.0.0.0/32", said: warned },
  { text: "10.0.0.64/26", said: [] },
  { text: "10.0.0.7-10.0.1.255", said: warned },
  { text: "10.0.0.1-10.0.2.0", said: warned },
  { text: "10.0.0.0-10.0.0.9", said: [] },
  { text: "10.0.0.1-10.0.1.254", said: [] },
  { text: "2001:db8::/120", said: [] },
];
for (const { text, said } of entries)
  test(`a pool of ${text} is ${said.length === 0 ? "not warned" : "warned"} of addresses ending in .0 or .255`, () => {
    deepEqual(brief(compiled({ pools: [object("p", { addresses: [text] })] }).findings), said);
    const avoided = compiled({ pools: [object("p", { addresses: [text, "10.9.9.9/32"], avoidBuggyIPs: true })] });
    deepEqual(avoided.findings, []);
  });

test("the warning is given once, names the first such address, and the pool stands", () => {
  const { snapshot, findings } = compiled({
    pools: [object("p", { addresses: ["10.0.1.1-10.0.1.9", "10.0.0.128/25", "10.9.0.0/16"] })],
  });
  deepEqual(brief(findings), ["warning BuggyAddresses p spec.addresses[1]"]);
  match(findings[0]?.message ?? "", /"10\.0\.0\.128\/25" holds 10\.0\.0\.255, .* set spec\.avoidBuggyIPs/);
  deepEqual(snapshot.pools.length, 1);
});
