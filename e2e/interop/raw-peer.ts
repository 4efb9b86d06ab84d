import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { Framer } from "../../speaker/codec/bgp/framer.ts";
import type { BgpMessage } from "../../speaker/codec/bgp/message.ts";
import { decodeMessage, encodeMessage } from "../../speaker/codec/bgp/message-codec.ts";
import { ipv4Unicast, ipv6Unicast } from "../../speaker/codec/bgp/registry.ts";
import type { UpdateContext } from "../../speaker/codec/bgp/update-context.ts";
import { namespacePath } from "../lab/process.ts";
import { until } from "../lab/until.ts";

export type RawPeerOptions = {
  /** Where it connects from. */
  readonly namespace: string;
  /** The router's address. */
  readonly router: string;
  readonly autonomousSystem: number;
  /** BGP Identifier as a number. */
  readonly identifier: number;
};

/** What the OPENs settle. */
const negotiated = { fourOctetAs: true, families: [ipv4Unicast, ipv6Unicast] };

/** How UPDATEs are read in sessions with a router of the same AS, and of another one. */
export const sessions: Readonly<Record<"internal" | "external", UpdateContext>> = {
  internal: { ...negotiated, external: false },
  external: { ...negotiated, external: true },
};

/** Octets between standard input and output on one side and a router's port 179 on the other. */
const tunnel = `
  const socket = require("node:net").connect(179, process.argv[1]);
  socket.on("error", () => process.exit(1)).on("close", () => process.exit(0));
  process.stdin.pipe(socket).pipe(process.stdout);
`;

/** A neighbour of a router that sends what it is told, octet for octet, and does what keeps the session up. */
export class RawPeer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #framer = new Framer();
  #state: "opening" | "established" | "ended" = "opening";

  constructor({ namespace, router, autonomousSystem, identifier }: RawPeerOptions) {
    const enter = [`--net=${namespacePath(namespace)}`, "--", process.execPath];
    this.#child = spawn("nsenter", [...enter, "-e", tunnel, router], { stdio: ["pipe", "pipe", "ignore"] });
    this.#child.stdin.on("error", () => undefined); // the router may end the session at any time
    this.#child.stdout.on("data", (octets: Uint8Array) => this.#read(octets));
    this.#child.on("exit", () => {
      this.#state = "ended";
    });
    this.#say({
      ...{ type: "open", version: 4, autonomousSystem, holdTimeSeconds: 90, identifier },
      capabilities: [
        { type: "multiprotocol", ...ipv4Unicast },
        { type: "multiprotocol", ...ipv6Unicast },
        { type: "four-octet-as", autonomousSystem },
      ],
    });
  }

  /** Connects as often as the router wants it. */
  static async established(options: RawPeerOptions): Promise<RawPeer> {
    let peer = new RawPeer(options);
    await until(`${options.router} takes a session`, 60_000, async () => {
      if (peer.#state === "ended") peer = new RawPeer(options);
      return peer.#state === "established";
    });
    return peer;
  }

  /** The router ended the session. */
  get isOver(): boolean {
    return this.#state === "ended";
  }

  /** @param octets one whole message, sound or not. */
  send(octets: Uint8Array): void {
    this.#child.stdin.write(octets);
  }

  close(): void {
    this.#child.kill();
  }

  #say(message: BgpMessage): void {
    this.send(encodeMessage(message, negotiated));
  }

  #read(octets: Uint8Array): void {
    for (const frame of this.#framer.push(octets).frames) {
      const message = decodeMessage(frame.octets, sessions.internal);
      if (!message.ok) continue;
      const { type } = message.value;
      if (type === "notification") this.#state = "ended";
      if (type === "open" || type === "keepalive") this.#say({ type: "keepalive" });
      if (type === "keepalive" && this.#state === "opening") this.#state = "established";
    }
  }
}
