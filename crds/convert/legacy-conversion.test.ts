import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { yamlDocuments } from "../yaml-documents.ts";
import { convertLegacy } from "./legacy-conversion.ts";

const folder = fileURLToPath(new URL("golden/", import.meta.url));
const golden = globSync("*.legacy.yaml", { cwd: folder }).sort();
const read = (name: string): string => readFileSync(`${folder}${name}`, "utf8");

/** A ConfigMap with this configuration. */
const configMap = (config: string): string => {
  const indented = config.split("\n").map((line) => `    ${line}`);
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: config }\ndata:\n  config: |\n${indented.join("\n")}\n`;
};
const convert = (config: string) => convertLegacy(configMap(config), { onlyData: false });
const said = (text: string, onlyData = false): readonly string[] =>
  convertLegacy(text, { onlyData }).remarks.map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
const errors = (config: string) => said(configMap(config)).filter((line) => line.startsWith("error"));
const pool = "address-pools:\n- { name: a, protocol: layer2, addresses: [10.0.0.0/24] }\n";

test("there are legacy configurations to convert", () => equal(golden.length, 5));

for (const name of golden)
  test(`${basename(name, ".legacy.yaml")}: the objects and the remarks are the recorded ones, on every run`, () => {
    const { yaml, remarks } = convertLegacy(read(name), { onlyData: false });
    equal(yaml, read(name.replace(".legacy.", ".objects.")));
    deepEqual(convertLegacy(read(name), { onlyData: false }), { yaml, remarks });
    const recorded = name.replace(".legacy.yaml", ".remarks.txt");
    const expected = existsSync(`${folder}${recorded}`) ? read(recorded).trimEnd().split("\n") : [];
    const lines = remarks.map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
    deepEqual(
      lines.filter((line) => expected.includes(line)),
      expected,
    );
  });

test("every golden file is one of a pair", () => {
  for (const name of globSync("*.{objects.yaml,remarks.txt}", { cwd: folder }))
    ok(golden.includes(name.replace(/\.(objects\.yaml|remarks\.txt)$/, ".legacy.yaml")), name);
});

test("the text of the key config converts to the same objects as its ConfigMap, in the default namespace", () => {
  equal(convertLegacy(pool, { onlyData: true }).yaml, convert(pool).yaml);
  match(convert(pool).yaml ?? "", /namespace: metallb-system/);
});

const refused: readonly (readonly [rule: string, text: string, onlyData: boolean, message: RegExp])[] = [
  ["a file without a ConfigMap", "kind: Namespace\n", false, /there is no ConfigMap: .*--only-data/],
  ["a ConfigMap without the key config", "kind: ConfigMap\ndata: { other: x }\n", false, /data\.config: is missing/],
  ["an empty configuration", configMap(" "), false, /data\.config: is empty/],
  ["a configuration that holds nothing", configMap("address-pools: []"), false, /nothing to convert/],
  [
    "two ConfigMaps",
    `${configMap(pool)}---\n${configMap(pool)}`,
    false,
    /several ConfigMaps .*metallb-system\/config.*: give one/,
  ],
  ["a whole ConfigMap for its text", configMap(pool), true, /leave --only-data out/],
  ["a file that is no YAML", "kind: [", false, /line 1: /],
  ["a configuration that is no YAML", configMap("peers: ["), false, /data\.config: line 2: /],
  ["a configuration in two documents", configMap("peers: []\n---\npeers: []"), false, /line 3: a second document/],
  ["a configuration that is a list", configMap("- a"), false, /must be a mapping/],
  ["a key that is there twice", configMap(`${pool}${pool}`), false, /the key "address-pools" is there twice/],
  ["two objects in one document", `kind: Namespace\n${configMap(pool)}`, false, /would lose Namespace/],
];
for (const [rule, text, onlyData, message] of refused)
  test(`${rule} is refused`, () => {
    equal(convertLegacy(text, { onlyData }).yaml, undefined);
    match(said(text, onlyData).join("\n"), message);
  });

const wrong: readonly (readonly [string, string, RegExp])[] = [
  ["a number out of range", "peers: [{ my-asn: 4294967296 }]", /peers\[0\]\.my-asn: must be a whole number from 0 to 4294967295/],
  [
    "a number with a leading zero",
    "peers: [{ peer-port: 0179 }]",
    /peer-port: must be a whole number from 0 to 65535, not "0179"/,
  ],
  ["a number that is none", "peers: [{ peer-port: bgp }]", /peer-port: must be a whole number from 0 to 65535, not "bgp"/],
  ["a truth that is none", "peers: [{ ebgp-multihop: maybe }]", /ebgp-multihop: must be true or false, not "maybe"/],
  ["a duration without a unit", "peers: [{ hold-time: 90 }]", /hold-time: must be a duration such as 90s, not "90"/],
  ["a hold time below 3 s", "peers: [{ hold-time: 2900ms }]", /hold-time: 2s is too short: write 3s or more, or 0s/],
  ["a keepalive time below zero", "peers: [{ keepalive-time: -3s }]", /keepalive-time: -3s is below zero/],
  ["a scalar where a list belongs", "address-pools: x", /address-pools: must be a list/],
  ["a list where a scalar belongs", "address-pools: [{ name: [a] }]", /address-pools\[0\]\.name: must be text/],
  ["an empty list entry", "address-pools: [{ name: a, addresses: [~] }]", /addresses\[0\]: is empty/],
  ["a pool without a name", "address-pools: [{ addresses: [] }]", /address-pools\[0\]\.name: is missing/],
  ["a name without a letter", "bfd-profiles: [{ name: 1-2_3 }]", /"1-2_3" is no name .* no letter/],
  ["a name that Kubernetes refuses", "address-pools: [{ name: a!b }]", /"a!b" is no name for an object, would become "a!b"/],
  ["one key in two cases", "peers: [{ my-asn: 1, MY-ASN: 2 }]", /peers\[0\]\.MY-ASN: is the same key as my-asn/],
];
for (const [rule, config, message] of wrong)
  test(`${rule} is an error at its place`, () => match(errors(config)[0] ?? "", message));

test("every wrong place is told, not the first alone", () => {
  equal(errors("peers: [{ my-asn: x, peer-asn: y }, { hold-time: 1s }]\naddress-pools: [{}]").length, 4);
});

test("what compile refuses is refused, at the place it was made from", () => {
  const config = "address-pools:\n- { name: a, protocol: bgp, addresses: [10.0.0.0/24, 10.0.1.1-5] }";
  match(errors(config)[0] ?? "", /^error address-pools\[0\]: IPAddressPool "a": spec\.addresses\[1\]/);
  const twice =
    "address-pools:\n- { name: A, protocol: bgp, addresses: [10.0.0.0/24] }\n- { name: a, protocol: bgp, addresses: [10.0.1.0/24] }";
  equal(convert(twice).yaml, undefined);
});

test("no remark repeats a password, whatever is wrong around it", () => {
  const secret = fc.stringMatching(/^[A-Za-z]{12,16}$/);
  const places = fc.constantFrom(
    (word: string) => `password: ${word}`,
    (word: string) => `password: *${word}`,
    (word: string) => `password: !${word} x`,
    (word: string) => `password: "\\q${word}"`,
    (word: string) => `password: |${word}`,
    (word: string) => `password: [${word}]`,
    (word: string) => `password: {${word}: ${word}`,
    (word: string) => `password: '${word}`,
    (word: string) => `password: ${word}: x`,
    (word: string) => `password: &${word} &x y`,
    (word: string) => `password: ${word}\n  password: ${word}`,
    (word: string) => `hold-time: x\n  password: ${word}`,
  );
  fc.assert(
    fc.property(secret, places, (word, place) => {
      const remarks = said(configMap(`peers:\n- my-asn: 1\n  ${place(word)}`));
      ok(!remarks.join("\n").includes(word), remarks.join("\n"));
    }),
  );
});

const scalars = fc.oneof(
  fc.constantFrom("layer2", "l2", "bgp", "64512", "90s", "1s", "yes", "10.0.0.0/24", "~", "", "a_B", "__proto__"),
  fc.string(),
);
const keys = fc.constantFrom(
  ...["peers", "address-pools", "bfd-profiles", "bgp-communities", "name", "addresses", "protocol", "my-asn", "hold-time"],
  ...["bgp-advertisements", "node-selectors", "match-labels", "match-expressions", "values", "constructor", "__proto__"],
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    scalars,
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(keys, tie("tree"), { maxKeys: 4 }),
  ),
}));

test("any YAML is converted or refused with an error, never thrown; what comes out is YAML of the named kinds", () => {
  const kinds = ["BGPPeer", "IPAddressPool", "BGPAdvertisement", "L2Advertisement", "BFDProfile", "Community"];
  fc.assert(
    fc.property(fc.dictionary(keys, tree), fc.boolean(), (config, onlyData) => {
      const text = JSON.stringify(config);
      const { yaml, remarks } = convertLegacy(onlyData ? text : configMap(text), { onlyData });
      equal(
        yaml === undefined,
        remarks.some(({ severity }) => severity === "error"),
      );
      const order = yamlDocuments(yaml ?? "").map((document) =>
        kinds.indexOf(document.ok ? (document.value as { kind: string }).kind : ""),
      );
      ok(!order.includes(-1));
      deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
    }),
    { numRuns: 300 },
  );
  fc.assert(fc.property(fc.string(), fc.boolean(), (text, onlyData) => void convertLegacy(text, { onlyData })));
});
