import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "../lab/lab.ts";
import { until } from "../lab/until.ts";
import { l2Advertisement, pool, service } from "../manifests.ts";
import { apply, givenAddresses } from "../observe.ts";
import type { ClientOrder } from "./client-order.ts";
import type { Fault, Strike } from "./fault.ts";
import { echoServer, type RunningServer } from "./outside-server.ts";
import { type RoundResult, resultOf } from "./round-result.ts";
import { SegmentClient } from "./segment-client.ts";
import { speakersReady } from "./speaker-fault.ts";
import { monotonicMs } from "./timeline.ts";

export type Owner = { readonly node: string; readonly mac: string };

/** `lastsMs`: how long the fault stands; `afterMs`: for how long its repair is watched. */
export type RoundSpan = { readonly lastsMs: number; readonly afterMs: number };

type Aimed = Pick<Fault, "aim"> & Partial<Pick<Fault, "takesOver">>;

/** A lab with one Service whose backend no fault touches, and a client that asks for its address all the time. */
export class Ground {
  readonly lab: Lab;
  readonly address: string;
  readonly #server: RunningServer;
  readonly #macs: ReadonlyMap<string, string>;
  #client: SegmentClient;

  private constructor(lab: Lab, address: string, server: RunningServer, macs: ReadonlyMap<string, string>) {
    this.lab = lab;
    this.address = address;
    this.#server = server;
    this.#macs = macs;
    this.#client = new SegmentClient(lab, { watched: [address], connectTo: [address] });
  }

  /** Makes the Service in a lab with Herald installed, and returns when it answers. */
  static async prepare(lab: Lab): Promise<Ground> {
    const server = echoServer(lab.topology.router, 8080);
    try {
      await apply(lab, pool("failover", ["172.30.0.200-172.30.0.209"]), l2Advertisement("failover", ["failover"]));
      await apply(lab, service("failover", { families: "SingleStack", spec: { selector: null } }), server.endpoints("failover"));
      const [address = ""] = await givenAddresses(lab, "failover", 1);
      await until(`${address} answers`, 20_000, () => lab.answers(address));
      const macs = new Map<string, string>();
      for (const node of lab.nodes) macs.set(await macOf(lab, node), node);
      return new Ground(lab, address, server, macs);
    } catch (error) {
      server.stop();
      throw error;
    }
  }

  get client(): SegmentClient {
    return this.#client;
  }

  /** Another client in place of the present one. */
  async askFor(order: Pick<ClientOrder, "watched"> & Partial<ClientOrder>): Promise<void> {
    await this.#client.stop();
    this.#client = new SegmentClient(this.lab, order);
  }

  async stop(): Promise<void> {
    await this.#client.stop();
    this.#server.stop();
  }

  /** Makes the backend that no fault touches that of another Service, one without a selector. */
  async serve(name: string): Promise<void> {
    await apply(this.lab, this.#server.endpoints(name));
  }

  /** The node of a MAC address; undefined for one that no node has. */
  nodeOf(mac: string): string | undefined {
    return this.#macs.get(mac);
  }

  /**
   * Waits until all speakers are ready and one of them has answered alone, for all addresses that are asked for, for a second.
   * @throws {Error} when it takes longer than a minute.
   */
  async settled(): Promise<Owner> {
    await speakersReady(this.lab);
    let owner: Owner | undefined;
    await until("one owner answers for a second", 60_000, async () => {
      await sleep(1000);
      owner = this.#onlyOwnerSince(monotonicMs() - 1000);
      return owner !== undefined;
    });
    if (owner === undefined) throw new Error("there is no owner");
    return owner;
  }

  /** One round of a fault on the settled lab; once more when the address happened to move by itself just then. */
  async round(fault: Aimed, span: RoundSpan): Promise<RoundResult> {
    for (let tries = 1; ; tries++) {
      const result = await this.#play(fault, span);
      if (tries === 3 || fault.takesOver !== true || !result.movedBefore) return result;
    }
  }

  async #play(fault: Aimed, { lastsMs, afterMs }: RoundSpan): Promise<RoundResult> {
    const { owner, strike } = await this.#aimed(fault);
    const times = await during(strike, lastsMs);
    await sleep(afterMs);
    const { timeline, asked } = this.#client;
    return resultOf(timeline, asked, owner.mac, { ...times, endedAt: monotonicMs() });
  }

  /** Aims at the owner. It may change at any time until then: one that was found dead becomes a candidate again, for example. */
  async #aimed(fault: Aimed): Promise<{ readonly owner: Owner; readonly strike: Strike }> {
    for (;;) {
      const owner = await this.settled();
      const strike = await fault.aim(this.lab, owner.node);
      this.#client.forget();
      await sleep(200);
      if (this.#onlyOwnerSince(monotonicMs() - 150)?.mac === owner.mac) return { owner, strike };
    }
  }

  #onlyOwnerSince(at: number): Owner | undefined {
    const owners = new Set(this.#client.asked.map((address) => [...this.#client.ownersSince(address, at)].join(" ")));
    const [mac = ""] = owners;
    const node = this.#macs.get(mac);
    return owners.size === 1 && node !== undefined ? { node, mac } : undefined;
  }
}

type Struck = { readonly orderedAt: number; readonly struckAt: number; readonly repairedAt: number };

async function during(strike: Strike, lastsMs: number): Promise<Struck> {
  const orderedAt = monotonicMs();
  const undo = await strike();
  const struckAt = monotonicMs();
  await sleep(lastsMs);
  const repairedAt = monotonicMs();
  await undo();
  return { orderedAt, struckAt, repairedAt };
}

async function macOf(lab: Lab, node: string): Promise<string> {
  const { stdout } = await lab.exec(node, ["ip", "-j", "link", "show", "eth0"]);
  return JSON.parse(stdout)[0].address;
}
