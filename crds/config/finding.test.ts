import { equal } from "node:assert/strict";
import { test } from "node:test";
import { textOfFinding } from "./finding.ts";
import { errorIn } from "./problem.ts";

test("all that a finding has to say is its message, and the way out on a line of its own where the message has none", () => {
  const finding = errorIn({ kind: "BGPPeer", name: "p" }, "MyASNInvalid", "spec.myASN", "must not be 0");
  equal(textOfFinding(finding), 'BGPPeer "p": spec.myASN: must not be 0');
  equal(textOfFinding({ ...finding, remedy: "Write another." }), 'BGPPeer "p": spec.myASN: must not be 0\nWrite another.');
});
