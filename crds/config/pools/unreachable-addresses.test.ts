import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { brief, compiled, object } from "../fixture/objects.ts";

const poolOf = (...addresses: readonly string[]) => compiled({ pools: [object("p", { addresses, avoidBuggyIPs: true })] });

const unreachable = [
  ["0.0.0.0/0", "0.0.0.0"],
  ["0.255.255.254-1.0.0.9", "0.255.255.254"],
  ["126.0.0.1-127.0.0.9", "127.0.0.0"],
  ["223.255.255.250-224.0.0.9", "224.0.0.0"],
  ["239.255.255.254/32", "239.255.255.254"],
  ["255.255.255.0/24", "255.255.255.255"],
  ["::/128", "::"],
  ["::1/128", "::1"],
  ["fe80::5-fe80::9", "fe80::5"],
  ["ff02::1/128", "ff02::1"],
] as const;
for (const [text, address] of unreachable)
  test(`of a pool of ${text} is said that no client reaches ${address}, and it stands`, () => {
    const { snapshot, findings } = poolOf(text);
    deepEqual(brief(findings), ["warning AddressesUnusable p spec.addresses[0]"]);
    equal(findings[0]?.message.includes(` holds ${address}, at which no client reaches a Service: `), true, findings[0]?.message);
    equal(snapshot.pools.length, 1);
  });

for (const text of [
  "1.0.0.0-126.255.255.254",
  "128.0.0.0-223.255.255.254",
  "240.0.0.1-255.255.255.254",
  "169.254.1.1/32",
  "::2/128",
  "fec0::1/128",
  "fd00::/64",
])
  test(`of a pool of ${text} nothing is said`, () => deepEqual(poolOf(text).findings, []));

test("only the first such entry is named", () => {
  deepEqual(brief(poolOf("10.0.0.1/32", "224.0.0.1/32", "127.0.0.1/32").findings), [
    "warning AddressesUnusable p spec.addresses[1]",
  ]);
});

for (const addresses of [["10.0.0.255/32"], ["10.0.0.0/32", "10.0.1.255/32"], ["10.0.0.255-10.0.1.0"]])
  test(`avoidBuggyIPs leaves nothing of ${addresses.join(" and ")}, which is said`, () => {
    const { snapshot, findings } = poolOf(...addresses);
    deepEqual(brief(findings), ["warning AddressesUnusable p spec.avoidBuggyIPs"]);
    match(findings[0]?.message ?? "", /it leaves none of the pool's addresses, .*: add others, or leave it out$/);
    equal(snapshot.pools.length, 1);
  });

for (const addresses of [
  ["10.0.0.254/31"],
  ["10.0.0.255-10.0.1.1"],
  ["10.0.0.0/31"],
  ["10.0.0.0/32", "fd00::/128"],
  ["10.0.0.0/24"],
  ["10.0.0.0/30"],
])
  test(`avoidBuggyIPs leaves something of ${addresses.join(" and ")}`, () => deepEqual(poolOf(...addresses).findings, []));
