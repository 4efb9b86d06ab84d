import { createHash } from "node:crypto";
import { formatPrefix } from "../../../crds/net/prefix.ts";
import { type Pod, resourceTypes, type Service } from "../../../crds/types/kubernetes.ts";
import { heraldAnnotations, labels } from "../../../crds/types/well-known.ts";
import { FakeApi } from "../../../operator/framework/fake/fake-api.ts";
import { FakeClock, settle } from "../../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import { createMetrics } from "../../../operator/framework/metrics.ts";
import type { EventRecorder } from "../../../operator/framework/write/events.ts";
import { Mind } from "../mind/mind.ts";
import { createSpeakerMetrics } from "../report/speaker-metrics.ts";
import type { ToBeat, ToWire } from "../threads/messages.ts";
import { SharedState } from "../threads/shared-state.ts";

export const namespace = "metallb-system";
const speakerLabels = { app: "metallb", component: "speaker" };

/** A mind on node n1 of a cluster in memory, whose wire is the test. */
export class MindWorld {
  readonly clock = new FakeClock();
  readonly api = new FakeApi(() => this.clock.now());
  readonly log = new FakeLog();
  readonly shared = new SharedState(SharedState.allocate());
  readonly posted: ToWire[] = [];
  /** What the beat was told. */
  readonly toBeat: ToBeat[] = [];
  readonly recorded: string[] = [];
  readonly transitions: string[] = [];
  /** Services whose advertisement changed. */
  readonly advertised: string[] = [];
  /** How often the ConfigurationState was to follow. */
  reports = 0;
  readonly metrics = createMetrics();
  readonly mind: Mind;
  readonly #abort = new AbortController();
  #ticking = true;

  /** @param membership the beat runs the membership protocol; the test is the beat. */
  constructor(podLabels = "app=metallb,component=speaker", membership = false, addressProbeMs = 0) {
    const events: EventRecorder = {
      record: ({ metadata }, type, reason, message) => this.recorded.push(`${metadata.name} ${type} ${reason} ${message}`),
    };
    this.mind = new Mind({
      api: this.api,
      clock: this.clock,
      log: this.log,
      node: "n1",
      namespace,
      podLabels,
      membership,
      addressProbeMs,
      intent: { lbClass: undefined, ignoreExcludeLB: false },
      sha256: (text) => createHash("sha256").update(text).digest(),
      shared: this.shared,
      sharedNow: () => this.clock.monotonic() + 1,
      yieldThen: (run) => queueMicrotask(run),
      post: (message) => this.posted.push(message),
      postToBeat: (message) => this.toBeat.push(message),
      events,
      metrics: createSpeakerMetrics(this.metrics),
      onTransition: (service) => this.transitions.push(service),
      onAdvertised: (service) => this.advertised.push(service),
      onConfiguration: () => {
        this.reports += 1;
      },
    });
  }

  /** Starts the mind with a wire that ticks and has the interface eth0. */
  async start(): Promise<void> {
    this.shared.setTapsAlive(true);
    this.shared.tick(this.clock.monotonic() + 1);
    void this.mind.start(this.#abort.signal);
    this.mind.receive({ type: "interfaces", names: ["eth0"], usable: [] });
    await this.pass(100);
  }

  /** Time passes in steps; the wire ticks unless it is held. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 50) {
      if (this.#ticking) this.shared.tick(this.clock.monotonic() + 1);
      await this.clock.advance(Math.min(50, left));
    }
    await settle();
  }

  holdWire(held: boolean): void {
    this.#ticking = !held;
  }

  stop(): void {
    this.#abort.abort();
  }

  /** Services by what the wire was told last, empty ones left out. */
  get announced(): Readonly<Record<string, readonly string[]>> {
    const present = new Map<string, readonly string[]>();
    for (const message of this.posted) {
      if (message.type !== "changes") continue;
      for (const { service, announcements } of message.changes) {
        if (announcements.length === 0) present.delete(service);
        else
          present.set(
            service,
            announcements.map(({ address }) => address.bits.toString(16)),
          );
      }
    }
    return Object.fromEntries([...present].sort());
  }

  /** Prefixes of Services by what the wire was told last, each with the number of its communities; empty ones left out. */
  get routes(): Readonly<Record<string, readonly string[]>> {
    const present = new Map<string, readonly string[]>();
    for (const message of this.posted) {
      if (message.type !== "routes") continue;
      for (const { service, announcements } of message.changes) {
        const texts = announcements.map(({ prefix, attributes }) => `${formatPrefix(prefix)} ${attributes.communities.length}`);
        if (texts.length === 0) present.delete(service);
        else present.set(service, texts);
      }
    }
    return Object.fromEntries([...present].sort());
  }

  node(
    name: string,
    ready = true,
    nodeLabels: Readonly<Record<string, string>> = {},
    annotations: Readonly<Record<string, string>> = {},
  ): void {
    const conditions = [{ type: "Ready", status: ready ? "True" : "False" }];
    this.api.put(resourceTypes.nodes, { metadata: { name, labels: nodeLabels, annotations }, status: { conditions } });
  }

  /** Nodes n1 and n2, each with its speaker, and what tells the cluster from others: enough for the membership protocol. */
  twoMembers(addresses: { readonly n1?: string; readonly n2?: string } = {}): void {
    this.api.put(resourceTypes.namespaces, { metadata: { name: "kube-system", uid: "cluster-uid" } });
    for (const name of ["n1", "n2"] as const) {
      this.node(name);
      this.speaker(name, true, addresses[name]);
    }
  }

  /** A speaker's Pod of ours. */
  speaker(node: string, ready = true, address = "", leaving = false): void {
    const pod: Pod = {
      metadata: {
        ...(leaving && { deletionTimestamp: "2026-01-01T00:00:00Z" }),
        name: `speaker-${node}`,
        namespace,
        labels: speakerLabels,
        annotations: { [heraldAnnotations.generation]: "1" },
      },
      spec: { nodeName: node },
      status: { phase: "Running", podIP: address, conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
    };
    this.api.put(resourceTypes.pods, pod);
  }

  /** A pool of 192.0.2.0/24 and an advertisement for all of it, limited to interfaces if some are given. */
  pool(interfaces: readonly string[] = []): void {
    this.api.put(resourceTypes.ipaddresspools, {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: { name: "pool", namespace },
      spec: { addresses: ["192.0.2.0/24"], avoidBuggyIPs: true },
    } as { readonly metadata: { readonly name: string } });
    this.api.put(resourceTypes.l2advertisements, {
      apiVersion: "metallb.io/v1beta1",
      kind: "L2Advertisement",
      metadata: { name: "all", namespace },
      spec: { interfaces },
    } as { readonly metadata: { readonly name: string } });
  }

  /** A BGPAdvertisement for all pools, with such a spec. */
  bgpAdvertisement(spec: object = {}): void {
    this.api.put(resourceTypes.bgpadvertisements, {
      apiVersion: "metallb.io/v1beta1",
      kind: "BGPAdvertisement",
      metadata: { name: "bgp", namespace },
      spec,
    } as { readonly metadata: { readonly name: string } });
  }

  /** A LoadBalancer Service with that address, and one endpoint that serves on n2. */
  service(name: string, ip: string, serving = true): void {
    const service: Service = {
      metadata: { name, namespace: "default" },
      spec: { type: "LoadBalancer" },
      status: { loadBalancer: { ingress: [{ ip }] } },
    };
    this.api.put(resourceTypes.services, service);
    this.endpoint(name, serving);
  }

  /** The one endpoint of a Service, on n2. */
  endpoint(name: string, serving: boolean): void {
    this.api.put(resourceTypes.endpointslices, {
      metadata: { name: `${name}-1`, namespace: "default", labels: { [labels.serviceOfEndpointSlice]: name } },
      endpoints: [{ nodeName: "n2", addresses: ["10.0.0.1"], conditions: { ready: serving } }],
    } as { readonly metadata: { readonly name: string } });
  }
}
