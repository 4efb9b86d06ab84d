import { equal } from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../../../crds/net/address.ts";
import { closingText, failureText, formatEnd } from "./tcp-failure.ts";

const v4 = { address: parseAddress("172.30.0.1") ?? never(), port: 179 };
const v6 = { address: parseAddress("2001:db8::1") ?? never(), port: 1179 };
const target = { remote: v4, timeoutMs: 1000 };
const password = Uint8Array.of(1);

function never(): never {
  throw new Error("no address");
}

const sentences = [
  [failureText("ETIMEDOUT", target, ""), "timeout: no answer from 172.30.0.1:179"],
  [failureText("ETIMEDOUT", { ...target, password }, ""), "timeout: no answer from 172.30.0.1:179 (is the password right?)"],
  [
    failureText("ETIMEDOUT", { ...target, password }, "the kernel counted 3 segments with a wrong MD5 digest"),
    "timeout: no answer from 172.30.0.1:179 (is the password right? the kernel counted 3 segments with a wrong MD5 digest)",
  ],
  [failureText("EADDRNOTAVAIL", target, ""), "this node has no address from which 172.30.0.1 could be reached"],
  [failureText("ENETUNREACH", target, ""), "this node has no route to 172.30.0.1"],
  [failureText("EPIPE", { ...target, remote: v6 }, ""), "the connection to [2001:db8::1]:1179 failed: EPIPE"],
  [closingText("ECONNRESET", v4), "172.30.0.1:179 reset the connection"],
  [closingText(undefined, v4), "172.30.0.1:179 closed the connection"],
  [closingText("ETIMEDOUT", v4), "172.30.0.1:179 no longer acknowledges what is sent"],
  [formatEnd(v6), "[2001:db8::1]:1179"],
] as const;
for (const [said, expected] of sentences) test(`the operator is told: ${expected}`, () => equal(said, expected));
