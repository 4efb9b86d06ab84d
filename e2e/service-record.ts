import type { Lab } from "./lab/lab.ts";

type Listed = {
  readonly metadata: { readonly name: string; readonly uid?: string };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
};

/**
 * Follows the addresses of all Services of namespace `default`, none of which share any and none of whose requests change:
 * whatever was given once must stay, and two must never have the same.
 */
export class ServiceRecord {
  readonly #lab: Lab;
  readonly #stop = new AbortController();
  readonly #given = new Map<string, string>();
  readonly #wrongs = new Set<string>();
  #following: Promise<void> = Promise.resolve();

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  start(): void {
    const look = (services: ReadonlyMap<string, Listed>): void => this.#look(services);
    this.#following = this.#lab.api.follow<Listed>("/api/v1/namespaces/default/services", look, this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  /** What must not have been. */
  get wrongs(): readonly string[] {
    return [...this.#wrongs];
  }

  /** How many Services were seen with an address. */
  get seen(): number {
    return this.#given.size;
  }

  #look(services: ReadonlyMap<string, Listed>): void {
    const holders = new Map<string, string>();
    for (const [uid, { metadata, status }] of services) {
      const { name } = metadata;
      const ips = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
      for (const ip of ips) {
        const other = holders.get(ip);
        if (other !== undefined) this.#wrongs.add(`${other} and ${name} have ${ip} at the same time`);
        holders.set(ip, name);
      }
      const before = this.#given.get(uid);
      if (before !== undefined && before !== ips.join()) this.#wrongs.add(`${name} had ${before}, then "${ips}"`);
      if (before === undefined && ips.length > 0) this.#given.set(uid, ips.join());
    }
  }
}
