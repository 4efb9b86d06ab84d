import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { pausesIn } from "./pauses.ts";

const packet = (seconds: string, session: string, state = "Up"): string => {
  const [from, to] = session.split(" > ");
  return `${seconds} n1    In  IP ${from}.49999 > ${to}.3784: BFDv1, Control, State ${state}, Flags: [none], length: 24`;
};
const rounded = (text: string): readonly (readonly [string, number])[] =>
  [...pausesIn(text)].map(([session, ms]) => [session, Math.round(ms)]);

test("the longest pause of each sender is told apart", () => {
  const [there, back] = ["10.0.0.1 > 10.0.0.2", "10.0.0.2 > 10.0.0.1"];
  const lines = [packet("10.000000", there), packet("10.050000", back), packet("10.045000", there), packet("10.125500", there)];
  deepEqual(rounded([...lines, packet("10.100000", back)].join("\n")), [
    [there, 81],
    [back, 50],
  ]);
});

test("packets of a session that is not up, and the time until it is up again, are no pause", () => {
  const session = "10.0.0.1 > 10.0.0.2";
  const lines = [
    packet("1.0", session),
    packet("1.1", session),
    packet("1.2", session, "Down"),
    packet("2.2", session),
    packet("2.3", session),
  ];
  deepEqual(rounded(lines.join("\n")), [[session, 100]]);
});
