import type { Dice } from "../dice.ts";

/** The kinds that users write. */
export const kinds = ["IPAddressPool", "L2Advertisement", "BGPAdvertisement", "BGPPeer", "BFDProfile", "Community"] as const;
export type Kind = (typeof kinds)[number];

export type Spec = Readonly<Record<string, unknown>>;

/** One object as it is handed to kubectl; it may be wrong in any way. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: Spec;
};

/** The values of METALLB_BGP_TYPE that the two sides are compared under. */
export const modes = ["native", "frr"] as const;
export type Mode = (typeof modes)[number];

/** What a manifest is made against. */
export type World = {
  readonly mode: Mode;
  /** Valid objects that the cluster holds, the object in the making left out. */
  readonly stored: readonly Manifest[];
};

/** One way to get a manifest wrong, or nearly wrong. */
export type Fault = { readonly name: string; readonly apply: (manifest: Manifest, dice: Dice, world: World) => Manifest };

/** A kind's generator: `spec` is valid beside everything that is stored, as the world's mode sees it. */
export type Maker = {
  readonly kind: Kind;
  readonly spec: (dice: Dice, world: World, slot: number) => Spec;
  readonly labels?: (dice: Dice) => Readonly<Record<string, string>>;
  readonly faults: readonly Fault[];
};

export const namespace = "metallb-system";

/** The stored objects of one kind. */
export function storedOf(world: World, kind: Kind): readonly Manifest[] {
  return world.stored.filter((manifest) => manifest.kind === kind);
}

export function namesOf(world: World, kind: Kind): readonly string[] {
  return storedOf(world, kind).map(({ metadata }) => metadata.name);
}

/** A copy with other fields in `spec`; a field that is `undefined` is left out. */
export function withSpec(manifest: Manifest, changes: Spec): Manifest {
  const spec = Object.entries({ ...manifest.spec, ...changes }).filter(([, value]) => value !== undefined);
  return { ...manifest, spec: Object.fromEntries(spec) };
}

/** A fault that puts one of some values into a field of `spec`. */
export function fieldFault(name: string, field: string, values: readonly unknown[]): Fault {
  return { name, apply: (manifest, dice) => withSpec(manifest, { [field]: dice.pick(values) }) };
}

/** A list in `spec`, empty when there is none. */
export function listIn(manifest: Manifest, field: string): readonly unknown[] {
  const value = manifest.spec[field];
  return Array.isArray(value) ? value : [];
}
