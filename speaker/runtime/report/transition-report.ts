import { eventReasons, heraldEventReasons } from "../../../crds/types/well-known.ts";
import type { Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import type { EventRecorder } from "../../../operator/framework/write/events.ts";
import type { BgpReason } from "../../intent/bgp-reason.ts";
import { bgpCauseOf, type Cause, causeOf } from "../../intent/cause.ts";
import type { Context } from "../../intent/context.ts";
import { type Shortcoming, shortcomingText } from "../../intent/reason.ts";
import type { Unreachable } from "../../status/unreachable.ts";
import type { BgpTransition } from "../bgp/bgp-announcements.ts";
import type { Cluster } from "../intent/cluster.ts";
import { type Failure, ipsOf, type Outcome, type Transition } from "../layer2/announcements.ts";
import { History } from "./history.ts";
import type { SpeakerMetrics } from "./speaker-metrics.ts";

/** A transition for people. Texts are canonical addresses. */
export type Told = {
  readonly key: string;
  readonly protocol: "layer2" | "bgp";
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly cause: Cause;
  readonly reason: Transition["reason"] | BgpReason;
  /** The node that announces it now, when it is another and known. */
  readonly owner: string | undefined;
};

export type TransitionReportOptions = {
  readonly cluster: Pick<Cluster, "service" | "endpoints" | "object">;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: SpeakerMetrics;
  readonly events: EventRecorder;
  readonly node: string;
  readonly yieldThen: (run: () => void) => void;
  /** Something else is decided: whoever waits for that goes before words. */
  readonly deciding: () => boolean;
  /** What this node says of one Service changed: its status objects are to follow. */
  readonly onTransition: (service: string) => void;
};

/** The contexts before and after a transition; `before` is undefined where the context was the same. */
export type Circumstances = { readonly before: Context | undefined; readonly after: Context; readonly starting: boolean };

const HISTORY_LENGTH = 1_000;
/** Told before others get their turn: for each, elections are held to find the cause. */
const TOLD_AT_ONCE = 16;

const eventOfShortcoming = {
  noNodeHasInterface: { type: "Warning", reason: heraldEventReasons.interfaceMissing },
  // Addresses that a router is told to ask for on the nodes' segment are meant so.
  noNodeReachesSubnet: { type: "Normal", reason: heraldEventReasons.subnetNotReached },
} as const satisfies { readonly [shortcoming in Shortcoming]: object };

/**
 * Tells what this node began and ended to announce: history, log, metrics, events and status objects. All of it waits until
 * everything is announced that is to be: nobody waits for words.
 */
export class TransitionReport {
  readonly #options: TransitionReportOptions;
  readonly history = new History<Told>(HISTORY_LENGTH);
  readonly #waiting: (() => void)[] = [];
  #telling = false;

  constructor(options: TransitionReportOptions) {
    this.#options = options;
  }

  add({ transitions, failures, unreachable }: Outcome, circumstances: Circumstances): void {
    for (const transition of transitions) this.#waiting.push(() => this.#tell(transition, circumstances));
    for (const failure of failures) this.#waiting.push(() => this.#tellFailure(failure));
    for (const one of unreachable) this.#waiting.push(() => this.#tellUnreachable(one));
  }

  addBgp(transitions: readonly BgpTransition[], circumstances: Circumstances): void {
    for (const transition of transitions) this.#waiting.push(() => this.#tellBgp(transition, circumstances));
  }

  /** Everything that was decided is announced. */
  settled(): void {
    if (this.#telling || this.#waiting.length === 0) return;
    this.#telling = true;
    this.#options.yieldThen(() => {
      this.#telling = false;
      if (this.#options.deciding()) return; // settled follows
      for (const tell of this.#waiting.splice(0, TOLD_AT_ONCE)) tell();
      this.settled();
    });
  }

  #tell(transition: Transition, circumstances: Circumstances): void {
    const { key, reason, owner } = transition;
    const [before, after] = [ipsOf(transition.before), ipsOf(transition.after)];
    this.#say({ key, protocol: "layer2", before, after, cause: this.#causeOf(transition, circumstances), reason, owner });
    this.#options.onTransition(key);
  }

  #tellBgp({ key, before, after, announced, reason, touched }: BgpTransition, circumstances: Circumstances): void {
    const { cluster } = this.#options;
    const seen = { service: cluster.service(key), endpoints: cluster.endpoints(key) };
    const cause = circumstances.starting ? "start" : bgpCauseOf({ ...seen, ...circumstances, announced, touched });
    this.#say({ key, protocol: "bgp", before, after, cause, reason, owner: undefined });
  }

  #say(told: Told): void {
    const { clock, log, metrics, node } = this.#options;
    const { key, protocol, before, after, cause, reason, owner } = told;
    this.history.add(clock.now(), told);
    if (after.length > 0) log.info("announcing", { service: key, ips: after, protocol, cause });
    else log.info("withdrawn", { service: key, ips: before, protocol, cause, reason, owner });
    for (const ip of before) metrics.announced.remove({ service: key, protocol, node, ip });
    for (const ip of after) metrics.announced.setFor({ service: key, protocol, node, ip }, 1);
    const counter = protocol === "bgp" ? metrics.bgpTransitions : metrics.transitions;
    if (before.length === 0) counter.add({ to: "announced", cause });
    if (after.length === 0) counter.add({ to: "withdrawn", cause });
    if (after.length === 0) return;
    this.#event(key, "Normal", eventReasons.nodeAssigned, `announcing from node "${node}" with protocol "${protocol}"`);
  }

  #causeOf({ key, before: announced, touched }: Transition, { before, after, starting }: Circumstances): Cause {
    if (starting) return "start";
    const { cluster } = this.#options;
    return causeOf({ service: cluster.service(key), endpoints: cluster.endpoints(key), announced, touched, before, after });
  }

  #tellFailure({ key, ip }: Failure): void {
    const { node } = this.#options;
    const message = `the interfaces specified by LB IP "${ip}" don't exist in assigned node "${node}" with protocol "layer2"`;
    this.#event(key, "Warning", eventReasons.announceFailed, message);
  }

  #tellUnreachable({ key, ips, shortcoming }: Unreachable): void {
    const { type, reason } = eventOfShortcoming[shortcoming];
    this.#event(key, type, reason, `${ips.join(", ")}: ${shortcomingText[shortcoming]}`);
  }

  #event(key: string, type: "Normal" | "Warning", reason: string, message: string): void {
    const { cluster, events } = this.#options;
    const service = cluster.object(key);
    if (service === undefined) return;
    events.record({ apiVersion: "v1", kind: "Service", metadata: service.metadata }, type, reason, message);
  }
}
