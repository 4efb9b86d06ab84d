import { test } from "node:test";
import fc from "fast-check";
import { play } from "./fake/history-play.ts";
import { history } from "./fake/history-steps.ts";

/** A history takes a fifth of a second; HERALD_HISTORIES asks for more of them. */
const numRuns = Number(process.env["HERALD_HISTORIES"] ?? "60");

const setting = fc.record({ loadBalancerClass: fc.constantFrom("", "", "metallb.io/lb,"), seed: fc.nat(1_000_000) });

test("whatever happens, the laws of addresses hold", () => fc.assert(fc.asyncProperty(history, setting, play), { numRuns }));
