import { type Address, compareAddresses } from "../../../crds/net/address.ts";
import type { TcpAdmission, TcpConnection, TcpConnector, TcpListener, TcpListening, TcpOutcome, TcpTarget } from "../ports.ts";
import { type Md5Counters, md5Trouble } from "../tcp/md5-counters.ts";
import { failureText } from "../tcp/tcp-failure.ts";
import { FakeTcpEnd } from "./tcp-end.ts";

type After = (ms: number, run: () => void) => () => void;
type Door = { admissions: readonly TcpAdmission[]; readonly onConnection: (connection: TcpConnection) => void };

const defaultTtl = 64;
const acceptedTtl = 255;
const firstEphemeralPort = 32_768;

/** Hosts that reach each other directly, in memory. */
export class TcpNetwork {
  readonly hosts: TcpHost[] = [];
  readonly after: After;
  #port = firstEphemeralPort;

  /** @param after runs the callback later, as a clock does. */
  constructor(after: After) {
    this.after = after;
  }

  /** Adds a host with these addresses; of each family the first one is its source. */
  host(...addresses: readonly Address[]): TcpHost {
    const host = new TcpHost(this, addresses);
    this.hosts.push(host);
    return host;
  }

  owner(address: Address): TcpHost | undefined {
    return this.hosts.find((host) => host.has(address));
  }

  freePort(): number {
    this.#port += 1;
    return this.#port;
  }
}

/** One host of a {@link TcpNetwork}. */
export class TcpHost implements TcpConnector, TcpListening {
  addresses: readonly Address[];
  /** True: nothing arrives and nothing leaves. */
  cut = false;
  /** Every attempt to connect, oldest first. */
  readonly attempts: TcpTarget[] = [];
  readonly #network: TcpNetwork;
  readonly #doors = new Map<number, Door>();

  constructor(network: TcpNetwork, addresses: readonly Address[]) {
    this.#network = network;
    this.addresses = addresses;
  }

  has(address: Address): boolean {
    return this.addresses.some((own) => compareAddresses(own, address) === 0);
  }

  connect(target: TcpTarget, { onConnected, onFailed }: TcpOutcome): () => void {
    this.attempts.push(target);
    let over = false;
    const later = (run: () => void): void => {
      queueMicrotask(() => {
        if (!over) run();
      });
    };
    const fail = (code: string, md5 = ""): void => {
      over = true;
      onFailed(failureText(code, target, md5));
    };
    const answer = this.#answerTo(target);
    if (answer.type === "connected") later(() => onConnected(answer.meet()));
    else if (answer.type === "failed") later(() => fail(answer.code));
    else {
      const cancel = this.#network.after(target.timeoutMs, () => {
        if (!over) fail("ETIMEDOUT", answer.md5);
      });
      return () => {
        over = true;
        cancel();
      };
    }
    return () => {
      over = true;
    };
  }

  listen(port: number, onConnection: (connection: TcpConnection) => void): TcpListener {
    if (this.#doors.has(port)) throw new Error(`cannot listen on TCP port ${port}: another program has it`);
    const door: Door = { admissions: [], onConnection };
    this.#doors.set(port, door);
    return {
      admit(admissions) {
        door.admissions = admissions;
      },
      close: () => {
        this.#doors.delete(port);
      },
    };
  }

  #answerTo(
    target: TcpTarget,
  ):
    | { readonly type: "silence"; readonly md5: string }
    | { readonly type: "failed"; readonly code: string }
    | { readonly type: "connected"; readonly meet: () => TcpConnection } {
    const { remote, source = this.addresses.find(({ family }) => family === target.remote.address.family) } = target;
    if (source === undefined) return { type: "failed", code: "ENETUNREACH" };
    if (!this.has(source)) return { type: "failed", code: "EADDRNOTAVAIL" };
    const host = this.#network.owner(remote.address);
    if (host === undefined || host.cut || this.cut) return { type: "silence", md5: "" };
    const door = host.#doors.get(remote.port);
    if (door === undefined) return { type: "failed", code: "ECONNREFUSED" };
    const admission = door.admissions.find(({ remote: from }) => compareAddresses(from, source) === 0);
    const md5 = mismatch(target.password, admission?.password);
    if (md5 !== "") return { type: "silence", md5 };
    return { type: "connected", meet: () => this.#meet(target, source, host, door, admission) };
  }

  #meet(target: TcpTarget, source: Address, host: TcpHost, door: Door, admission: TcpAdmission | undefined): FakeTcpEnd {
    const own = { address: source, port: this.#network.freePort() };
    const isCut = (): boolean => this.cut || host.cut;
    const near = new FakeTcpEnd(own, target.remote, target.ttl ?? defaultTtl, target.minimumTtl ?? 0, isCut);
    const far = new FakeTcpEnd(target.remote, own, acceptedTtl, admission?.minimumTtl ?? 0, isCut);
    FakeTcpEnd.join(near, far);
    if (admission === undefined) far.abort();
    else door.onConnection(far);
    return near;
  }
}

/** What the kernel of the other side would count, in words; empty: the digests fit. */
function mismatch(ours: Uint8Array | undefined, theirs: Uint8Array | undefined): string {
  const zero: Md5Counters = { missing: 0, unexpected: 0, wrong: 0 };
  if (theirs === undefined) return ours === undefined ? "" : md5Trouble(zero, { ...zero, unexpected: 1 });
  if (ours === undefined) return md5Trouble(zero, { ...zero, missing: 1 });
  const same = ours.length === theirs.length && ours.every((octet, i) => octet === theirs[i]);
  return same ? "" : md5Trouble(zero, { ...zero, wrong: 1 });
}
