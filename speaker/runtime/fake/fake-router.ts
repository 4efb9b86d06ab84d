import type { Address } from "../../../crds/net/address.ts";
import { PeerView } from "../../bgp/fixture/peer-view.ts";
import type { Capability } from "../../codec/bgp/capability.ts";
import { Framer } from "../../codec/bgp/framer.ts";
import type { BgpMessage, NotificationMessage, OpenMessage } from "../../codec/bgp/message.ts";
import { decodeMessage, encodeMessage } from "../../codec/bgp/message-codec.ts";
import type { TcpHost } from "../../native/fake/tcp.ts";
import type { TcpAdmission, TcpConnection } from "../../native/ports.ts";

const context = {
  fourOctetAs: true,
  external: true,
  families: [
    { afi: 1, safi: 1 },
    { afi: 2, safi: 1 },
  ],
};

/** A router that waits for connections, agrees to everything and believes everything. AS 64513. */
export class FakeRouter {
  /** All that it heard, by its type, with code and subcode of a NOTIFICATION. */
  readonly heard: string[] = [];
  readonly opens: OpenMessage[] = [];
  /** The NOTIFICATIONs that it heard. */
  readonly refusals: NotificationMessage[] = [];
  /** What it answers an OPEN with in place of its own OPEN and a KEEPALIVE. */
  answer: Uint8Array | undefined;
  /** Of the present connection. */
  view = new PeerView();
  /** False: it does not read. */
  reading = true;
  capabilities: readonly Capability[] = [
    { type: "multiprotocol", afi: 1, safi: 1 },
    { type: "multiprotocol", afi: 2, safi: 1 },
    { type: "four-octet-as", autonomousSystem: 64513 },
    { type: "graceful-restart", restarting: false, notification: false, restartTimeSeconds: 120, families: [] },
  ];
  #connection: TcpConnection | undefined;

  /** @param from who may connect. */
  constructor(host: TcpHost, from: readonly TcpAdmission[], port = 179) {
    host.listen(port, (connection) => this.#accept(connection)).admit(from);
  }

  get remote(): Address | undefined {
    return this.#connection?.remote.address;
  }

  send(message: BgpMessage): void {
    this.#connection?.send(encodeMessage(message, context));
  }

  sendOctets(octets: Uint8Array): void {
    this.#connection?.send(octets);
  }

  /** Reads again. */
  resume(): void {
    this.reading = true;
    this.#connection?.read();
  }

  drop(): void {
    this.#connection?.abort();
  }

  #accept(connection: TcpConnection): void {
    this.#connection = connection;
    this.view = new PeerView();
    const framer = new Framer();
    connection.open({
      onOctets: (octets) => {
        for (const { octets: whole } of framer.push(octets).frames) this.#hear(whole);
        if (this.reading) connection.read();
      },
      onDrained: () => undefined,
      onClosed: () => this.heard.push("closed"),
    });
    connection.read();
  }

  #hear(octets: Uint8Array): void {
    const decoded = decodeMessage(octets, context);
    if (!decoded.ok) throw decoded.error;
    const message = decoded.value;
    this.heard.push(message.type === "notification" ? `notification ${message.code}/${message.subcode}` : message.type);
    if (message.type === "update") this.view.hear([message]);
    if (message.type === "notification") this.refusals.push(message);
    if (message.type !== "open") return;
    this.opens.push(message);
    if (this.answer !== undefined) {
      this.sendOctets(this.answer);
      return;
    }
    const { capabilities } = this;
    this.send({
      type: "open",
      version: 4,
      autonomousSystem: 64513,
      holdTimeSeconds: 90,
      identifier: 0x0a000002,
      capabilities,
    });
    this.send({ type: "keepalive" });
  }
}
