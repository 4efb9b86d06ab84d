import type { FrameTap, Link, TapEvents, TapFactory, TapProtocol } from "./ports.ts";

const RING_OCTETS = 1 << 20;
/** The ring holds one slot of this size for each frame, so that a smaller one keeps longer bursts. */
const MAX_FRAME_OCTETS = 512;
/** Between two attempts to free a closed session that is polled no more, and how many of them: an hour without ARP is a dead link. */
const REAP_MS = 1_000;
const REAP_ATTEMPTS = 3_600;
/** What the binding's dispatch answers once it has freed everything after close(). */
const FREED = -2;

const filters: { readonly [protocol in TapProtocol]: string } = {
  arp: "arp",
  ndp: "icmp6 and (ip6[40] = 135 or ip6[40] = 136)",
};

/** The native object inside a session. */
type Binding = {
  dispatch(frame: Uint8Array, header: Uint8Array): number;
  inject(frame: Uint8Array): boolean;
  read_callback: (() => void) | undefined;
};
type Guarded = Pick<Binding, "dispatch" | "inject">;
type PacketWithHeader = { readonly buf: Uint8Array; readonly header: Uint8Array };
type Session = {
  readonly session: Binding;
  readonly buf: Uint8Array;
  readonly header: Uint8Array;
  on(event: "packet", listener: (packet: PacketWithHeader) => void): void;
  close(): void;
};
type SessionOptions = {
  readonly filter: string;
  readonly promiscuous: boolean;
  readonly buffer_timeout: number;
  readonly snap_length: number;
  readonly buffer_size: number;
};
type Pcap = {
  warningHandler: (text: string) => void;
  createSession(device: string, options: SessionOptions): Session;
};

/**
 * Native objects of closed sessions. Their poll handles stay linked into the event loop although they are stopped, so
 * the garbage collector must never free them.
 */
const closed: Binding[] = [];

/**
 * Frames through libpcap. Only in the main thread: the package cannot be loaded a second time in a process.
 * @throws Error when the package is not installed or was not built.
 */
export async function loadPcapTaps(): Promise<TapFactory> {
  const pcap = await importPcap();
  // Its warnings go to stderr and only say that a link has no IPv4 address.
  pcap.warningHandler = () => undefined;
  return { name: "node-pcap", open: (...tap) => openTap(pcap, ...tap) };
}

async function importPcap(): Promise<Pcap> {
  // An optional dependency: a literal would not compile where it could not be built.
  const name = "node-pcap";
  const loaded: { readonly default?: unknown } = await import(name);
  if (!isPcap(loaded.default)) throw new Error("the package node-pcap does not have the functions that Herald knows");
  return loaded.default;
}

function isPcap(candidate: unknown): candidate is Pcap {
  return typeof candidate === "object" && candidate !== null && "createSession" in candidate && "warningHandler" in candidate;
}

function openTap(pcap: Pcap, link: Link, protocol: TapProtocol, events: TapEvents, promiscuous = false): FrameTap {
  const session = openSession(pcap, link, protocol, promiscuous);
  const binding = guarded(session.session);
  // What the ring holds by now may be from before the filter: it must not look like a wake-up without a frame.
  binding.dispatch(session.buf, session.header);
  let open = true;
  let seen = 0;

  const close = (): void => {
    if (!open) return;
    open = false;
    session.close();
    reapLater(session, binding, REAP_ATTEMPTS);
  };

  session.on("packet", ({ buf, header }) => {
    seen += 1;
    if (open) events.onFrame(Uint8Array.prototype.slice.call(buf, 0, capturedLength(header)));
  });
  session.session.read_callback = () => {
    const before = seen;
    const result = binding.dispatch(session.buf, session.header);
    // A wake-up without a frame is an error, which comes once and after which the event loop polls no more. One that comes
    // together with a frame cannot be told from the frame alone: libpcap has taken the error and kept it to itself.
    if (!open || (result >= 0 && seen > before)) return;
    close();
    events.onClosed(`${protocol} tap on ${link.name}: the interface went down`);
  };
  return { send: (frame) => open && binding.inject(frame), askFor: () => undefined, close };
}

/**
 * close() only marks a session: libpcap looks at the mark after the next frame that passes the filter, and the descriptor and
 * the ring live on until then. The frame wakes the session; only where the event loop has stopped polling, it must be
 * fetched. After the loop's own look at the descriptors: fetching takes an error away that would make the loop stop, and a
 * session that it polls for ever keeps the process from ending.
 */
function reapLater(session: Session, binding: Guarded, attempts: number): void {
  setTimeout(() => setImmediate(() => reap(session, binding, attempts)), REAP_MS).unref();
}

function reap(session: Session, binding: Guarded, attempts: number): void {
  if (binding.dispatch(session.buf, session.header) !== FREED && attempts > 0) {
    reapLater(session, binding, attempts - 1);
    return;
  }
  session.session.read_callback = undefined;
  closed.push(session.session);
}

function openSession(pcap: Pcap, link: Link, protocol: TapProtocol, promiscuous: boolean): Session {
  try {
    return pcap.createSession(link.name, {
      // A tag that the NIC has taken off is visible to the filter only through "vlan".
      filter: `${filters[protocol]} and not ether src ${macText(link.mac)} and not vlan`,
      promiscuous,
      // Zero asks for immediate mode; any other value delays frames by that many milliseconds.
      buffer_timeout: 0,
      snap_length: MAX_FRAME_OCTETS,
      buffer_size: RING_OCTETS,
    });
  } catch (error) {
    throw new Error(`cannot capture ${protocol} frames on interface ${link.name} with libpcap`, { cause: error });
  }
}

/**
 * The two methods that crash the process when they are called after the session was freed. The package itself calls one of
 * them in the next tick: too late, since that would take away the error of a link that went down meanwhile.
 */
function guarded(binding: Binding): Guarded {
  const dispatch = binding.dispatch.bind(binding);
  const inject = binding.inject.bind(binding);
  binding.dispatch = () => 0;
  let freed = false;
  return {
    dispatch: (frame, header) => {
      const result = freed ? FREED : dispatch(frame, header);
      freed = freed || result === FREED;
      return result;
    },
    inject: (frame) => {
      if (freed) return false;
      try {
        inject(frame);
        return true;
      } catch {
        return false; // the kernel refused the frame: a full queue, or the link is down
      }
    },
  };
}

/** libpcap's record header: seconds, microseconds, captured length, length; native byte order. */
function capturedLength(header: Uint8Array): number {
  return new DataView(header.buffer, header.byteOffset, header.byteLength).getUint32(8, true);
}

function macText(mac: Uint8Array): string {
  return [...mac].map((octet) => octet.toString(16).padStart(2, "0")).join(":");
}
