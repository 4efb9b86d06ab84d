import type { Backend } from "../../crds/config/backend.ts";
import { type Finding, type Severity, textOfFinding } from "../../crds/config/finding.ts";
import { compareFindings } from "../../crds/config/problem.ts";
import type { Resources } from "../../crds/config/resources.ts";
import { convertBGPPeer } from "../../crds/convert/bgp-peer.ts";
import { isLegacyConfigMap, legacyConfigMapName, legacyNotice } from "../../crds/convert/legacy-notice.ts";
import { validateObject } from "../../crds/schema.ts";
import { schemas } from "../../crds/schemas.ts";
import { apiGroup } from "../../crds/types/well-known.ts";
import { unknownFields } from "../../crds/unknown-fields.ts";
import { findingsOf } from "../../webhooks/admission/scene.ts";
import { decodeErrors } from "../../webhooks/admission/wire-types.ts";
import type { Input } from "./input.ts";
import { objectsIn, type Placed } from "./manifest.ts";

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
};

/** Kinds of Kubernetes that selectors look at. */
const coreLists: Readonly<Record<string, ListName>> = { Namespace: "namespaces", Node: "nodes" };

export type ValidateOptions = {
  /** Where the operator reads its configuration. */
  readonly namespace: string;
  /** Whose limits the objects have to keep. */
  readonly backend: Backend;
};

/** One line of the answer. */
export type Remark = { readonly severity: Severity | "note"; readonly place: string; readonly text: string };

/** What is wrong with the objects in some files, as kubectl and the cluster would see them together. Total. */
export function validate(files: readonly Input[], options: ValidateOptions): readonly Remark[] {
  const { objects, unreadable } = objectsIn(files);
  const ours = objects.filter(({ apiVersion, kind }) => apiVersion.startsWith(`${apiGroup}/`) && Object.hasOwn(lists, kind));
  const checked = ours.map((each) => checkedAlone(each, options));
  const found: readonly Remark[] = [
    ...unreadable.map(({ place, reason }) => ({ severity: "error" as const, place, text: reason })),
    ...objects.flatMap(remarksOnKind),
    ...checked.flatMap(({ remarks }) => remarks),
    ...remarksTogether(objects, checked, options),
  ];
  if (ours.length > 0 || found.some(({ severity }) => severity === "error")) return found;
  return [...found, { severity: "error", place: "", text: `no object of ${apiGroup} that could be checked was found` }];
}

/** What compile reads instead of an object, and what is wrong with the object by itself. */
type Checked = { readonly placed: Placed; readonly meant: unknown; readonly remarks: readonly Remark[] };

function checkedAlone(placed: Placed, options: ValidateOptions): Checked {
  const { apiVersion, kind, object, place } = placed;
  const version = apiVersion.slice(apiGroup.length + 1);
  const who = nameOf(placed);
  const error = (text: string): Remark => ({ severity: "error", place, text: `${who}: ${text}` });
  const unknown = unknownFields(kind, version, object).map((path) =>
    error(`unknown field "${path}": kubectl refuses the object; correct the spelling or remove the field`),
  );
  const remarks = [...namespaceRemarks(placed, options), ...unknown];
  if (!Object.hasOwn(schemas[kind] ?? {}, version)) {
    const versions = Object.keys(schemas[kind] ?? {}).map((each) => `${apiGroup}/${each}`);
    return {
      placed,
      meant: undefined,
      remarks: [...remarks, error(`there is no version ${apiVersion}: write ${versions.join(" or ")}`)],
    };
  }
  const shape = validateObject(kind, version, object);
  const undecodable = shape.length > 0 ? [] : decodeErrors(kind, object).map(error);
  if (kind !== "BGPPeer" || version !== "v1beta1") return { placed, meant: object, remarks: [...remarks, ...undecodable] };
  const old: Remark = { severity: "warning", place, text: `${who}: ${deprecatedVersion}` };
  const misshapen = shape.map(({ path, reason }) => error(`${path}: ${reason}`));
  const converted = convertBGPPeer(object, "v1beta2");
  const meant = converted.ok && misshapen.length === 0 ? converted.object : undefined;
  return { placed, meant, remarks: [...remarks, ...undecodable, old, ...misshapen] };
}

const deprecatedVersion = "metallb.io/v1beta1 is deprecated: write metallb.io/v1beta2";

function namespaceRemarks(placed: Placed, { namespace }: ValidateOptions): readonly Remark[] {
  const { place } = placed;
  if (placed.namespace === namespace) return [];
  if (placed.namespace === undefined) {
    const text = `${nameOf(placed)}: metadata.namespace is missing: kubectl puts the object where its context points; write ${namespace}`;
    return [{ severity: "warning", place, text }];
  }
  const text = `${nameOf(placed)}: resource must be created in ${namespace} namespace: no other is read (--namespace says which)`;
  return [{ severity: "error", place, text }];
}

/** Kinds that are passed over, and why. */
function remarksOnKind({ place, apiVersion, kind, object, name, namespace = "metallb-system" }: Placed): readonly Remark[] {
  if (apiVersion === "v1" && kind === "ConfigMap" && name === legacyConfigMapName && isLegacyConfigMap(object))
    return [{ severity: "warning", place, text: legacyNotice(namespace, name) }];
  const isOurs = apiVersion.startsWith(`${apiGroup}/`);
  if (isOurs ? Object.hasOwn(lists, kind) : isCore(apiVersion, kind)) return [];
  if (isOurs && !Object.hasOwn(schemas, kind)) {
    const text = `there is no kind ${kind} in ${apiGroup}: the kinds to write are ${Object.keys(lists).join(", ")}`;
    return [{ severity: "error", place, text }];
  }
  return [{ severity: "note", place, text: `${kind === "" ? "a document without kind" : kind} is not checked here` }];
}

function isCore(apiVersion: string, kind: string): boolean {
  return apiVersion === "v1" && Object.hasOwn(coreLists, kind);
}

/** What the webhooks say about all objects. Nodes are rarely in files: where there are none, nothing is said of them. */
function remarksTogether(
  objects: readonly Placed[],
  checked: readonly Checked[],
  { backend }: ValidateOptions,
): readonly Remark[] {
  const resources = emptyLists();
  const places = new Map<string, string>();
  for (const { placed, meant } of checked) {
    const list = lists[placed.kind];
    if (list === undefined || meant === undefined) continue;
    resources[list].push(meant);
    const key = nameOf(placed);
    places.set(key, places.has(key) ? `${places.get(key)}, ${placed.place}` : placed.place);
  }
  for (const { apiVersion, kind, object } of objects) {
    const list = isCore(apiVersion, kind) ? coreLists[kind] : undefined;
    if (list !== undefined) resources[list].push(object);
  }
  const readable = [...Object.values(lists), ...Object.values(coreLists)];
  const known = new Set(readable.filter((list) => list !== "nodes" || resources.nodes.length > 0));
  return findingsOf(resources, { known, backend })
    .toSorted(compareFindings)
    .map((finding) => remarkOf(finding, places));
}

function emptyLists(): { readonly [list in ListName]: unknown[] } {
  return {
    pools: [],
    l2Advertisements: [],
    bgpAdvertisements: [],
    bgpPeers: [],
    bfdProfiles: [],
    communities: [],
    namespaces: [],
    nodes: [],
  };
}

/** Most sentences of compile say whom and what place they are about; MetalLB's do not. */
function remarkOf(finding: Finding, places: ReadonlyMap<string, string>): Remark {
  const { severity, object, field } = finding;
  const who = nameOf(object);
  const said = textOfFinding(finding);
  const text = said.startsWith(who) ? said : `${who}: ${field === undefined ? "" : `${field}: `}${said}`;
  return { severity, place: places.get(who) ?? "", text };
}

function nameOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind} ${JSON.stringify(name)}`;
}
