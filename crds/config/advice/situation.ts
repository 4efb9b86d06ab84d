import { type Address, parseAddress } from "../../net/address.ts";
import type { Finding, ObjectRef } from "../finding.ts";
import { identityOf, listOf, property } from "../identity.ts";
import type { Resources } from "../resources.ts";
import { compareText, incumbentKey } from "../seniority.ts";
import type { Snapshot } from "../snapshot.ts";

/** What the rules look at: the meaning of the objects in force, and what of them no snapshot has. */
export type Situation = {
  readonly snapshot: Snapshot;
  readonly pools: readonly Stated[];
  readonly advertisements: readonly Stated[];
  readonly peers: readonly Stated[];
  /** By name. */
  readonly nodes: readonly AddressedNode[];
};

/** An object without errors, and its spec as its author wrote it. */
export type Stated = { readonly ref: ObjectRef; readonly spec: unknown };

/** A Node and the addresses by which others reach it, InternalIP and ExternalIP. */
export type AddressedNode = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly Address[];
};

/** @param findings what compile says of `resources`; objects with an error are left out. */
export function situationOf(resources: Resources, snapshot: Snapshot, findings: readonly Finding[]): Situation {
  const errors = findings.filter(({ severity }) => severity === "error");
  const faulty = new Set(errors.map(({ object }) => incumbentKey(object.kind, object.name)));
  const stated = (kind: string, list: unknown): readonly Stated[] =>
    listOf(list)
      .map((raw) => ({ ref: identityOf(kind, raw).ref, spec: property(raw, "spec") }))
      .filter(({ ref }) => ref.name !== "" && !faulty.has(incumbentKey(kind, ref.name)))
      .sort((a, b) => compareText(a.ref.name, b.ref.name));
  return {
    snapshot,
    pools: stated("IPAddressPool", resources.pools),
    advertisements: [
      ...stated("L2Advertisement", resources.l2Advertisements),
      ...stated("BGPAdvertisement", resources.bgpAdvertisements),
    ],
    peers: stated("BGPPeer", resources.bgpPeers),
    nodes: listOf(resources.nodes)
      .map(addressedNode)
      .sort((a, b) => compareText(a.name, b.name)),
  };
}

function addressedNode(raw: unknown): AddressedNode {
  const entries = listOf(property(property(raw, "status"), "addresses"));
  const addresses = entries.flatMap((entry) => {
    const [type, text] = [property(entry, "type"), property(entry, "address")];
    if ((type !== "InternalIP" && type !== "ExternalIP") || typeof text !== "string") return [];
    return parseAddress(text) ?? [];
  });
  const { name, labels } = identityOf("Node", raw);
  return { name, labels, addresses };
}

/** Up to three names in quotation marks, and how many there are besides. */
export function someNames(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `"${name}"`);
  const more = names.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** One piece of advice: `what` follows the object's name and field. */
export function advice(object: ObjectRef, code: Finding["code"], field: string | undefined, what: string): Finding {
  const place = field === undefined ? "" : `${field}: `;
  const message = `${object.kind} "${object.name}": ${place}${what}`;
  return { code, severity: "warning", object, others: [], ...(field !== undefined && { field }), message };
}
