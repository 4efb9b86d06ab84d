/** An object that histories write: a Service, an IPAddressPool or a Namespace. */
export type Item = {
  readonly apiVersion: string;
  readonly kind: "Service" | "IPAddressPool" | "Namespace";
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
};

/** One write. */
export type Step = {
  readonly verb: "create" | "change" | "delete";
  /** The object as it is after the step, before it when the step deletes it. */
  readonly item: Item;
  /** What a change says, as a merge patch. */
  readonly patch?: object;
  /** In a few words, for whoever reads a difference. */
  readonly what: string;
};

/** Writes that begin with no pool and no Service. */
export type History = { readonly id: string; readonly steps: readonly Step[] };

type Labels = Readonly<Record<string, string>>;

/** What stands after some steps; Services by `namespace/name`, pools by name, the labels of namespaces by theirs. */
export type Standing = {
  readonly services: ReadonlyMap<string, Item>;
  readonly pools: ReadonlyMap<string, Item>;
  readonly namespaces: ReadonlyMap<string, Labels>;
};

/** The namespaces of Services, with the labels that they have when a history begins. */
export const firstNamespaces: ReadonlyMap<string, Labels> = new Map([
  ["team-a", { team: "a" }],
  ["team-b", { team: "b" }],
  ["default", {}],
]);

export function keyOf({ metadata }: Item): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/** What stands after the first `count` steps, if all of them were taken. */
export function standingAfter({ steps }: History, count: number): Standing {
  const services = new Map<string, Item>();
  const pools = new Map<string, Item>();
  const namespaces = new Map(firstNamespaces);
  for (const { verb, item } of steps.slice(0, count)) {
    if (item.kind === "Namespace") {
      namespaces.set(item.metadata.name, item.metadata.labels ?? {});
      continue;
    }
    const [items, key] = item.kind === "Service" ? [services, keyOf(item)] : [pools, item.metadata.name];
    if (verb === "delete") items.delete(key);
    else items.set(key, item);
  }
  return { services, pools, namespaces };
}

type Json = Readonly<Record<string, unknown>>;

/** The merge patch (RFC 7396) that makes `after` of `before`; lists are replaced whole. */
export function mergePatchBetween(before: object, after: object): object {
  const [old, wanted] = [before as Json, after as Json];
  const changes = Object.entries(wanted).flatMap(([key, value]): [string, unknown][] => {
    const former = old[key];
    if (JSON.stringify(former) === JSON.stringify(value)) return [];
    return [[key, isObject(former) && isObject(value) ? mergePatchBetween(former, value) : value]];
  });
  const removals = Object.keys(old)
    .filter((key) => wanted[key] === undefined)
    .map((key) => [key, null] as const);
  return Object.fromEntries([...changes, ...removals]);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
