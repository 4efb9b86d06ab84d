import { compile } from "../config/compile.ts";
import { type Finding, textOfFinding } from "../config/finding.ts";
import { property } from "../config/identity.ts";
import { emptyResources } from "../config/resources.ts";
import type { ObjectBase } from "../types/kubernetes.ts";
import { yamlDocuments, yamlText } from "../yaml-documents.ts";
import { type LegacyConfiguration, legacyConfiguration } from "./legacy-configuration.ts";
import type { Made } from "./legacy-object.ts";
import { objectsFrom } from "./legacy-objects.ts";
import { type LegacyPayload, legacyPayload } from "./legacy-payload.ts";
import { type LegacyRemark, legacyError } from "./legacy-remark.ts";

/** Custom resources for a legacy configuration. */
export type LegacyConversion = {
  /** YAML documents; undefined when there is an error among the remarks. */
  readonly yaml: string | undefined;
  readonly remarks: readonly LegacyRemark[];
};

export type LegacyConversionOptions = {
  /** The text is the value of the ConfigMap's key `config`, not the ConfigMap. */
  readonly onlyData: boolean;
};

const comment = "# Made by herald convert from the ConfigMap that MetalLB read before version 0.13.\n";

/**
 * Converts what MetalLB read from its ConfigMap before version 0.13. Everything that is dropped or renamed is remarked. The
 * objects are checked together as the cluster would check them; an error is the end of it. No remark repeats a password.
 * Total.
 */
export function convertLegacy(file: string, { onlyData }: LegacyConversionOptions): LegacyConversion {
  const found = onlyData ? { payload: { text: file, namespace: "metallb-system" }, remarks: [] } : legacyPayload(file);
  if (found.payload === undefined) return { yaml: undefined, remarks: found.remarks };
  const read = readPayload(found.payload, onlyData);
  const { made, remarks } = objectsFrom(read.legacy, found.payload.namespace);
  const soFar = [...found.remarks, ...read.remarks, ...remarks];
  const nothing = made.length === 0 && !hasError(soFar) ? [nothingToConvert] : [];
  const all = [...soFar, ...nothing, ...(hasError(soFar) ? [] : remarksOfCompile(made))];
  return { yaml: hasError(all) ? undefined : `${comment}${yamlText(made.map(({ object }) => object))}`, remarks: all };
}

const nothingToConvert = legacyError(
  "",
  "there is nothing to convert: none of peers, bgp-communities, address-pools and bfd-profiles holds anything",
);

const emptyConfiguration: LegacyConfiguration = {
  peers: undefined,
  "bgp-communities": undefined,
  "address-pools": undefined,
  "bfd-profiles": undefined,
};

function readPayload(
  { text }: LegacyPayload,
  onlyData: boolean,
): { readonly legacy: LegacyConfiguration; readonly remarks: readonly LegacyRemark[] } {
  const where = onlyData ? "" : "data.config";
  const documents = yamlDocuments(text, "text");
  const faults = documents.flatMap((each) => (each.ok ? [] : [legacyError(where, `line ${each.line}: ${each.reason}`)]));
  const [document, second] = documents;
  if (faults.length > 0) return { legacy: emptyConfiguration, remarks: faults };
  if (second !== undefined) {
    const several = `line ${second.line}: a second document begins; a configuration is one: remove the line with ---`;
    return { legacy: emptyConfiguration, remarks: [legacyError(where, several)] };
  }
  const content = document?.ok === true ? document.value : undefined;
  if (onlyData && property(content, "kind") === "ConfigMap") {
    return { legacy: emptyConfiguration, remarks: [legacyError("", "this is a whole ConfigMap: leave --only-data out")] };
  }
  const { value, remarks } = legacyConfiguration(content, "");
  return { legacy: value ?? emptyConfiguration, remarks };
}

function hasError(remarks: readonly LegacyRemark[]): boolean {
  return remarks.some(({ severity }) => severity === "error");
}

/** What compile says about the objects, at the places that they were made from. */
function remarksOfCompile(made: readonly Made[]): readonly LegacyRemark[] {
  const ofKind = (kind: string): readonly ObjectBase[] => made.flatMap(({ object }) => (object.kind === kind ? [object] : []));
  const { findings } = compile({
    ...emptyResources,
    pools: ofKind("IPAddressPool"),
    l2Advertisements: ofKind("L2Advertisement"),
    bgpAdvertisements: ofKind("BGPAdvertisement"),
    bgpPeers: ofKind("BGPPeer"),
    bfdProfiles: ofKind("BFDProfile"),
    communities: ofKind("Community"),
  });
  const paths = new Map(made.map(({ object, path }) => [`${object.kind}/${object.metadata.name}`, path]));
  return findings.map((finding) => remarkOf(finding, paths));
}

function remarkOf(finding: Finding, paths: ReadonlyMap<string, string>): LegacyRemark {
  const { severity, object } = finding;
  const path = paths.get(`${object.kind}/${object.name}`) ?? "";
  return { severity: severity === "error" ? "error" : "warning", path, message: textOfFinding(finding) };
}
