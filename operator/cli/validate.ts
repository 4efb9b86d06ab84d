import { advise } from "../../crds/config/advise.ts";
import { compile } from "../../crds/config/compile.ts";
import { type Finding, type Severity, textOfFinding } from "../../crds/config/finding.ts";
import { compareFindings } from "../../crds/config/problem.ts";
import { emptyResources, type Resources } from "../../crds/config/resources.ts";
import { apiGroup } from "../../crds/types/well-known.ts";
import { yamlDocuments } from "../../crds/yaml-documents.ts";

/** The lists that files can fill; which Secrets a cluster has, they do not say. */
type ListName = Exclude<keyof Resources, "secrets">;

/** Where the objects of each kind go in {@link Resources}. */
const lists: Readonly<Record<string, ListName>> = {
  IPAddressPool: "pools",
  L2Advertisement: "l2Advertisements",
  BGPAdvertisement: "bgpAdvertisements",
  BGPPeer: "bgpPeers",
  BFDProfile: "bfdProfiles",
  Community: "communities",
  Namespace: "namespaces",
  Node: "nodes",
};

export type ValidateInput = { readonly name: string; readonly text: string };

/** One line of the answer. */
export type Remark = { readonly severity: Severity | "note"; readonly text: string };

/** What is wrong with the objects in some files, as the cluster would see them together. Total. */
export function validate(files: readonly ValidateInput[]): readonly Remark[] {
  const remarks: Remark[] = [];
  const resources: Record<ListName, unknown[]> = mutable();
  let objects = 0;
  for (const { name, text } of files) {
    for (const document of yamlDocuments(text)) {
      const place = `${name}:${document.line}`;
      if (!document.ok) {
        remarks.push({ severity: "error", text: `${place}: ${document.reason}` });
        continue;
      }
      for (const object of itemsOf(document.value)) {
        const list = listOf(object);
        if (list === undefined) remarks.push({ severity: "note", text: `${place}: ${kindOf(object)} is not checked here` });
        else {
          objects++;
          resources[list].push(object);
        }
      }
    }
  }
  for (const finding of findingsOf(resources)) {
    const { severity, object, field } = finding;
    const where = `${object.kind}/${object.name}${field === undefined ? "" : ` ${field}`}`;
    remarks.push({ severity, text: `${where}: ${textOfFinding(finding)}` });
  }
  if (objects === 0) remarks.push({ severity: "error", text: `no object of ${apiGroup} was found` });
  return remarks;
}

/** Nodes are rarely in files: where there are none, nothing is said of them. */
function findingsOf(resources: Resources): readonly Finding[] {
  const compiled = compile(resources);
  const known = Object.values(lists).filter((list) => list !== "nodes" || resources.nodes.length > 0);
  return [...compiled.findings, ...advise(resources, compiled, new Set(known))].sort(compareFindings);
}

function mutable(): Record<ListName, unknown[]> {
  const { pools, l2Advertisements, bgpAdvertisements, bgpPeers, bfdProfiles, communities, namespaces, nodes } = emptyResources;
  return {
    pools: [...pools],
    l2Advertisements: [...l2Advertisements],
    bgpAdvertisements: [...bgpAdvertisements],
    bgpPeers: [...bgpPeers],
    bfdProfiles: [...bfdProfiles],
    communities: [...communities],
    namespaces: [...namespaces],
    nodes: [...nodes],
  };
}

/** The members of a List, or the object itself. */
function itemsOf(value: unknown): readonly unknown[] {
  const items = memberOf(value, "items");
  return memberOf(value, "kind") === "List" && Array.isArray(items) ? items : [value];
}

/** Kinds of our group, and the two of Kubernetes that selectors look at. */
function listOf(object: unknown): ListName | undefined {
  const kind = memberOf(object, "kind");
  const version = memberOf(object, "apiVersion");
  if (typeof kind !== "string" || typeof version !== "string") return undefined;
  const core = kind === "Namespace" || kind === "Node";
  return version.startsWith(`${apiGroup}/`) !== core ? lists[kind] : undefined;
}

function kindOf(object: unknown): string {
  const kind = memberOf(object, "kind");
  return typeof kind === "string" ? kind : "a document without kind";
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}
