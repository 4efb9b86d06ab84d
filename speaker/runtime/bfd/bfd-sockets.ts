import { type Address, compareAddresses, formatAddress } from "../../../crds/net/address.ts";
import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import type { BfdSessionParameters } from "../../bfd/session-parameters.ts";
import { deviceOf, type SessionPath } from "../../bfd/session-path.ts";
import { octetsOfAddress } from "../../codec/ip-octets.ts";
import type { GuardedDatagrams } from "../../native/guarded-datagrams.ts";
import type { SourceLimit } from "../../native/hop-limit-filter.ts";
import { type BfdPorts, bfdPort } from "./bfd-ports.ts";

export type BfdSocketsOptions = {
  readonly ports: Pick<BfdPorts, "listen" | "interfaceIndex">;
  readonly clock: Clock;
  readonly log: Log;
  /** A control packet, from this path. */
  readonly onControl: (octets: Uint8Array, path: SessionPath) => void;
};

type Kind = keyof typeof bfdPort;
type Place = Pick<BfdSessionParameters, "local" | "interfaceName" | "vrf"> & { readonly kind: Kind };
type Listener = {
  readonly place: Place;
  limits: readonly SourceLimit[];
  /** Whose echo packets are returned. */
  remotes: readonly Address[];
  socket: GuardedDatagrams | undefined;
  trouble: string | undefined;
  cancelRetry: Cancel;
  closed: boolean;
};

const RETRY_MS = 5_000;
/** What a packet of a neighbour has left when it has passed no router. RFC 5881 §5. */
const undiminished = 255;

/** The sockets on which sessions hear: one for each own address, device and kind, open while a session needs it. */
export class BfdSockets {
  readonly #options: BfdSocketsOptions;
  readonly #listeners = new Map<string, Listener>();

  constructor(options: BfdSocketsOptions) {
    this.#options = options;
  }

  /** These are all sessions there are. */
  set(sessions: readonly BfdSessionParameters[]): void {
    const wanted = new Map<string, { readonly place: Place; readonly sessions: BfdSessionParameters[] }>();
    for (const session of sessions) {
      for (const place of placesOf(session)) {
        const key = this.#keyOf(place);
        const same = wanted.get(key) ?? { place, sessions: [] };
        same.sessions.push(session);
        wanted.set(key, same);
      }
    }
    for (const [key, listener] of this.#listeners) if (!wanted.has(key)) this.#close(key, listener);
    for (const [key, { place, sessions: here }] of wanted) this.#follow(key, place, here);
  }

  /** Why a session hears nothing; undefined: it can. */
  trouble(session: BfdSessionParameters): string | undefined {
    const [control] = placesOf(session);
    return control && this.#listeners.get(this.#keyOf(control))?.trouble;
  }

  close(): void {
    this.set([]);
  }

  #keyOf(place: Place): string {
    const device = deviceOf(place);
    const index = device === undefined ? 0 : this.#options.ports.interfaceIndex(device);
    return `${formatAddress(place.local)} ${place.kind} ${device ?? ""} ${index}`;
  }

  #follow(key: string, place: Place, sessions: readonly BfdSessionParameters[]): void {
    const known = this.#listeners.get(key);
    const listener = known ?? { ...{ place, limits: [], remotes: [] }, ...unopened() };
    listener.remotes = sessions.map(({ remote }) => remote);
    const limits = place.kind === "multi" ? limitsOf(sessions) : [];
    const changed = limits.length > 0 || listener.limits.length > 0;
    listener.limits = limits;
    if (known !== undefined) {
      if (changed) this.#limit(listener);
      return;
    }
    this.#listeners.set(key, listener);
    void this.#open(listener);
  }

  async #open(listener: Listener): Promise<void> {
    const { ports, onControl } = this.#options;
    const { place } = listener;
    const { local, kind, ...bound } = place;
    try {
      const socket = await ports.listen({
        local,
        port: bfdPort[kind],
        device: deviceOf(place),
        atLeast: kind === "multi" ? 1 : undiminished,
        sendHops: undiminished - 1,
        onDatagram: (octets, remote, fromPort) => {
          if (kind === "echo") this.#reflect(listener, octets, remote, fromPort);
          else onControl(octets, { ...bound, local, remote, multihop: kind === "multi" });
        },
        onClosed: (reason) => this.#retry(listener, reason),
      });
      if (listener.closed) return socket.close();
      listener.socket = socket;
      this.#limit(listener);
      if (listener.trouble !== undefined) this.#options.log.info("BFD packets are heard", sayable(listener));
      listener.trouble = undefined;
    } catch (error) {
      this.#retry(listener, error instanceof Error ? error.message : String(error));
    }
  }

  /** RFC 5881 §4: an echo packet goes back as it came. Linux does that for IPv4 by itself, as a router. */
  #reflect({ socket, remotes }: Listener, octets: Uint8Array, remote: Address, port: number): void {
    if (remotes.some((one) => compareAddresses(one, remote) === 0)) socket?.send(octets, remote, port);
  }

  #limit({ socket, limits }: Listener): void {
    try {
      socket?.limit(limits);
    } catch (error) {
      this.#options.log.error("the kernel takes no list of minimum TTLs; every TTL is taken", { error, peers: limits.length });
    }
  }

  #retry(listener: Listener, reason: string): void {
    const { clock, log } = this.#options;
    listener.socket = undefined;
    if (listener.closed) return;
    if (listener.trouble === undefined)
      log.error("BFD packets cannot be heard: another BFD daemon may run on this node; trying again", {
        ...sayable(listener),
        reason,
      });
    listener.trouble = `port ${bfdPort[listener.place.kind]} cannot be used: ${reason}`;
    listener.cancelRetry = clock.after(RETRY_MS, () => void this.#open(listener));
  }

  #close(key: string, listener: Listener): void {
    listener.closed = true;
    listener.cancelRetry();
    listener.socket?.close();
    this.#listeners.delete(key);
  }
}

function unopened(): Pick<Listener, "socket" | "trouble" | "cancelRetry" | "closed"> {
  return { socket: undefined, trouble: undefined, cancelRetry: () => undefined, closed: false };
}

/** The first is where control packets arrive. */
function placesOf({ local, interfaceName, vrf, multihop }: BfdSessionParameters): readonly Place[] {
  const at = { local, ...(interfaceName !== undefined && { interfaceName }), ...(vrf !== undefined && { vrf }) };
  const control: Place = { ...at, kind: multihop ? "multi" : "single" };
  return local.family === "IPv6" && !multihop ? [control, { ...at, kind: "echo" }] : [control];
}

function limitsOf(sessions: readonly BfdSessionParameters[]): readonly SourceLimit[] {
  return sessions
    .filter(({ minimumTtl }) => minimumTtl > 1)
    .map(({ remote, minimumTtl }) => ({ source: octetsOfAddress(remote), atLeast: minimumTtl }));
}

function sayable({ place }: Listener): { readonly address: string; readonly port: number; readonly device: string | undefined } {
  return { address: formatAddress(place.local), port: bfdPort[place.kind], device: deviceOf(place) };
}
