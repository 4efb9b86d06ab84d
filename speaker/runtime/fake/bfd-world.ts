import { type Address, formatAddress, parseAddress } from "../../../crds/net/address.ts";
import type { FakeClock } from "../../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import type { BfdRequest, LocalFacts } from "../../bfd/session-request.ts";
import { Chance } from "../../membership/simulation/chance.ts";
import type { GuardedDatagramsOptions } from "../../native/guarded-datagrams.ts";
import type { SourceLimit } from "../../native/hop-limit-filter.ts";
import type { BfdNotice, BfdReport, BfdStatus } from "../bfd/bfd-report.ts";
import { BfdRunner } from "../bfd/bfd-runner.ts";

export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new RangeError(text);
  return parsed;
}

/** A request for a session with that neighbour. */
export function wanting(remote: string, changes: Partial<BfdRequest> = {}): BfdRequest {
  return {
    peer: `to-${remote}`,
    endpoint: { type: "address", address: address(remote) },
    hops: "single",
    profile: { name: "profile", echoMode: false, passiveMode: false },
    ...changes,
  };
}

/** A link in memory between nodes that speak BFD. */
export class BfdLink {
  readonly listeners = new Map<string, GuardedDatagramsOptions>();
  /** Nothing passes. */
  cut = false;
  /** Every datagram that was sent, and from where to where. */
  readonly sent: { readonly octets: Uint8Array; readonly from: string; readonly to: string; readonly port: number }[] = [];

  deliver(octets: Uint8Array, from: Address, to: Address, port: number): void {
    this.sent.push({ octets, from: formatAddress(from), to: formatAddress(to), port });
    if (!this.cut) this.listeners.get(`${formatAddress(to)} ${port}`)?.onDatagram(octets, from, 49_152);
  }
}

/** One node with BFD on the link. */
export class BfdNode {
  readonly log = new FakeLog();
  readonly notices: BfdNotice[] = [];
  reports: BfdReport[] = [];
  readonly runner: BfdRunner;
  readonly echoes: Uint8Array[] = [];
  facts: LocalFacts;
  wireAlive = true;
  /** Why no socket can be opened. */
  refuses: string | undefined;
  /** What waits to be read: later turns call these. */
  turns: (() => void)[] = [];
  /** Of the socket that was told last. */
  limits: readonly SourceLimit[] = [];
  onEchoFrame: (frame: Uint8Array) => void = () => undefined;

  constructor(link: BfdLink, clock: FakeClock, own: string, seed: number) {
    const chance = new Chance(seed);
    this.facts = { sourceTowards: () => address(own), isConnected: () => true, neighbourOn: () => undefined };
    this.runner = new BfdRunner({
      clock,
      log: this.log,
      wireAlive: () => this.wireAlive,
      onNotice: (notice) => this.notices.push(notice),
      onReport: (report) => this.reports.push(report),
      ports: {
        listen: async (options) => {
          if (this.refuses !== undefined) throw new Error(this.refuses);
          const key = `${formatAddress(options.local)} ${options.port}`;
          link.listeners.set(key, options);
          return {
            limit: (limits) => {
              this.limits = limits;
            },
            send: (octets, to, port) => {
              link.deliver(octets, options.local, to, port);
              return undefined;
            },
            close: () => {
              if (link.listeners.get(key) === options) link.listeners.delete(key);
            },
          };
        },
        openSender: ({ local, remote, port }) => ({
          send: (octets) => {
            link.deliver(octets, local, remote, port);
            return undefined;
          },
          close: () => undefined,
        }),
        openEcho: ({ onFrame }) => {
          this.onEchoFrame = onFrame;
          return { send: (frame) => this.echoes.push(frame) > 0, close: () => undefined };
        },
        neighbourPath: async () => ({ interfaceIndex: 2, ownMac: new Uint8Array(6), mac: new Uint8Array(6).fill(2) }),
        interfaceIndex: () => 2,
        facts: () => this.facts,
        nextTurn: (then) => this.turns.push(then),
        random: chance.next,
      },
    });
  }

  /** Turns of the event loop in which nothing more is read. */
  turn(): void {
    for (let turn = this.turns.shift(); turn !== undefined; turn = this.turns.shift()) turn();
  }

  get session(): BfdStatus | undefined {
    return this.runner.report().sessions[0];
  }

  get states(): readonly string[] {
    return this.notices.map(({ state }) => state);
  }
}
