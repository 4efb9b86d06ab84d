import { type Adopted, adopt } from "../../crds/config/adopt.ts";
import { advise } from "../../crds/config/advise.ts";
import type { Backend } from "../../crds/config/backend.ts";
import { selectsNamespaces } from "../../crds/config/pools/allocation-scope.ts";
import { compareFindings } from "../../crds/config/problem.ts";
import { type ConfigurationList, configurationTypes, type Resources } from "../../crds/config/resources.ts";
import { emptySnapshot } from "../../crds/config/snapshot.ts";
import type { Condition, ObjectBase } from "../../crds/types/kubernetes.ts";
import { conditionTypes } from "../../crds/types/well-known.ts";
import { changedPools } from "../allocation/pool-index.ts";
import { sameJson } from "../framework/api/merge-patch.ts";
import type { Cancel, Clock } from "../framework/clock.ts";
import type { Change, Reader } from "../framework/informer/store.ts";
import { type CompiledVersions, type Configuration, configurationOf, versionOf } from "./configuration.ts";
import type { LostPools } from "./lost-pools.ts";

/** Where the objects come from, by the names of {@link Resources}. */
export type ResourceReaders = { readonly [list in keyof Resources]: Reader<ObjectBase> };

export type SnapshotSourceOptions = {
  readonly readers: ResourceReaders;
  readonly lost: LostPools;
  readonly clock: Clock;
  /** Whose limits the configuration has to keep; Herald's own when absent. */
  readonly backend?: Backend;
  /** @param changed names of pools that mean something else than `before`, which is undefined the first time. */
  readonly onChange: (configuration: Configuration, changed: ReadonlySet<string>, before: Configuration | undefined) => void;
};

/** For so long the first of several changes waits for the others. */
const settleMs = 20;

/** Compiles what the informers know, whenever it changes, and tells what became different. */
export class SnapshotSource {
  readonly #options: SnapshotSourceOptions;
  #current: Configuration | undefined;
  /** By name, when each was created. */
  #pools: ReadonlyMap<string, string> = new Map();
  #namespacesMatter = true;
  #planned: Cancel | undefined;
  /** What {@link current} holds was read of days that never were. */
  #forgotten = false;

  constructor(options: SnapshotSourceOptions) {
    this.#options = options;
  }

  /** Undefined until every list has been read once. */
  get current(): Configuration | undefined {
    return this.#current;
  }

  /** Every list that compile needs is the API server's. Without the right to list Secrets everything else goes on. */
  get synced(): boolean {
    const { secrets: _, ...needed } = this.#options.readers;
    return Object.values(needed).every(({ synced }) => synced);
  }

  /** Milliseconds until something that is known here already may be compiled; 0: {@link current} speaks of all of it. */
  get behindMs(): number {
    return this.#planned === undefined ? 0 : settleMs;
  }

  /** For the informers: plans to compile when the change can matter. */
  readonly onChange = (change: Change<ObjectBase>): void => {
    if (!sameJson(meaningOf(change.before), meaningOf(change.after))) this.plan();
  };

  /** The same for Namespaces, which come and go without end in some clusters: only selectors look at them. */
  readonly onNamespace = (change: Change<ObjectBase>): void => {
    if (this.#namespacesMatter) this.onChange(change);
  };

  /** Compiles soon: changes that come together are compiled once. */
  plan(): void {
    this.#planned ??= this.#options.clock.after(settleMs, () => {
      this.#planned = undefined;
      this.compile();
    });
  }

  /**
   * For an API server that was restored from a backup: what was in force no longer outranks the Accepted conditions, which
   * decide as at the start of the process. Nothing changes before the next compilation.
   */
  forget(): void {
    this.#forgotten = true;
  }

  /** Compiles now. @param reported pools that count as changed in any case. */
  compile(reported: ReadonlySet<string> = new Set()): void {
    const { readers, lost, backend = "herald", onChange } = this.#options;
    if (!this.synced) return;
    const before = this.#current;
    const resources = resourcesOf(readers);
    const adopted = advised(adopt(this.#forgotten ? undefined : before?.adopted, resources, { backend }));
    this.#forgotten = false;
    this.#namespacesMatter = selectsNamespaces([...resources.pools, ...adopted.inForce.pools]);
    const pools = new Map([...readers.pools.list()].map(({ metadata }) => [metadata.name, metadata.creationTimestamp ?? ""]));
    lost.found(new Set(pools.keys()));
    lost.vanished(new Map([...this.#pools].filter(([name]) => !pools.has(name))));
    this.#pools = pools;
    const unread = [...pools.keys()].filter((name) => !adopted.snapshot.poolByName.has(name));
    const unreadable = new Set([...unread, ...poolsSetAside(adopted), ...lost.names]);
    const configuration = configurationOf(adopted, unreadable, compiledVersions(readers));
    const changed = new Set([...reported, ...differences(before?.adopted, adopted), ...changedNames(before, configuration)]);
    this.#current = configuration;
    onChange(configuration, changed, before);
  }
}

/** Another process, or this one if it had seen more, could have put something else in force in their place. */
function poolsSetAside({ findings }: Adopted): readonly string[] {
  const { kind } = configurationTypes.pools;
  return findings.filter(({ severity, object }) => severity === "error" && object.kind === kind).map(({ object }) => object.name);
}

/** The same, with what is legal in it and surely not meant. */
function advised(adopted: Adopted): Adopted {
  return { ...adopted, findings: [...adopted.findings, ...advise(adopted.inForce, adopted)].sort(compareFindings) };
}

function resourcesOf(readers: ResourceReaders): Resources {
  return {
    pools: [...readers.pools.list()],
    l2Advertisements: [...readers.l2Advertisements.list()],
    bgpAdvertisements: [...readers.bgpAdvertisements.list()],
    bgpPeers: [...readers.bgpPeers.list()],
    bfdProfiles: [...readers.bfdProfiles.list()],
    communities: [...readers.communities.list()],
    namespaces: [...readers.namespaces.list()],
    nodes: [...readers.nodes.list()],
    // Without them only the peers' passwords are not checked.
    ...(readers.secrets?.synced && { secrets: [...readers.secrets.list()] }),
  };
}

function compiledVersions(readers: ResourceReaders): CompiledVersions {
  const versions = new Map<string, string>();
  for (const list of Object.keys(configurationTypes) as ConfigurationList[]) {
    for (const object of readers[list].list()) {
      versions.set(`${configurationTypes[list].kind}/${object.metadata.name}`, versionOf(object));
    }
  }
  return versions;
}

function differences(previous: Adopted | undefined, adopted: Adopted): ReadonlySet<string> {
  return changedPools(previous?.snapshot ?? emptySnapshot, adopted.snapshot);
}

function changedNames(before: Configuration | undefined, { unreadable }: Configuration): readonly string[] {
  const former = before?.unreadable ?? new Set<string>();
  return [...unreadable].filter((name) => !former.has(name)).concat([...former].filter((name) => !unreadable.has(name)));
}

/** What compile and advise look at: of the status, only whether this generation was accepted, and a Node's addresses. */
function meaningOf(object: ObjectBase | undefined): unknown {
  if (object === undefined) return undefined;
  const { metadata, status, ...rest } = object as ObjectBase & {
    readonly status?: { readonly conditions?: readonly Condition[]; readonly addresses?: unknown };
  };
  const accepted = status?.conditions?.find(({ type }) => type === conditionTypes.accepted);
  const { resourceVersion: _, ...lasting } = metadata;
  const { addresses } = status ?? {};
  return { ...rest, metadata: lasting, addresses, accepted: accepted && [accepted.status, accepted.observedGeneration] };
}
