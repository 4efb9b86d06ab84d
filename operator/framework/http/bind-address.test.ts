import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { type BindAddress, parseBindAddress } from "./bind-address.ts";

const table: readonly (readonly [rule: string, text: string, address: BindAddress | undefined])[] = [
  ["without a host all addresses are meant", ":6060", { host: undefined, port: 6060 }],
  ["a host may be a name", "localhost:6060", { host: "localhost", port: 6060 }],
  ["a host may be an IPv4 address", "127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
  ["an IPv6 address stands in brackets", "[::1]:65535", { host: "::1", port: 65_535 }],
  ["an IPv6 address without brackets is refused", "::1:80", undefined],
  ["a port alone is refused", "6060", undefined],
  ["a host alone is refused", "localhost", undefined],
  ["a port that is too large is refused", ":65536", undefined],
  ["a port that is no number is refused", ":http", undefined],
];
for (const [rule, text, address] of table) test(`a bind address: ${rule}`, () => deepEqual(parseBindAddress(text), address));
