import type { Cancel, Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import type { BfdSessionParameters } from "../../bfd/session-parameters.ts";
import { pathText } from "../../bfd/session-path.ts";
import { type BfdEcho, decodeBfdEcho, encodeBfdEcho } from "../../codec/bfd-echo.ts";
import { decoded } from "../../codec/decoded.ts";
import { decodeEthernet, encodeEthernet, etherType } from "../../codec/ethernet.ts";
import { octetsOfAddress } from "../../codec/ip-octets.ts";
import { decodeIpv4Udp, encodeIpv4Udp } from "../../codec/ipv4-udp.ts";
import { equalOctets } from "../../codec/octets.ts";
import type { EchoTap } from "../../native/echo-tap.ts";
import type { NeighbourPath } from "../../native/neighbours.ts";
import { type BfdPorts, bfdPort } from "./bfd-ports.ts";

export type BfdEchoPathOptions = {
  readonly parameters: BfdSessionParameters;
  readonly ports: Pick<BfdPorts, "openEcho" | "neighbourPath">;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether echo packets can be sent has changed. */
  readonly onOpen: (open: boolean) => void;
  readonly onReturned: (echo: BfdEcho) => void;
};

/** Between two looks at the kernel's table of neighbours. */
const LOOK_MS = 1_000;
/** CS6, the class of routing protocols. RFC 4594 §3.2. */
const networkControl = 0xc0;

/**
 * Where the echo packets of one session go: to ourselves, by way of the peer, whose kernel returns them as it forwards anything. It
 * takes no part of the peer's BFD for that.
 */
export class BfdEchoPath {
  readonly #options: BfdEchoPathOptions;
  #path: NeighbourPath | undefined;
  #tap: EchoTap | undefined;
  #cancelLook: Cancel = () => undefined;
  #closed = false;
  #said = false;

  constructor(options: BfdEchoPathOptions) {
    this.#options = options;
    void this.#look();
  }

  /** @returns whether it was sent. */
  send(echo: BfdEcho): boolean {
    const path = this.#path;
    if (path === undefined) return false;
    const own = octetsOfAddress(this.#options.parameters.local);
    const payload = encodeIpv4Udp({
      tos: networkControl,
      ttl: 255,
      source: own,
      destination: own,
      sourcePort: bfdPort.echo,
      destinationPort: bfdPort.echo,
      payload: encodeBfdEcho(echo),
    });
    const frame = encodeEthernet({ destination: path.mac, source: path.ownMac, etherType: etherType.ipv4, payload });
    return this.#tap?.send(frame) ?? false;
  }

  close(): void {
    this.#closed = true;
    this.#cancelLook();
    this.#tap?.close();
    this.#tap = undefined;
  }

  async #look(): Promise<void> {
    const { parameters, ports, clock } = this.#options;
    const path = await ports.neighbourPath(parameters.local, parameters.remote);
    if (this.#closed) return;
    // An entry that the kernel forgets for a moment is no reason to stop: the session's packets bring it back.
    if (path !== undefined && !samePath(path, this.#path)) this.#use(path);
    this.#cancelLook = clock.after(LOOK_MS, () => void this.#look());
  }

  #use(path: NeighbourPath): void {
    const { parameters, ports, onOpen, log } = this.#options;
    const sameInterface = path.interfaceIndex === this.#path?.interfaceIndex;
    this.#path = path;
    if (sameInterface && this.#tap !== undefined) return;
    this.#tap?.close();
    try {
      this.#tap = ports.openEcho({
        interfaceIndex: path.interfaceIndex,
        local: octetsOfAddress(parameters.local),
        port: bfdPort.echo,
        onFrame: (frame) => this.#take(frame),
        onClosed: () => this.#lose(),
      });
      onOpen(true);
    } catch (error) {
      if (!this.#said) log.error("BFD echo packets cannot be sent; trying again", { session: pathText(parameters), error });
      this.#said = true;
      this.#lose();
    }
  }

  #lose(): void {
    this.#path = undefined;
    this.#tap = undefined;
    if (!this.#closed) this.#options.onOpen(false);
  }

  #take(frame: Uint8Array): void {
    const echo = decoded(() => decodeBfdEcho(decodeIpv4Udp(decodeEthernet(frame).payload).payload));
    if (echo.ok) this.#options.onReturned(echo.value);
  }
}

function samePath(a: NeighbourPath, b: NeighbourPath | undefined): boolean {
  if (b === undefined || a.interfaceIndex !== b.interfaceIndex) return false;
  return equalOctets(a.mac, b.mac) && equalOctets(a.ownMac, b.ownMac);
}
