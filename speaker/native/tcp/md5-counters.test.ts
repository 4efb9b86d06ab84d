import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { md5CountersIn, md5Trouble, readMd5Counters } from "./md5-counters.ts";

const netstat = [
  "TcpExt: SyncookiesSent TCPMD5NotFound TCPMD5Unexpected TCPMD5Failure TCPSackShifted",
  "TcpExt: 9 3 2 7 8",
  "IpExt: InNoRoutes TCPMD5Failure",
  "IpExt: 1 100",
].join("\n");

test("the three counts are found by their names", () => {
  deepEqual(md5CountersIn(netstat), { missing: 3, unexpected: 2, wrong: 7 });
});

test("a kernel that does not count them has counted none", () => {
  deepEqual(md5CountersIn("TcpExt: SyncookiesSent\nTcpExt: 9\n"), { missing: 0, unexpected: 0, wrong: 0 });
  deepEqual(md5CountersIn(""), { missing: 0, unexpected: 0, wrong: 0 });
});

test("this machine's counts are numbers", () => {
  for (const count of Object.values(readMd5Counters())) equal(Number.isInteger(count), true);
});

test("only what came since is told", () => {
  const before = { missing: 3, unexpected: 2, wrong: 7 };
  equal(md5Trouble(before, before), "");
  equal(
    md5Trouble(before, { missing: 4, unexpected: 2, wrong: 9 }),
    "the kernel counted 2 segments with a wrong MD5 digest and 1 segment without an MD5 digest",
  );
});
