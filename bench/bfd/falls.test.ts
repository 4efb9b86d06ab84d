import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { fallsIn } from "./falls.ts";

const line = (from: string, to: string, msg = "BFD session changed"): string =>
  JSON.stringify({
    ts: "2026-11-22T06:00:00Z",
    level: "warn",
    msg,
    session: "10.0.0.1 > 10.0.0.2 single-hop",
    from,
    to,
    cause: "expired",
  });

test("a session falls when it leaves the state up, whatever it becomes", () => {
  const log = [line("Init", "Up"), line("Up", "Down"), line("Down", "Init"), line("Up", "AdminDown"), "not JSON", ""].join("\n");
  const fall = { at: "2026-11-22T06:00:00Z", from: "10.0.0.1", to: "10.0.0.2", cause: "expired" };
  deepEqual(fallsIn(log), [fall, fall]);
});

test("other lines that tell of states are no falls", () => {
  deepEqual(fallsIn(line("Up", "Down", "session changed")), []);
});
