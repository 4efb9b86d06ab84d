import type { Standing } from "./announcement.ts";
import type { ContextChange, PoolChange } from "./context-change.ts";

type Known = { readonly pool: string; readonly witness: string | undefined; readonly nodesMatter: boolean };

/** The Services' addresses lie in no single pool. */
const noPool = "";

/** How each Service stood when it was last looked at, arranged so that a change finds those whose standing it can change. */
export class Standings {
  readonly #known = new Map<string, Known>();
  readonly #byPool = new Map<string, Set<string>>();
  readonly #byWitness = new Map<string, Set<string>>();
  /** Silent ones that another node could help. */
  readonly #waitingForNodes = new Set<string>();

  note(service: string, standing: Standing): void {
    this.forget(service);
    if (standing.outcome === "not-asked") return;
    const known =
      standing.outcome === "announced"
        ? { pool: standing.pool, witness: standing.witness, nodesMatter: false }
        : { pool: standing.pool ?? noPool, witness: undefined, nodesMatter: standing.nodesMatter };
    this.#known.set(service, known);
    addTo(this.#byPool, known.pool, service);
    if (known.witness !== undefined) addTo(this.#byWitness, known.witness, service);
    if (known.nodesMatter) this.#waitingForNodes.add(service);
  }

  forget(service: string): void {
    const known = this.#known.get(service);
    if (known === undefined) return;
    this.#known.delete(service);
    removeFrom(this.#byPool, known.pool, service);
    if (known.witness !== undefined) removeFrom(this.#byWitness, known.witness, service);
    this.#waitingForNodes.delete(service);
  }

  clear(): void {
    this.#known.clear();
    this.#byPool.clear();
    this.#byWitness.clear();
    this.#waitingForNodes.clear();
  }

  /** Undefined: the Service is not announced, or not known. */
  witnessOf(service: string): string | undefined {
    return this.#known.get(service)?.witness;
  }

  /** Services to look at again. One that is announced stays so while its witness is what it was. */
  concernedBy({ nodes, pools }: ContextChange): ReadonlySet<string> {
    const concerned = new Set<string>();
    const add = (services: Iterable<string>): void => {
      for (const service of services) concerned.add(service);
    };
    for (const node of nodes) add(this.#byWitness.get(node) ?? []);
    if (nodes.size > 0) add(this.#waitingForNodes);
    const changeOf = (service: string): PoolChange | undefined => pools.get(this.#known.get(service)?.pool ?? noPool);
    for (const [pool, { whole }] of pools) if (whole) add(this.#byPool.get(pool) ?? []);
    if ([...pools.values()].some(({ whole }) => whole)) add(this.#byPool.get(noPool) ?? []);
    if (pools.size > 0) add([...this.#waitingForNodes].filter((service) => changeOf(service) !== undefined));
    for (const node of new Set([...pools.values()].flatMap(({ lost }) => [...lost]))) {
      add([...(this.#byWitness.get(node) ?? [])].filter((service) => changeOf(service)?.lost.has(node)));
    }
    return concerned;
  }
}

function addTo(index: Map<string, Set<string>>, key: string, service: string): void {
  const services = index.get(key);
  if (services === undefined) index.set(key, new Set([service]));
  else services.add(service);
}

function removeFrom(index: Map<string, Set<string>>, key: string, service: string): void {
  const services = index.get(key);
  services?.delete(service);
  if (services?.size === 0) index.delete(key);
}
