import { type Address, parseAddress } from "../../../crds/net/address.ts";
import type { Service } from "../../../crds/types/kubernetes.ts";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { publishedTexts } from "../../allocation/decide.ts";
import type { KubeApi } from "../../framework/api/kube-api.ts";
import { keyText, type ObjectKey } from "../../framework/api/kube-object.ts";
import type { Clock } from "../../framework/clock.ts";
import type { Reader } from "../../framework/informer/store.ts";
import { slimService } from "../slim.ts";

/** How long an informer may lag behind what this process knows to be stored, before the API server is asked. */
const patienceMs = 30_000;

type Known = {
  readonly service: Service;
  readonly at: number;
  /** A version of the informer's copy that the server, restored from a backup, does not know any more. */
  readonly forgotten?: string | undefined;
};

/**
 * Services as this process last knew them: the informer's copy, or what was read or written since and has not come
 * back through the watch. Deciding on an older copy could release an address that the newer one shows.
 */
export class LatestServices {
  readonly #api: KubeApi;
  readonly #reader: Reader<Service>;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #doubtful = new Set<string>();

  constructor(api: KubeApi, reader: Reader<Service>, clock: Clock) {
    this.#api = api;
    this.#reader = reader;
    this.#clock = clock;
  }

  /** The API server returned this. */
  note(service: Service): void {
    this.#known.set(keyText(keyOf(service)), { service, at: this.#clock.monotonic() });
  }

  /** Whether this copy of the informer's is what was noted here last; then the informer has caught up with us. */
  caughtUp({ metadata }: Service): boolean {
    const key = keyText(keyOf({ metadata }));
    const known = this.#known.get(key);
    if (known === undefined || this.#doubtful.has(key)) return false;
    if (known.service.metadata.resourceVersion !== metadata.resourceVersion) return false;
    this.#known.delete(key);
    return true;
  }

  /** What was known is known no longer: the API server was restored from a backup. */
  clear(): void {
    this.#known.clear();
    this.#doubtful.clear();
  }

  /** A write's answer was lost: nobody here knows what is stored until the API server has been asked. */
  doubt(key: ObjectKey): void {
    this.#doubtful.add(keyText(key));
  }

  /** Whether a Service's status has this address for all that is known without asking; also when nobody can say. */
  shows(key: ObjectKey, address: Address): boolean {
    if (this.#doubtful.has(keyText(key))) return true;
    const known = this.#known.get(keyText(key));
    const copy = this.#reader.get(key);
    const service = known === undefined || isNewerThan(known, copy) ? copy : known.service;
    const { family, bits } = address;
    return (service === undefined ? [] : publishedTexts(service))
      .map(parseAddress)
      .some((each) => each?.family === family && each.bits === bits);
  }

  /** Undefined: the Service does not exist. */
  async get(key: ObjectKey): Promise<Service | undefined> {
    if (this.#doubtful.has(keyText(key))) return this.refresh(key);
    const known = this.#known.get(keyText(key));
    const copy = this.#reader.get(key);
    if (known === undefined) return copy;
    if (isNewerThan(known, copy)) {
      this.#known.delete(keyText(key));
      return copy;
    }
    if (copy === undefined || this.#clock.monotonic() - known.at > patienceMs) return this.refresh(key);
    return known.service;
  }

  /** Asks the API server. */
  async refresh(key: ObjectKey): Promise<Service | undefined> {
    const copy = this.#reader.get(key);
    const found = await this.#api.get<Service>(resourceTypes.services, key);
    this.#doubtful.delete(keyText(key));
    if (found === undefined) {
      this.#known.delete(keyText(key));
      return undefined;
    }
    const service = slimService(found);
    const forgotten = copy === undefined || isAsNew(service, copy) ? undefined : copy.metadata.resourceVersion;
    this.#known.set(keyText(key), { service, at: this.#clock.monotonic(), forgotten });
    return service;
  }
}

function keyOf({ metadata }: Service): ObjectKey {
  return { namespace: metadata.namespace ?? "", name: metadata.name };
}

function isNewerThan({ service, forgotten }: Known, copy: Service | undefined): copy is Service {
  return copy !== undefined && copy.metadata.resourceVersion !== forgotten && isAsNew(copy, service);
}

/** Versions that are no numbers cannot be compared: then the watch is believed. */
function isAsNew(copy: Service, known: Service): boolean {
  const [ours, theirs] = [copy.metadata.resourceVersion ?? "", known.metadata.resourceVersion ?? ""];
  if (ours === theirs || !/^\d+$/.test(ours) || !/^\d+$/.test(theirs)) return true;
  return BigInt(ours) > BigInt(theirs);
}
