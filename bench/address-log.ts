import { createTransport } from "../operator/framework/api/kube-transport.ts";
import { LineSplitter } from "../operator/framework/api/line-splitter.ts";
import type { BenchCluster, BenchService } from "./bench-cluster.ts";

const newline = 0x0a;
/** Octets. */
const maxEvent = 1 << 20;
const services = "/api/v1/namespaces/default/services";

/**
 * When Services got addresses, for benches that a watch would slow down: what arrives is kept with its time, and read only
 * when as many events are there as Services wait.
 */
export class AddressLog {
  readonly #chunks: { readonly at: number; readonly octets: Uint8Array }[] = [];
  readonly #stop = new AbortController();
  readonly #lines = new LineSplitter(maxEvent);
  readonly #times = new Map<string, number>();
  #events = 0;
  #enough: { readonly events: number; readonly resolve: () => void } | undefined;

  private constructor() {}

  /** Resolves when every change from now on will be in it. */
  static async open({ access }: BenchCluster): Promise<AddressLog> {
    const log = new AddressLog();
    const transport = createTransport(access, 1, "bench");
    const timeoutMs = 600_000;
    const first = await transport.send({ method: "GET", path: `${services}?limit=1`, timeoutMs });
    const list = JSON.parse((await first.toArray()).join("")) as { readonly metadata: { readonly resourceVersion: string } };
    const path = `${services}?watch=1&resourceVersion=${list.metadata.resourceVersion}`;
    const { signal } = log.#stop;
    const answer = await transport.send({ method: "GET", path, timeoutMs, signal, dedicated: true });
    answer.on("data", (octets: Uint8Array) => log.#keep(octets));
    answer.on("error", () => {}); // it is ended by us; until then what is missing shows in the times
    signal.addEventListener("abort", () => transport.close());
    return log;
  }

  /** `performance.now()` of each Service's first address, once all `names` have one. @throws {Error} after `timeoutMs`. */
  async times(names: readonly string[], timeoutMs: number): Promise<ReadonlyMap<string, number>> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      this.#read();
      const missing = names.filter((name) => !this.#times.has(name)).length;
      if (missing === 0) return this.#times;
      if (performance.now() >= end)
        throw new Error(`${missing} of ${names.length} Services have no address after ${timeoutMs / 1000} s`);
      await this.#wait(this.#events + missing, end - performance.now());
    }
  }

  close(): void {
    this.#stop.abort();
  }

  #keep(octets: Uint8Array): void {
    this.#chunks.push({ at: performance.now(), octets });
    for (let end = octets.indexOf(newline); end >= 0; end = octets.indexOf(newline, end + 1)) this.#events++;
    if (this.#enough !== undefined && this.#events >= this.#enough.events) this.#enough.resolve();
  }

  async #wait(events: number, ms: number): Promise<void> {
    if (this.#events >= events) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#enough = { events, resolve };
    const timer = setTimeout(resolve, Math.max(0, ms));
    await promise;
    clearTimeout(timer);
    this.#enough = undefined;
  }

  /** What has arrived since it was called last. */
  #read(): void {
    for (const { at, octets } of this.#chunks.splice(0)) {
      for (const line of this.#lines.push(octets)) {
        const { object } = JSON.parse(line) as { readonly object: BenchService };
        const { name } = object.metadata;
        if (object.status?.loadBalancer?.ingress?.[0]?.ip !== undefined && !this.#times.has(name)) this.#times.set(name, at);
      }
    }
  }
}
