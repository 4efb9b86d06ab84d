import { resourceTypes, type Service } from "../../crds/types/kubernetes.ts";
import { annotations, serviceConditions } from "../../crds/types/well-known.ts";
import { keyOf, keyText } from "../framework/api/kube-object.ts";
import { sameJson } from "../framework/api/merge-patch.ts";
import type { FakeApi } from "../framework/fake/fake-api.ts";
import { type Recorded, typeId } from "../framework/fake/fake-store.ts";
import { claimAgainst } from "./claims.ts";
import { isOurs, recordedPool, share, shownBy, type Truth, wantedBy } from "./truth.ts";

/** Sees every write of a Service, and says at once which law it breaks. */
export class Witness {
  readonly complaints: string[] = [];
  readonly #truth: () => Truth;
  /** What Services show that nothing speaks against, since it was last quiet. */
  readonly #guarded = new Map<string, readonly string[]>();
  /** What the Services of these names showed then: who comes in the place of another may come into what it had. */
  readonly #inherited = new Map<string, readonly string[]>();
  /** Services that their user changed since then. */
  readonly #edited = new Set<string>();
  /** Services for which a write was under way that was decided on what was known before. */
  readonly #late = new Set<string>();
  #isUser = false;

  constructor(api: FakeApi, truth: () => Truth) {
    this.#truth = truth;
    api.store.onChange((change) => this.#look(change));
  }

  /** What `act` does is the user's doing; what it makes doubtful is not guarded any more. */
  asUser(act: () => void): void {
    this.#isUser = true;
    act();
    this.#isUser = false;
    this.reconsider();
  }

  /** Something may be less certain than it was. */
  reconsider(): void {
    const truth = this.#truth();
    for (const [key, addresses] of this.#guarded) {
      const service = truth.services.get(key);
      const stands = service !== undefined && addresses.every((address) => shownBy(service).includes(address));
      if (!stands || claimAgainst(key, service, truth) !== undefined) this.#guarded.delete(key);
    }
  }

  /** What is not clear now depends on what these Services were when it was: nobody can tell what holds for them. */
  releaseUnclear(keys: Iterable<string>): void {
    const { services, pools } = this.#truth();
    const unclear = new Set(pools.filter(({ state }) => state !== "clean").map(({ name }) => name));
    for (const key of keys) {
      const service = services.get(key);
      if (service !== undefined && unclear.has(recordedPool(service) ?? "")) this.#guarded.delete(key);
    }
  }

  /** Writes for these Services arrive that nobody can hold back. */
  expectLate(keys: readonly string[]): void {
    for (const key of keys) {
      this.#late.add(key);
      this.#guarded.delete(key);
    }
  }

  /** All is at rest: whatever nothing speaks against must stay from now on. */
  guard(): void {
    const truth = this.#truth();
    this.#guarded.clear();
    this.#edited.clear();
    this.#late.clear();
    this.#inherited.clear();
    for (const [key, service] of truth.services) {
      this.#inherited.set(key, shownBy(service));
      if (shownBy(service).length > 0 && claimAgainst(key, service, truth) === undefined)
        this.#guarded.set(key, shownBy(service));
    }
  }

  /** Nothing is guarded until all is at rest again. */
  release(): void {
    this.#guarded.clear();
  }

  #look({ type, before, after, object }: Recorded): void {
    if (type !== typeId(resourceTypes.services)) return;
    const key = keyText(keyOf(object));
    if (this.#isUser) this.#edited.add(key);
    else this.#judge(key, before as Service | undefined, after as Service | undefined);
  }

  #judge(key: string, before: Service | undefined, after: Service | undefined): void {
    if (before === undefined || after === undefined) {
      this.#complain(key, "was created or deleted by the operator");
      return;
    }
    const truth = this.#truth();
    if (!sameJson(lasting(before), lasting(after))) this.#complain(key, "was changed beyond its status");
    if (!sameJson(foreignParts(before), foreignParts(after))) this.#complain(key, "lost what another wrote into its status");
    const isAlien = before.spec?.type === "LoadBalancer" && !isOurs(before, truth);
    const isForeign = isAlien || (!this.#edited.has(key) && isUnrelated(before, truth));
    if (isForeign && !sameJson(shownBy(before), shownBy(after)))
      this.#complain(key, "is none of ours, and shows other addresses now");
    const gone = (this.#guarded.get(key) ?? []).filter((address) => !shownBy(after).includes(address));
    if (gone.length > 0) this.#complain(key, `had ${gone} by right, and shows ${shownBy(after)}`);
    if (this.#late.has(key)) return;
    const known = [...shownBy(before), ...(this.#inherited.get(key) ?? [])];
    const fresh = shownBy(after).filter((address) => !known.includes(address));
    for (const [other, service] of truth.services) {
      if (other === key || this.#edited.has(other) || service.spec?.type !== "LoadBalancer" || share(after, service)) continue;
      const taken = shownBy(service).filter((address) => fresh.includes(address));
      if (taken.length > 0) this.#complain(key, `was given ${taken}, which ${other} has`);
    }
  }

  #complain(key: string, what: string): void {
    this.complaints.push(`${key} ${what}`);
  }
}

/** Addresses of another program: no pool that anybody can read holds them, and nothing says that we gave them. */
function isUnrelated(service: Service, { pools, lost }: Truth): boolean {
  const { pool, addresses, isValid } = wantedBy(service);
  const asks = isValid && (pool !== undefined || addresses.length > 0);
  const { loadBalancerClass = "" } = service.spec ?? {}; // a class names its owner, whatever its status shows
  const isCertain = loadBalancerClass === "" && lost.size === 0 && pools.every(({ state }) => state === "clean");
  const isNowhere = shownBy(service).every((address) => !pools.some((each) => each.addresses.has(address)));
  return shownBy(service).length > 0 && isCertain && isNowhere && recordedPool(service) === undefined && !asks;
}

function lasting({ metadata, spec }: Service): unknown {
  const { [annotations.ipAllocatedFromPool]: _, ...texts } = metadata.annotations ?? {};
  return [metadata.uid, metadata.labels, texts, spec];
}

function foreignParts({ status }: Service): unknown {
  const ours: readonly string[] = Object.values(serviceConditions);
  const entries = (status?.loadBalancer?.ingress ?? []).filter(({ ip }) => ip === undefined);
  const conditions = (status?.conditions ?? []).filter(({ type }) => !ours.includes(type));
  return [entries, conditions];
}
