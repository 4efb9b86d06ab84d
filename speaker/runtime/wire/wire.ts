import type { Address } from "../../../crds/net/address.ts";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import { formatMac } from "../../codec/mac.ts";
import type { GratuitousOptions } from "../../l2/gratuitous.ts";
import { initialMute, type MuteEvent, type MuteState, maySpeak, transitionMute } from "../../l2/mute.ts";
import type { FactLink } from "../../membership/own-facts.ts";
import type { GroupMembership, Link, LinkMonitor, TapFactory } from "../../native/ports.ts";
import { ExclusionVerdicts } from "../layer2/exclusion-verdicts.ts";
import { FrameCounter } from "../layer2/frame-counter.ts";
import { L2Announcer } from "../layer2/l2-announcer.ts";
import type { AnnouncementChange, Farewell, RouteChange, SegmentWord, ToBgp, ToMind, ToWire } from "../threads/messages.ts";
import type { SharedState } from "../threads/shared-state.ts";

export type WireOptions = {
  readonly taps: TapFactory;
  readonly links: LinkMonitor;
  readonly groups: GroupMembership;
  readonly gratuitous: GratuitousOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly shared: SharedState;
  /** The clock of {@link SharedState}. */
  readonly sharedNow: () => number;
  /** Runs the callback after frames that wait have been handled. */
  readonly yieldThen: (run: () => void) => void;
  readonly post: (message: ToMind) => void;
  readonly postToBeat: (message: SegmentWord | Farewell) => void;
  /** How long a probe for an address takes. */
  readonly probeMs: number;
  /** The routers of this node's default routes. */
  readonly gateways: () => Promise<readonly Address[]>;
  /** Absent: nobody speaks BGP here. */
  readonly bgp?: BgpPart;
  /** The mind has stopped after {@link Wire.stop}. */
  readonly onStopped: () => void;
};

/** What speaks BGP in this thread. Nothing that is asked of it takes more than a few milliseconds. */
export interface BgpPart {
  /** In the order in which it was sent. */
  receive(message: ToBgp): void;
  setLinks(links: readonly Link[]): void;
  /** This process ends soon: routers that are to send their traffic elsewhere are told now. */
  leave(): void;
  /** It ends now. */
  close(): void;
}

/** How often this thread says that it runs, and while it is being stopped looks whether it may go. */
const TICK_MS = 200;
const LEAVING_TICK_MS = 100;
const COUNTS_EVERY_TICKS = 5;
/** After so long a node that is being stopped goes, whoever has not taken over. */
const LEAVE_MS = 4_000;
/** Changes taken over before frames are looked at again, in however many messages they came. */
const CHANGES_AT_ONCE = 200;
const ROUTES_AT_ONCE = 100;

/**
 * The thread that answers, and does nothing else. It follows the mind's differences of the intent in small steps, says
 * by its tick that it runs, and is mute after it stood still until the mind has affirmed the intent.
 */
export class Wire {
  readonly #options: WireOptions;
  readonly #announcer: L2Announcer;
  readonly #counter = new FrameCounter();
  readonly #exclusion = new ExclusionVerdicts();
  #links: readonly Link[] = [];
  /** The interfaces that the mind knows of. */
  #told: string | undefined;
  /** Messages in order; a long list of changes is taken from its front in slices. */
  readonly #inbox: ToWire[] = [];
  #taking = false;
  #mute: MuteState;
  #ticks = 0;
  #cancelTick: Cancel = () => undefined;
  #cancelFollow: Cancel = () => undefined;
  /** On the clock of the options; undefined: this node is not being stopped. */
  #leavingSince: number | undefined;
  #closed = false;

  constructor(options: WireOptions) {
    this.#options = options;
    this.#mute = initialMute(options.sharedNow());
    this.#announcer = new L2Announcer({
      ...options,
      isExcluded: (name) => this.#exclusion.isExcluded(name),
      counter: this.#counter,
      maySpeak: () => this.#maySpeak(),
      onSegment: (word) => options.postToBeat(word),
      onRivals: (report) => options.post(report),
      onTaps: () => this.#share(),
    });
  }

  start(): void {
    const { links, post } = this.#options;
    links.start((table, missed) => {
      this.#links = table;
      if (!this.#closed) this.#options.bgp?.setLinks(table);
      const unknown = this.#exclusion.follow(table.map(({ name }) => name));
      if (unknown.length > 0) post({ type: "judge-interfaces", names: unknown });
      this.#followLinks(missed);
    });
    this.#tick();
  }

  /** Takes a message of the mind's. */
  receive(message: ToWire): void {
    this.#inbox.push(message);
    this.#takeLater();
  }

  /** Hands all addresses over to other nodes, then says nothing more and lets the mind clean up. */
  stop(): void {
    if (this.#leavingSince !== undefined) return;
    this.#leavingSince = this.#options.clock.monotonic();
    this.#options.postToBeat({ type: "leave" });
    this.#options.post({ type: "leave" });
    this.#options.bgp?.leave();
    this.#tickLater();
  }

  /** The others have heard that this node leaves, and answer for what was its; or there is nobody who could. */
  #closeWhenLeft(): void {
    if (this.#leavingSince === undefined) return;
    const waitedMs = this.#options.clock.monotonic() - this.#leavingSince;
    if (this.#announcer.size > 0 && waitedMs < LEAVE_MS) return;
    this.#close();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTick();
    this.#cancelFollow();
    this.#options.links.close();
    this.#announcer.close();
    this.#options.bgp?.close();
    this.#options.postToBeat({ type: "stop" });
    this.#options.post({ type: "stop" });
  }

  #followLinks(missed = false): void {
    if (this.#closed) return;
    const { names, usable } = this.#announcer.setLinks(this.#links, missed);
    this.#share();
    this.#followLinksLater();
    // Before all verdicts are in, an advertisement could seem to name an interface that does not exist.
    if (!this.#exclusion.complete) return;
    const told = `${names.join("/")} ${usable.map(textOfLink).join("/")}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#options.post({ type: "interfaces", names, usable });
  }

  #followLinksLater(): void {
    this.#cancelFollow();
    const at = this.#announcer.linksChangeAt;
    if (at === undefined) return;
    const { clock } = this.#options;
    this.#cancelFollow = clock.after(at - clock.monotonic(), () => this.#followLinks());
  }

  #tick(): void {
    this.#event({ type: "awake", now: this.#options.sharedNow() });
    if (this.#options.shared.handedOver) this.#event({ type: "handed-over" });
    this.#share();
    this.#ticks += 1;
    if (this.#ticks % COUNTS_EVERY_TICKS === 0) this.#reportCounts();
    this.#tickLater();
    this.#closeWhenLeft();
  }

  #tickLater(): void {
    const tickMs = this.#leavingSince === undefined ? TICK_MS : LEAVING_TICK_MS;
    this.#cancelTick();
    this.#cancelTick = this.#options.clock.after(tickMs, () => this.#tick());
  }

  #share(): void {
    const { shared, sharedNow } = this.#options;
    shared.setTapsAlive(this.#announcer.tapsAlive);
    shared.setMuted(this.#mute.muted);
    shared.tick(sharedNow());
  }

  #reportCounts(): void {
    const counts = this.#counter.take();
    if (counts.length > 0) this.#options.post({ type: "counts", counts });
  }

  #maySpeak(): boolean {
    return !this.#closed && maySpeak(this.#mute, this.#options.sharedNow());
  }

  #event(event: MuteEvent): void {
    const { post, log } = this.#options;
    const { state, effects } = transitionMute(this.#mute, event);
    this.#mute = state;
    for (const effect of effects) {
      if (effect.type === "ask-affirmation") {
        log.warn("this node stood still and is mute until its addresses are affirmed", { epoch: effect.epoch });
        post({ type: "affirm", epoch: effect.epoch });
      } else {
        this.#announcer.endHandOvers();
        log.info("this node speaks again", { addresses: this.#announcer.size });
        this.#announcer.announceAll();
      }
    }
  }

  #takeLater(): void {
    if (this.#taking) return;
    this.#taking = true;
    this.#options.yieldThen(() => {
      this.#taking = false;
      this.#takeSlice();
      if (this.#inbox.length > 0) this.#takeLater();
    });
  }

  #takeSlice(): void {
    const message = this.#inbox.shift();
    if (message === undefined) return;
    switch (message.type) {
      case "changes":
        this.#takeChanges(message.changes);
        return;
      case "routes":
        this.#takeRoutes(message.changes);
        return;
      case "routes-complete":
      case "bgp-sessions":
      case "node-drains":
      case "bgp-trace":
        if (!this.#closed) this.#options.bgp?.receive(message);
        return;
      case "announce-again":
        if (!this.#closed) this.#announcer.announceAll();
        return;
      case "affirmed":
        this.#event(message);
        return;
      case "freeze":
        if (!this.#closed) this.#announcer.freeze();
        return;
      case "thaw":
        this.#announcer.thaw();
        return;
      case "ask-segment":
        if (!this.#closed) void this.#announcer.askSegment(message);
        return;
      case "probe":
        if (!this.#closed) this.#announcer.rivals.probe(message.announcements);
        return;
      case "hush":
        this.#announcer.hush();
        return;
      case "defend":
        if (!this.#closed) this.#announcer.rivals.defend(message.ip);
        return;
      case "member-macs":
        this.#announcer.rivals.setMemberMacs(message.macs);
        return;
      case "exclusion":
        this.#exclusion.learn(message.verdicts);
        this.#followLinks();
        return;
      case "stopped":
        this.#options.onStopped();
        return;
    }
  }

  #takeChanges(first: readonly AnnouncementChange[]): void {
    if (this.#closed) return;
    const changes = [...first];
    for (let next = this.#inbox[0]; next?.type === "changes" && changes.length < CHANGES_AT_ONCE; next = this.#inbox[0]) {
      changes.push(...next.changes);
      this.#inbox.shift();
    }
    this.#announcer.apply(changes.slice(0, CHANGES_AT_ONCE));
    if (changes.length > CHANGES_AT_ONCE) this.#inbox.unshift({ type: "changes", changes: changes.slice(CHANGES_AT_ONCE) });
  }

  #takeRoutes(changes: readonly RouteChange[]): void {
    if (this.#closed) return;
    this.#options.bgp?.receive({ type: "routes", changes: changes.slice(0, ROUTES_AT_ONCE) });
    if (changes.length > ROUTES_AT_ONCE) this.#inbox.unshift({ type: "routes", changes: changes.slice(ROUTES_AT_ONCE) });
  }
}

function textOfLink({ name, mac, addresses }: FactLink): string {
  return `${name} ${formatMac(mac)} ${addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`).join(" ")}`;
}
