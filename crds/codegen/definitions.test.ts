import { deepEqual, equal, match } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { yamlDocuments } from "../yaml-documents.ts";

type Column = { readonly name: string; readonly type: string; readonly jsonPath: string; readonly priority?: number };

type Version = {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly subresources?: object;
  readonly additionalPrinterColumns?: readonly Column[];
};

type Definition = {
  readonly metadata: object;
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: object;
    readonly conversion?: object;
    readonly versions: readonly Version[];
  };
};

const folder = join(import.meta.dirname, "../manifests");

function definition(plural: string): Definition {
  const [document] = yamlDocuments(readFileSync(join(folder, `${plural}.yaml`), "utf8"));
  if (document?.ok !== true) throw new Error(`${plural}.yaml cannot be read`);
  return document.value as Definition;
}

const peerColumns = [
  "Address string .spec.peerAddress",
  "ASN string .spec.peerASN",
  "BFD Profile string .spec.bfdProfile",
  "Multi Hops string .spec.ebgpMultiHop",
];

/** What kubectl shows of each kind, as MetalLB's definitions have it. */
const kinds: readonly { readonly kind: string; readonly plural: string; readonly columns: readonly string[] }[] = [
  {
    kind: "IPAddressPool",
    plural: "ipaddresspools",
    columns: [
      "Auto Assign boolean .spec.autoAssign",
      "Avoid Buggy IPs boolean .spec.avoidBuggyIPs",
      "Addresses string .spec.addresses",
    ],
  },
  {
    kind: "L2Advertisement",
    plural: "l2advertisements",
    columns: [
      "IPAddressPools string .spec.ipAddressPools",
      "IPAddressPool Selectors string .spec.ipAddressPoolSelectors",
      "Interfaces string .spec.interfaces",
      "Node Selectors string .spec.nodeSelectors 10",
    ],
  },
  {
    kind: "BGPAdvertisement",
    plural: "bgpadvertisements",
    columns: [
      "IPAddressPools string .spec.ipAddressPools",
      "IPAddressPool Selectors string .spec.ipAddressPoolSelectors",
      "Peers string .spec.peers",
      "Node Selectors string .spec.nodeSelectors 10",
    ],
  },
  { kind: "BGPPeer", plural: "bgppeers", columns: peerColumns },
  {
    kind: "BFDProfile",
    plural: "bfdprofiles",
    columns: [
      "Passive Mode boolean .spec.passiveMode",
      "Transmit Interval integer .spec.transmitInterval",
      "Receive Interval integer .spec.receiveInterval",
      "Multiplier integer .spec.detectMultiplier",
    ],
  },
  { kind: "Community", plural: "communities", columns: [] },
  {
    kind: "ServiceL2Status",
    plural: "servicel2statuses",
    columns: [
      "Allocated Node string .status.node",
      "Service Name string .status.serviceName",
      "Service Namespace string .status.serviceNamespace",
    ],
  },
  {
    kind: "ServiceBGPStatus",
    plural: "servicebgpstatuses",
    columns: [
      "Node string .status.node",
      "Service Name string .status.serviceName",
      "Service Namespace string .status.serviceNamespace",
    ],
  },
  {
    kind: "ConfigurationState",
    plural: "configurationstates",
    columns: ["Result string .status.result", "ErrorSummary string .status.errorSummary", "Age date .metadata.creationTimestamp"],
  },
];

test("the table has every definition once", () => {
  deepEqual(kinds.map(({ plural }) => `${plural}.yaml`).sort(), readdirSync(folder).sort());
});

for (const { kind, plural, columns } of kinds) {
  const { metadata, spec } = definition(plural);

  test(`${kind} is namespaced, of the group metallb.io, and has MetalLB's names and no other`, () => {
    deepEqual(metadata, { name: `${plural}.metallb.io` });
    deepEqual([spec.group, spec.scope], ["metallb.io", "Namespaced"]);
    deepEqual(spec.names, { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() });
  });

  test(`every version of ${kind} is served and has the status subresource, and the newest is stored`, () => {
    const stored = kind === "BGPPeer" ? "v1beta2" : "v1beta1";
    deepEqual(
      spec.versions.map(({ name, served, storage, subresources }) => [name, served, storage, subresources]),
      [...new Set(["v1beta1", stored])].map((name) => [name, true, name === stored, { status: {} }]),
    );
  });

  test(`kubectl shows of a ${kind}: ${columns.join(", ") || "its name and age"}`, () => {
    for (const { additionalPrinterColumns = [] } of spec.versions)
      deepEqual(
        additionalPrinterColumns.map(({ name, type, jsonPath, priority = "" }) =>
          `${name} ${type} ${jsonPath} ${priority}`.trim(),
        ),
        columns,
      );
  });

  if (kind !== "BGPPeer") test(`${kind} is not converted`, () => equal(spec.conversion, undefined));
}

test("BGPPeers are converted by the webhook at /convert, with MetalLB's review versions and no caBundle of their own", () => {
  deepEqual(definition("bgppeers").spec.conversion, {
    strategy: "Webhook",
    webhook: {
      clientConfig: { service: { name: "metallb-webhook-service", namespace: "metallb-system", path: "/convert" } },
      conversionReviewVersions: ["v1beta1", "v1beta2"],
    },
  });
});

test("BGPPeer v1beta1 is deprecated and names its successor; nothing else is", () => {
  const versions = kinds.flatMap(({ kind, plural }) => definition(plural).spec.versions.map((version) => ({ kind, ...version })));
  const said = versions.filter(
    ({ deprecated, deprecationWarning }) => deprecated !== undefined || deprecationWarning !== undefined,
  );
  deepEqual(
    said.map(({ kind, name, deprecated }) => [kind, name, deprecated]),
    [["BGPPeer", "v1beta1", true]],
  );
  match(said[0]?.deprecationWarning ?? "", /v1beta1 BGPPeer is deprecated, use metallb\.io\/v1beta2/);
});
