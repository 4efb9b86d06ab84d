import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { brief, compiled, object, peer } from "../fixture/objects.ts";

test("a profile says what its object says; what is absent stays absent", () => {
  const spec = {
    receiveInterval: 150,
    transmitInterval: 160,
    echoInterval: 70,
    detectMultiplier: 5,
    minimumTtl: 254,
    echoMode: true,
    passiveMode: true,
  };
  const { snapshot, findings } = compiled({ bfdProfiles: [object("full", spec), object("bare", {})] });
  deepEqual(
    [...snapshot.bfdProfiles.values()],
    [
      { name: "bare", echoMode: false, passiveMode: false },
      {
        name: "full",
        receiveIntervalMs: 150,
        transmitIntervalMs: 160,
        echoIntervalMs: 70,
        detectMultiplier: 5,
        minimumTtl: 254,
        echoMode: true,
        passiveMode: true,
      },
    ],
  );
  deepEqual(findings, []);
});

const bounds = [
  ["receiveInterval", 10, 60000],
  ["transmitInterval", 10, 60000],
  ["echoInterval", 10, 60000],
  ["detectMultiplier", 2, 255],
  ["minimumTtl", 1, 254],
] as const;
for (const [field, least, most] of bounds)
  test(`${field} is from ${least} to ${most}`, () => {
    const at = (value: number) => brief(compiled({ bfdProfiles: [object("x", { [field]: value })] }).findings);
    const refused = [`error SchemaViolation x spec.${field}`];
    deepEqual([at(least), at(most), at(least - 1), at(most + 1)], [[], [], refused, refused]);
  });

test("a profile without a name, or with the name of another, is set aside", () => {
  const { snapshot, findings } = compiled({ bfdProfiles: [{ spec: {} }, object("x", {}), object("x", { minimumTtl: 3 })] });
  equal(snapshot.bfdProfiles.size, 1);
  deepEqual(brief(findings), ["error SchemaViolation  metadata.name", "error DuplicateName x metadata.name"]);
});

test("a profile that is not there is pending, in MetalLB's words; the peer stands", () => {
  const { snapshot, findings } = compiled({ bgpPeers: [peer("p", { bfdProfile: "fast" })] });
  const [finding] = findings;
  equal(finding?.message, "peer p referencing non existing bfd profile fast");
  deepEqual(brief(findings), ["pending BfdProfileMissing p spec.bfdProfile"]);
  deepEqual([snapshot.peers[0]?.bfdProfile, snapshot.peers[0]?.notReady], ["fast", undefined]);
});

test("a profile that is set aside is pending too, and the remedy is another", () => {
  const { findings } = compiled({
    bgpPeers: [peer("p", { bfdProfile: "fast" })],
    bfdProfiles: [object("fast", { minimumTtl: 0 })],
  });
  const finding = findings.find(({ code }) => code === "BfdProfileMissing");
  equal(finding?.remedy, 'BFDProfile "fast" is set aside because of its own errors: mend it.');
});
