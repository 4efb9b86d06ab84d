import type { Finding, ObjectRef } from "./finding.ts";

/** What an object names: the kind of the others, their names, and the field where the names stand. */
export type References = { readonly kind: string; readonly names: readonly string[]; readonly field: string };

/** The objects of one kind that a name can mean. */
export type Namesakes = {
  /** In force. */
  readonly standing: { has(name: string): boolean };
  /** All of them, those set aside included. */
  readonly known: ReadonlySet<string>;
};

/** One pending finding for each name that means nothing in force. */
export function unresolved(ref: ObjectRef, { kind, names, field }: References, targets: Namesakes): readonly Finding[] {
  return names.flatMap((name, index) => {
    if (targets.standing.has(name)) return [];
    const why = targets.known.has(name)
      ? "which is set aside because of its own errors: mend it"
      : "which does not exist: create it or correct the name";
    const at = `${field}[${index}]`;
    const message = `${ref.kind} "${ref.name}": ${at}: it names ${kind} "${name}", ${why}`;
    const others = [{ ...ref, kind, name }];
    return [{ code: "ReferenceUnresolved", severity: "pending", object: ref, others, field: at, message } as const];
  });
}

/** A pending finding when the profile of a peer is not in force: until it is, the peer has no BFD. */
export function unresolvedProfile(ref: ObjectRef, profile: string | undefined, targets: Namesakes): readonly Finding[] {
  if (profile === undefined || targets.standing.has(profile)) return [];
  const remedy = targets.known.has(profile)
    ? `BFDProfile "${profile}" is set aside because of its own errors: mend it.`
    : `Create BFDProfile "${profile}" or correct the name; until then the sessions have no BFD.`;
  return [
    {
      code: "BfdProfileMissing",
      severity: "pending",
      object: ref,
      others: [{ ...ref, kind: "BFDProfile", name: profile }],
      field: "spec.bfdProfile",
      message: `peer ${ref.name} referencing non existing bfd profile ${profile}`,
      remedy,
    },
  ];
}
