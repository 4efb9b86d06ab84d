import type { AdmittedKind } from "../admission/placement.ts";
import type { Operation } from "../admission/request.ts";

/** One admission endpoint: what is asked for which writes, where. */
export type Registration = {
  readonly kind: AdmittedKind;
  /** Name of the entry in the ValidatingWebhookConfiguration; kubectl prints it with every refusal. */
  readonly name: string;
  readonly path: string;
  readonly version: string;
  readonly resource: string;
  readonly operations: readonly Operation[];
  /** It says something and never denies: nobody is held up when nobody answers. */
  readonly onlyWarns: boolean;
};

/** The objects that the API server finds the webhooks by, under MetalLB's names. */
export const webhookConfigurationName = "metallb-webhook-configuration";
export const webhookServiceName = "metallb-webhook-service";
export const convertedDefinitionName = "bgppeers.metallb.io";
export const conversionPath = "/convert";

/** Every admission endpoint: first those that can deny, in MetalLB's names, paths and operations. */
export const registrations: readonly Registration[] = [
  registration("BFDProfile", "v1beta1", "bfdprofiles", "bfdprofilevalidationwebhook", ["CREATE", "DELETE"]),
  registration("BGPAdvertisement", "v1beta1", "bgpadvertisements", "bgpadvertisementvalidationwebhook"),
  registration("BGPPeer", "v1beta2", "bgppeers", "bgppeersvalidationwebhook"),
  registration("Community", "v1beta1", "communities", "communityvalidationwebhook"),
  registration("IPAddressPool", "v1beta1", "ipaddresspools", "ipaddresspoolvalidationwebhook"),
  registration("L2Advertisement", "v1beta1", "l2advertisements", "l2advertisementvalidationwebhook"),
  {
    kind: "IPAddressPool",
    name: "ipaddresspooldeletion.herald-lb.io",
    path: "/advise-metallb-io-v1beta1-ipaddresspool",
    version: "v1beta1",
    resource: "ipaddresspools",
    operations: ["DELETE"],
    onlyWarns: true,
  },
];

function registration(
  kind: AdmittedKind,
  version: string,
  resource: string,
  name: string,
  operations: readonly Operation[] = ["CREATE", "UPDATE"],
): Registration {
  const path = `/validate-metallb-io-${version}-${kind.toLowerCase()}`;
  return { kind, name: `${name}.metallb.io`, path, version, resource, operations, onlyWarns: false };
}
