import { bindSocket, closeDescriptor, linux, openSocket, setSocketOption } from "./libc.ts";
import { LinkTable, sameLinks } from "./link-table.ts";
import { type DumpKind, decodeNetlink, encodeDumpRequest, type NetlinkMessage } from "./netlink-message.ts";
import type { Link, LinkMonitor } from "./ports.ts";
import { type AdoptedSocket, type AdoptedSocketEvents, adoptSocket } from "./socket-adoption.ts";

/** RTMGRP_LINK, RTMGRP_IPV4_IFADDR and RTMGRP_IPV6_IFADDR of rtnetlink(7). */
const GROUPS = 0x1 | 0x10 | 0x100;
const RECEIVE_BUFFER_OCTETS = 1 << 20;
const MAX_READ_OCTETS = 1 << 16;
const RESYNC_MS = 30_000;
const RETRY_MS = 1_000;

export type LinkMonitorOptions = {
  /** Calls back once after so many milliseconds; returns what cancels it. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** Told when the kernel's events were lost and the tables are read anew. */
  readonly onTrouble: (reason: string) => void;
  /** The kernel's end; a socket of rtnetlink unless told otherwise. @throws Error */
  readonly openSocket?: (events: AdoptedSocketEvents) => Pick<AdoptedSocket, "send" | "close">;
};

/** Watches links and addresses through rtnetlink; the whole table is read at the start, every 30 s and after lost events. */
export function createLinkMonitor(options: LinkMonitorOptions): LinkMonitor {
  return new NetlinkMonitor(options);
}

class NetlinkMonitor implements LinkMonitor {
  readonly #options: LinkMonitorOptions;
  #onLinks: (links: readonly Link[], missed: boolean) => void = () => undefined;
  #socket: Pick<AdoptedSocket, "send" | "close"> | undefined;
  #table = new LinkTable();
  /** The table being filled by a dump; events go into both. */
  #dump: { readonly table: LinkTable; readonly sequence: number; readonly kind: DumpKind } | undefined;
  #sequence = 0;
  #reported: readonly Link[] | undefined;
  /** Events were lost since the last report. */
  #missed = false;
  #cancelTimer: () => void = () => undefined;
  #closed = false;

  constructor(options: LinkMonitorOptions) {
    this.#options = options;
  }

  start(onLinks: (links: readonly Link[], missed: boolean) => void): void {
    this.#onLinks = onLinks;
    this.#open();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer();
    this.#socket?.close();
  }

  #open(): void {
    const { openSocket: open = openNetlink } = this.#options;
    this.#socket = open({
      onOctets: (octets) => this.#received(decodeNetlink(octets)),
      onFailed: (code) => this.#reopen(`netlink socket: ${code}`),
    });
    this.#startDump();
  }

  #reopen(reason: string): void {
    this.#options.onTrouble(reason);
    this.#missed = true;
    this.#socket?.close();
    this.#cancelTimer();
    this.#cancelTimer = this.#options.after(RETRY_MS, () => {
      try {
        this.#open();
      } catch (error) {
        this.#reopen(String(error));
      }
    });
  }

  #startDump(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.after(RESYNC_MS, () => this.#startDump());
    this.#request("links", new LinkTable()); // last: when it is refused, the timer is the reopening's
  }

  #request(kind: DumpKind, table: LinkTable): void {
    this.#sequence += 1;
    this.#dump = { table, sequence: this.#sequence, kind };
    const refused = this.#socket?.send(encodeDumpRequest(kind, this.#sequence));
    if (refused !== undefined) this.#reopen(`netlink request: ${refused}`);
  }

  #received(messages: readonly NetlinkMessage[]): void {
    let changed = false;
    for (const message of messages) {
      if (this.#closed) return;
      if (message.type === "done") changed = this.#dumpEnded(message) || changed;
      else if (message.type === "error") this.#dumpFailed(message);
      else changed = this.#applied(message) || changed;
    }
    if (changed) this.#report();
  }

  #applied(message: NetlinkMessage): boolean {
    this.#dump?.table.apply(message);
    // Until the first dump is whole, absence in the table means nothing.
    return this.#table.apply(message) && this.#reported !== undefined;
  }

  #dumpEnded(message: { readonly sequence: number; readonly interrupted: boolean }): boolean {
    const dump = this.#dump;
    if (dump === undefined || dump.sequence !== message.sequence) return false;
    if (message.interrupted) this.#request("links", new LinkTable());
    else if (dump.kind === "links") this.#request("addresses", dump.table);
    else {
      this.#dump = undefined;
      this.#table = dump.table;
      return true;
    }
    return false;
  }

  #dumpFailed(message: { readonly sequence: number; readonly errno: number }): void {
    if (this.#dump?.sequence === message.sequence) this.#reopen(`netlink dump: errno ${message.errno}`);
  }

  #report(): void {
    const links = this.#table.links();
    const missed = this.#missed;
    if (!missed && this.#reported !== undefined && sameLinks(this.#reported, links)) return;
    this.#missed = false;
    this.#reported = links;
    this.#onLinks(links, missed);
  }
}

function openNetlink(events: AdoptedSocketEvents): AdoptedSocket {
  return adoptSocket(netlinkSocket(), MAX_READ_OCTETS, events);
}

function netlinkSocket(): number {
  const fd = openSocket(linux.AF_NETLINK, linux.SOCK_RAW, linux.NETLINK_ROUTE);
  try {
    setSocketOption(fd, linux.SOL_SOCKET, linux.SO_RCVBUF, RECEIVE_BUFFER_OCTETS);
    const address = new DataView(new ArrayBuffer(12));
    address.setUint16(0, linux.AF_NETLINK, true);
    address.setUint32(8, GROUPS, true);
    bindSocket(fd, new Uint8Array(address.buffer));
    return fd;
  } catch (error) {
    closeDescriptor(fd);
    throw error;
  }
}
