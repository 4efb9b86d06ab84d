import { equal } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDuration, parseDuration } from "./duration.ts";

const canonical = [
  { text: "90s", is: "1m30s" },
  { text: "0", is: "0s" },
  { text: "+5s", is: "5s" },
  { text: "-1.5h", is: "-1h30m0s" },
  { text: "1h0m0.5s", is: "1h0m0.5s" },
  { text: ".5s", is: "500ms" },
  { text: "1.s", is: "1s" },
  { text: "1500us", is: "1.5ms" },
  { text: "1µs", is: "1µs" },
  { text: "1ns", is: "1ns" },
  { text: "1m1ms", is: "1m0.001s" },
  { text: "2562047h47m16.854775807s", is: "2562047h47m16.854775807s" },
];
for (const { text, is } of canonical)
  test(`the duration ${text} is written ${is}`, () => {
    const duration = parseDuration(text);
    equal(duration === undefined ? undefined : formatDuration(duration), is);
  });

for (const text of ["", "5", "s", "1d", "1 s", "-", "+-1s", ".s", "1s ", "2562047h47m16.854775808s", "0x1s", "1e3s"])
  test(`"${text}" is no duration`, () => equal(parseDuration(text), undefined));

test("reading what was written gives the duration back", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }),
      (duration) => parseDuration(formatDuration(duration)) === duration,
    ),
  );
});
