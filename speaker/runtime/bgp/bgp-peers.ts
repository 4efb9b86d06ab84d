import type { Peer, PeerPassword } from "../../../crds/config/snapshot.ts";
import { type PlannedSession, planSessions } from "../../bgp/session/session-plan.ts";
import type { ToWire } from "../threads/messages.ts";
import { PeerPasswords, type PeerPasswordsOptions } from "./peer-passwords.ts";

export type BgpPeersOptions = Omit<PeerPasswordsOptions, "onRead"> & {
  readonly node: string;
  /** Whether this speaker takes connections. */
  readonly listening: boolean;
  readonly post: (message: ToWire) => void;
  /** Sessions are planned otherwise. */
  readonly onPlanned: () => void;
};

/** With whom this node speaks BGP: tells the wire the sessions, and their passwords. */
export class BgpPeers {
  readonly #options: BgpPeersOptions;
  readonly #passwords: PeerPasswords;
  #peers: readonly Peer[] = [];
  /** As last sent to the wire. */
  planned: readonly PlannedSession[] = [];
  #sent = "[]";
  #drains = false;

  constructor(options: BgpPeersOptions) {
    this.#options = options;
    this.#passwords = new PeerPasswords({ ...options, onRead: () => this.#tell() });
  }

  /** The BGPPeers of this node, sorted. */
  get names(): readonly string[] {
    return this.#peers.map(({ name }) => name);
  }

  /** Where a peer's password comes from, never the password; undefined: from no Secret, or there is no such peer here. */
  secretOf(peer: string): { readonly secret: string; readonly resourceVersion?: string } | undefined {
    const password = this.#peers.find(({ name }) => name === peer)?.password;
    if (password?.type !== "secret") return undefined;
    const resourceVersion = this.#passwords.versionInUse(password.name);
    return { secret: password.name, ...(resourceVersion !== undefined && { resourceVersion }) };
  }

  /** @param peers all of the configuration, or none while another program speaks BGP on this node. */
  follow(peers: readonly Peer[]): void {
    this.#peers = peers.filter(({ nodes }) => nodes.has(this.#options.node));
    this.#tell();
  }

  /** Some Secret changed. */
  secretsChanged(): void {
    if (this.#peers.length > 0) this.#tell();
  }

  /** Whether the Node is being emptied. */
  setDrains(drains: boolean): void {
    if (drains === this.#drains) return;
    this.#drains = drains;
    this.#options.post({ type: "node-drains", drains });
  }

  #tell(): void {
    this.#passwords.want(this.#peers.flatMap(({ password }) => (password?.type === "secret" ? [password] : [])));
    const { node: nodeName, listening, post, onPlanned } = this.#options;
    const sessions = planSessions(
      this.#peers.map((peer) => this.#withPassword(peer)),
      { nodeName, listening },
    );
    const text = textOf(sessions);
    if (text === this.#sent) return;
    this.#sent = text;
    this.planned = sessions;
    post({ type: "bgp-sessions", sessions });
    onPlanned();
  }

  #withPassword(peer: Peer): Peer {
    if (peer.password?.type !== "secret") return peer;
    const octets = this.#passwords.octetsOf(peer.password);
    if (octets === undefined) return { notReady: `the password in Secret ${peer.password.name} is not read yet`, ...peer };
    const password: PeerPassword = { type: "octets", octets };
    return { ...peer, password };
  }
}

function textOf(sessions: readonly PlannedSession[]): string {
  return JSON.stringify(sessions, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value));
}
