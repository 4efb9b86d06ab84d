import type {
  FrameTap,
  GroupMembership,
  Link,
  LinkMonitor,
  RouterTapFactory,
  TapEvents,
  TapFactory,
  TapProtocol,
} from "../ports.ts";
import { ethernetLink } from "./link.ts";

/** "router": router discovery. */
type Heard = TapProtocol | "router";

type OpenTap = {
  readonly port: LanPort;
  readonly protocol: Heard;
  readonly events: TapEvents;
  targets: Uint32Array | undefined;
};

/** One Ethernet segment in memory. Frames are delivered at once, in order, to every other port's open taps. */
export class Lan {
  readonly taps = new Set<OpenTap>();
  /** Every frame that was sent, oldest first. */
  readonly frames: { readonly from: string; readonly octets: Uint8Array }[] = [];

  transmit(from: LanPort, octets: Uint8Array): boolean {
    if (!from.link.up || !from.link.carrier) return false;
    this.frames.push({ from: from.link.name, octets });
    const protocol = protocolOf(octets);
    for (const tap of [...this.taps]) {
      if (tap.port !== from && tap.port.link.up && tap.protocol === protocol && isAskedFor(octets, tap))
        tap.events.onFrame(octets.slice());
    }
    return true;
  }

  /** Takes the frames sent so far. */
  take(): readonly Uint8Array[] {
    return this.frames.splice(0).map(({ octets }) => octets);
  }
}

/** An interface of a fake host on a segment. */
export class LanPort {
  readonly lan: Lan;
  link: Link;

  constructor(lan: Lan, link: Link) {
    this.lan = lan;
    this.link = link;
  }

  /** Puts a frame on the wire, as if another program on the host sent it. */
  send(octets: Uint8Array): boolean {
    return this.lan.transmit(this, octets);
  }
}

/** A host with ports: its taps, its link monitor and its groups, all in memory. */
export class LanHost implements TapFactory, LinkMonitor, GroupMembership {
  readonly name = "af-packet";
  readonly groups = new Set<string>();
  readonly #ports = new Map<number, LanPort>();
  #onLinks: (links: readonly Link[], missed: boolean) => void = () => undefined;
  /** Reason with which the next opening of a tap fails. */
  failOpen: string | undefined;
  /** False: a tap whose link goes down is deaf from then on and does not say so. */
  tapsSayWhenDown = true;
  /** True: the kernel refuses every frame. */
  refuseFrames = false;

  /** Adds or replaces an interface and tells the monitor. */
  attach(lan: Lan, link: Link): LanPort {
    const port = new LanPort(lan, link);
    this.#ports.set(link.index, port);
    this.#report();
    return port;
  }

  /** Changes an interface; its taps die when it goes down. */
  change(index: number, changes: Partial<Link>): void {
    if (this.#changed(index, changes)) this.#report();
  }

  /** An interface goes down and comes back while the monitor loses events. */
  flapUnseen(index: number): void {
    this.#changed(index, { up: false });
    this.#changed(index, { up: true });
    this.#report(true);
  }

  detach(index: number): void {
    const port = this.#ports.get(index);
    this.#ports.delete(index);
    if (port !== undefined) this.#killTaps(port);
    this.#report();
  }

  open(link: Link, protocol: TapProtocol, events: TapEvents): FrameTap {
    return this.#open(link, protocol, events);
  }

  /** The same host's taps for router discovery. */
  get routerTaps(): RouterTapFactory {
    return { open: (link, events) => this.#open(link, "router", events) };
  }

  #open(link: Link, protocol: Heard, events: TapEvents): FrameTap {
    const port = this.#ports.get(link.index);
    const failure = this.failOpen ?? (port === undefined ? `there is no interface ${link.name}` : undefined);
    if (port === undefined || failure !== undefined) throw new Error(failure);
    const tap: OpenTap = { port, protocol, events, targets: undefined };
    port.lan.taps.add(tap);
    return {
      send: (frame) => !this.refuseFrames && port.lan.taps.has(tap) && port.lan.transmit(port, frame),
      askFor: (targets) => {
        tap.targets = targets;
      },
      close: () => {
        port.lan.taps.delete(tap);
      },
    };
  }

  start(onLinks: (links: readonly Link[], missed: boolean) => void): void {
    this.#onLinks = onLinks;
    this.#report();
  }

  join(group: string, interfaceName: string): void {
    this.groups.add(`${group}%${interfaceName}`);
  }

  leave(group: string, interfaceName: string): void {
    this.groups.delete(`${group}%${interfaceName}`);
  }

  close(): void {
    this.#onLinks = () => undefined;
    this.groups.clear();
  }

  #changed(index: number, changes: Partial<Link>): boolean {
    const port = this.#ports.get(index);
    if (port === undefined) return false;
    port.link = { ...port.link, ...changes };
    if (!port.link.up) this.#killTaps(port);
    return true;
  }

  #killTaps(port: LanPort): void {
    for (const tap of [...port.lan.taps]) {
      if (tap.port === port && port.lan.taps.delete(tap) && this.tapsSayWhenDown) tap.events.onClosed("ENETDOWN");
    }
  }

  #report(missed = false): void {
    this.#onLinks(
      [...this.#ports.values()].map(({ link }) => link).sort((a, b) => a.index - b.index),
      missed,
    );
  }
}

/** An Ethernet link that is up, with the link-local address that the index gives. */
export function ipv6Link(index: number, name: string, mac: Uint8Array): Link {
  const linkLocal = { address: `fe80::${index.toString(16)}`, prefixLength: 64, family: "IPv6", tentative: false } as const;
  return ethernetLink(index, name, mac, [linkLocal]);
}

function protocolOf(octets: Uint8Array): Heard | undefined {
  const etherType = (octets[12] ?? 0) * 256 + (octets[13] ?? 0);
  if (etherType === 0x0806) return "arp";
  if (etherType === 0x86dd && (octets[54] === 133 || octets[54] === 134)) return "router";
  return etherType === 0x86dd && (octets[54] === 135 || octets[54] === 136) ? "ndp" : undefined;
}

/** True unless it is a question for another address than the tap asks for. */
function isAskedFor(frame: Uint8Array, { targets, protocol }: OpenTap): boolean {
  const isQuestion = protocol === "arp" ? frame[21] === 1 : frame[54] === 135;
  if (targets === undefined || !isQuestion) return true;
  return targets.includes(new DataView(frame.buffer, frame.byteOffset).getUint32(protocol === "arp" ? 38 : 74));
}
