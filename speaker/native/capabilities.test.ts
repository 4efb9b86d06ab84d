import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { missingCapability } from "./capabilities.ts";

const status = (effective: string, bounding: string): string =>
  `Name:\tnode\nCapInh:\t0000000000000000\nCapPrm:\t${effective}\nCapEff:\t${effective}\nCapBnd:\t${bounding}\nCapAmb:\t0000000000000000\n`;

test("CAP_NET_RAW alone is enough", () => {
  equal(missingCapability(status("0000000000002000", "0000000000002000"), 0), undefined);
});

test("granted but not effective: the sentence names the user id and the way out", () => {
  match(
    missingCapability(status("0000000000000000", "0000000000002000"), 65534) ?? "",
    /not effective for uid 65534.*Run the speaker as uid 0/,
  );
});

test("not granted: the sentence says what to add", () => {
  match(missingCapability(status("0000000000001000", "0000000000001000"), 0) ?? "", /NET_RAW is missing: add NET_RAW/);
});
