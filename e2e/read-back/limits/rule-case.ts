/** Values that break a CEL rule of the manifests, and values that just keep it, for the field that the rule stands at. */
export type RuleCase = {
  readonly versions: readonly string[];
  readonly paths: readonly string[];
  /** A part of the rule's message, which tells it from the others of the same field. */
  readonly says: string;
  readonly broken: readonly unknown[];
  readonly kept: readonly unknown[];
};

const serviceSelectors = [{ matchLabels: { a: "b" } }];

export const ruleCases: readonly RuleCase[] = [
  {
    versions: ["BGPAdvertisement v1beta1"],
    paths: ["spec"],
    says: "serviceSelectors and aggregationLength are mutually exclusive",
    broken: [
      { serviceSelectors, aggregationLength: 31 },
      { serviceSelectors, aggregationLengthV6: 127 },
      { serviceSelectors, aggregationLength: 32, aggregationLengthV6: 64 },
    ],
    kept: [
      { serviceSelectors, aggregationLength: 32, aggregationLengthV6: 128 },
      { serviceSelectors: [], aggregationLength: 24, aggregationLengthV6: 64 },
      { aggregationLength: 24, aggregationLengthV6: 64 },
    ],
  },
  {
    versions: ["BGPPeer v1beta2"],
    paths: ["spec.connectTime"],
    says: "between 1s and 65535s",
    broken: ["0s", "65536s", "-1s"],
    kept: ["1s", "65535s", "18h12m15s"],
  },
  {
    versions: ["BGPPeer v1beta2"],
    paths: ["spec.connectTime"],
    says: "whole number of seconds",
    broken: ["1500ms", "1.001s"],
    kept: ["2000ms", "0.5m"],
  },
  {
    versions: ["BGPPeer v1beta2"],
    paths: ["spec.enableGracefulRestart"],
    says: "cannot be changed after creation",
    broken: [false],
    kept: [true],
  },
  {
    versions: ["ServiceL2Status v1beta1", "ServiceBGPStatus v1beta1"],
    paths: ["status.node", "status.serviceName", "status.serviceNamespace"],
    says: "cannot be changed once it is set",
    broken: ["another", ""],
    kept: [],
  },
];
