import { randomBytes } from "node:crypto";
import type { Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import type { MembershipEvent } from "../../membership/event.ts";
import type { MemberView } from "../../membership/member-view.ts";
import { Membership } from "../../membership/membership.ts";
import { lanTiming, wanTiming } from "../../membership/timing.ts";
import type { Alarm } from "../../native/alarm.ts";
import type { DatagramOptions, Datagrams } from "../../native/datagrams.ts";
import type { BeatToMind, SegmentWord, ToMembership } from "../threads/messages.ts";
import type { MembershipOptions } from "../threads/thread-data.ts";
import { MembershipDriver } from "./membership-driver.ts";
import { MembershipSeal } from "./membership-seal.ts";

export type BeatMembershipOptions = {
  readonly settings: MembershipOptions;
  readonly node: string;
  readonly secret: Uint8Array | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly open: (options: DatagramOptions) => Promise<Datagrams>;
  readonly openAlarm: (onRing: () => void) => Alarm;
  readonly wireAlive: () => boolean;
  /** Whether the mind follows the cluster: addresses that are given to a node without one would have no owner. */
  readonly mindAlive: () => boolean;
  /** Another node takes the addresses of this one, whose own mind cannot give them up. */
  readonly onHandedOver: (handedOver: boolean) => void;
  readonly post: (message: BeatToMind) => void;
};

/** From one attempt to bind the port to the next. */
const RETRY_MS = 1_000;
const DROPS_EVERY_LOOKS = 25;
const unspecified: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** The membership protocol of this node: begins when the mind has said which cluster this is. */
export class BeatMembership {
  readonly #options: BeatMembershipOptions;
  readonly #startId = randomBytes(16).toString("hex");
  readonly #waiting: Exclude<ToMembership, { readonly type: "cluster" | "ask" | "answer" }>[] = [];
  #driver: MembershipDriver | undefined;
  #seal: MembershipSeal | undefined;
  #datagrams: Datagrams | undefined;
  #view: MemberView | undefined;
  #wanted = true;
  #willing = true;
  #looks = 0;
  #complained = false;
  #stopped = false;

  constructor(options: BeatMembershipOptions) {
    this.#options = options;
  }

  /** Takes a message of the mind's or of the wire's. */
  receive(message: ToMembership | SegmentWord): void {
    if (message.type === "cluster") {
      this.#begin(message.uid);
      return;
    }
    if (message.type === "willing") {
      this.#wanted = message.willing;
      this.#tellWilling();
      return;
    }
    if (message.type === "ask" || message.type === "answer") {
      this.#driver?.take(eventOf(message));
      return;
    }
    if (this.#driver !== undefined) this.#driver.take(message);
    else if (message.type !== "segment") this.#waiting.push(message);
  }

  /** The Secret was read again. */
  setSecret(secret: Uint8Array): void {
    const { log, clock } = this.#options;
    if (this.#seal === undefined) return;
    const problem = this.#seal.setSecret(secret, clock.monotonic());
    if (problem !== undefined) log.error("the membership Secret cannot be used; the former one stays in force", { problem });
  }

  /** Why no address should be given to this node; undefined: there is no reason. */
  get trouble(): string | undefined {
    return this.#view?.company === "cut-off" ? "neither other speakers nor the segment are heard" : undefined;
  }

  /** Gives everything up, but stays until {@link stop}. */
  leave(): void {
    this.#driver?.take({ type: "leave" });
  }

  /** Says the last words. */
  stop(): void {
    this.#stopped = true;
    this.#driver?.stop();
    this.#datagrams?.close();
  }

  #begin(cluster: string): void {
    if (this.#driver !== undefined || this.#stopped) return;
    const { settings, node, secret, clock, log, wireAlive, openAlarm, post } = this.#options;
    this.#seal = new MembershipSeal({ nodeName: node, startId: this.#startId, cluster }, secret);
    if (secret === undefined) log.warn("membership is not sealed: set --ml-secret-key-path, so that nobody can speak for a node");
    const machine = new Membership(
      {
        name: node,
        address: this.#ownAddress(),
        startId: this.#startId,
        timing: settings.wan ? wanTiming : lanTiming,
        random: Math.random,
        nonce: () => randomBytes(16).toString("hex"),
      },
      clock.monotonic(),
    );
    this.#driver = new MembershipDriver({
      machine,
      seal: this.#seal,
      datagrams: () => this.#datagrams,
      clock,
      openAlarm,
      wireAlive,
      onLook: () => this.#look(),
      onView: (view) => this.#show(view),
      onContest: post,
      onQuestion: (question, silent) => post({ type: "ask-segment", question, silent }),
    });
    for (const message of this.#waiting.splice(0)) this.#driver.take(message);
    void this.#bind();
    this.#driver.start();
    this.#tellWilling();
  }

  /** Where the others reach this node: of a socket bound to all addresses, what the API says of the Pod. */
  #ownAddress(): string {
    const { node, settings } = this.#options;
    if (!unspecified.has(settings.address)) return settings.address;
    const pods = this.#waiting.flatMap((message) => (message.type === "speakers" ? message.pods : []));
    return pods.findLast((pod) => pod.node === node)?.address ?? settings.address;
  }

  async #bind(): Promise<void> {
    const { open, settings, log, clock } = this.#options;
    const again = (reason: string): void => {
      if (!this.#complained) log.error("the membership port cannot be used; trying again", { port: settings.port, reason });
      this.#complained = true;
      this.#datagrams = undefined;
      if (!this.#stopped) clock.after(RETRY_MS, () => void this.#bind());
    };
    try {
      const { address, port } = settings;
      const onDatagram = (octets: Uint8Array, from: string): void => this.#driver?.receive(octets, from);
      this.#datagrams = await open({ address, port, onDatagram, onClosed: again });
      this.#complained = false;
      if (this.#stopped) this.#datagrams.close();
    } catch (error) {
      again(error instanceof Error ? error.message : String(error));
    }
  }

  #show(view: MemberView): void {
    this.#view = view;
    this.#options.post({ type: "members", view });
  }

  #look(): void {
    this.#tellWilling();
    this.#looks += 1;
    const dropped = this.#looks % DROPS_EVERY_LOOKS === 0 ? (this.#driver?.takeDropped() ?? {}) : {};
    if (Object.keys(dropped).length > 0) this.#options.post({ type: "dropped", dropped });
  }

  #tellWilling(): void {
    const { mindAlive, onHandedOver } = this.#options;
    const alive = mindAlive();
    onHandedOver(!alive && this.#othersTake());
    const willing = this.#wanted && alive;
    if (this.#driver === undefined || willing === this.#willing) return;
    this.#willing = willing;
    this.#driver.take({ type: "willing", willing });
  }

  #othersTake(): boolean {
    const { node } = this.#options;
    const members = this.#view?.members ?? new Map();
    return [...members].some(([name, { candidate }]) => name !== node && candidate);
  }
}

function eventOf(message: Extract<ToMembership, { readonly type: "ask" | "answer" }>): MembershipEvent {
  if (message.type === "answer") return { ...message, type: "stands" };
  return { ...message, type: "contest" };
}
