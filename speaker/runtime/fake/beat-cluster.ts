import { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import type { SpeakerPod } from "../../membership/event.ts";
import type { MemberView } from "../../membership/member-view.ts";
import { BeatMembership } from "../membership/beat-membership.ts";
import type { BeatToMind } from "../threads/messages.ts";
import { clockAlarm } from "./clock-alarm.ts";
import { UdpSegment } from "./udp-segment.ts";

export const aSecret = new TextEncoder().encode("a secret of 22 octets.");

/** One node's beat, whose wire and mind are the test. */
export class BeatNode {
  readonly log = new FakeLog();
  readonly posted: BeatToMind[] = [];
  readonly handedOver: boolean[] = [];
  readonly beat: BeatMembership;
  wireAlive = true;
  mindAlive = true;
  segment: "answers" | "silent" = "answers";
  /** How often its alarm rang. */
  rings = 0;

  constructor(world: BeatCluster, name: string, address: string) {
    this.beat = new BeatMembership({
      settings: { address, port: 7946, secretDirectory: "", wan: false },
      node: name,
      secret: world.secret,
      clock: world.clock,
      log: this.log,
      open: world.segment.open,
      openAlarm: (onRing) =>
        clockAlarm(world.clock, () => {
          this.rings += 1;
          onRing();
        }),
      wireAlive: () => this.wireAlive,
      mindAlive: () => this.mindAlive,
      onHandedOver: (handedOver) => this.handedOver.push(handedOver),
      post: (message) => {
        this.posted.push(message);
        if (message.type !== "ask-segment" || this.segment === "silent") return;
        const { question } = message;
        world.clock.after(50, () => this.beat.receive({ type: "segment", question, answered: true, seen: [] }));
      },
    });
  }

  get view(): MemberView | undefined {
    return this.posted.findLast((message) => message.type === "members")?.view;
  }

  get candidates(): readonly string[] {
    return [...(this.view?.members ?? [])].filter(([, { candidate }]) => candidate).map(([name]) => name);
  }
}

export type BeatClusterOptions = {
  /** Undefined: packets are readable. */
  readonly secret?: Uint8Array | undefined;
  /** The last octet of the first node's address. */
  readonly first?: number;
  /** Another cluster on the same segment. */
  readonly beside?: BeatCluster;
};

/** Nodes n1, n2 … of one cluster, in virtual time. */
export class BeatCluster {
  readonly clock: FakeClock;
  readonly segment: UdpSegment;
  readonly secret: Uint8Array | undefined;
  readonly pods: readonly SpeakerPod[];
  readonly nodes: readonly BeatNode[];

  constructor(count: number, options: BeatClusterOptions = {}) {
    const { first = 1, beside } = options;
    this.secret = "secret" in options ? options.secret : aSecret;
    this.clock = beside?.clock ?? new FakeClock();
    this.segment = beside?.segment ?? new UdpSegment();
    this.pods = Array.from({ length: count }, (_, i) => ({ node: `n${i + 1}`, address: `192.0.2.${first + i}`, ready: true }));
    this.nodes = this.pods.map(({ node, address }) => new BeatNode(this, node, address));
  }

  /** @param uids by node, of the cluster that it is told of. */
  async start(uids: readonly string[] = []): Promise<void> {
    for (const [i, { beat }] of this.nodes.entries()) {
      beat.receive({ type: "speakers", pods: this.pods });
      beat.receive({ type: "cluster", uid: uids[i] ?? "uid" });
    }
    await this.clock.advance(1_000);
  }

  node(index: number): BeatNode {
    const node = this.nodes[index];
    if (node === undefined) throw new RangeError(String(index));
    return node;
  }
}
