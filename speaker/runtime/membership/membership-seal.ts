import type { KeyObject } from "node:crypto";
import { decodeMembershipBody, encodeMembershipBody } from "../../codec/membership-body.ts";
import {
  decodeMembershipFrame,
  encodeMembershipHeader,
  type MembershipFrame,
  membershipVersion,
} from "../../codec/membership-frame.ts";
import { maxPacketOctets } from "../../codec/membership-limit.ts";
import type { MembershipMessage } from "../../codec/membership-message.ts";
import { equalOctets } from "../../codec/octets.ts";
import type { Received, Target } from "../../membership/event.ts";
import { maxMembers } from "../../membership/timing.ts";
import { openBody, preparedKey, sealBody, secretProblem } from "./membership-key.ts";
import { PacketHead } from "./packet-head.ts";

/** After a new Secret: so long is the former one understood, and so long used towards those who may have no other. */
export const formerOpenMs = 600_000;
export const formerSealMs = 300_000;

/** Keys of unknown starts that are derived in a second: each costs as much as some packets. */
const derivationsPerSecond = 1000;

/** Why a datagram is not handed on. */
export type DropReason =
  /** Its octets are not ours. */
  | "malformed"
  /** It is readable, and we have a Secret. */
  | "unsealed"
  /** It is sealed, and we have no Secret. */
  | "sealed"
  /** It was sealed with another Secret, for another cluster, or changed on the way. */
  | "wrong-key"
  /** Too many came from starts that we do not know. */
  | "flood";

export type Opened = { readonly ok: true; readonly event: Received } | { readonly ok: false; readonly reason: DropReason };

/** Undefined: nothing is sealed. */
type Secret = Uint8Array | undefined;

/** One Secret's keys of the starts whose packets it has opened, and what own packets begin with. */
type KeyRing = {
  readonly secret: Secret;
  readonly keys: Map<string, KeyObject>;
  readonly own: KeyObject | undefined;
  readonly head: PacketHead;
};

/** Who sent from an address last: its next packet is most likely a beat that says the same. */
type KnownSender = {
  readonly head: PacketHead;
  readonly sender: string;
  readonly startId: string;
  /** Undefined: its packets are readable. */
  readonly key: KeyObject | undefined;
  body: Uint8Array;
  message: MembershipMessage;
};

export type MembershipSealOptions = {
  readonly nodeName: string;
  /** 32 hexadecimal digits, random at each start of the process. */
  readonly startId: string;
  /** What tells this cluster from others that may have the same Secret: the UID of its namespace kube-system. */
  readonly cluster: string;
};

/**
 * Datagrams and messages. Who does not know the Secret can neither read nor make a datagram, nor change one; that it is no
 * old one is for the machine to see. Without a Secret datagrams are readable, and that is said by `sealed`.
 */
export class MembershipSeal {
  readonly #options: MembershipSealOptions;
  readonly #cluster: Uint8Array;
  #current: KeyRing;
  #former: { readonly ring: KeyRing; readonly until: number; readonly usedUntil: number } | undefined;
  /** Nodes that sealed with the current Secret since it is new here. */
  readonly #upToDate = new Set<string>();
  /** By address. Of the current Secret, and used while there is no other. */
  readonly #senders = new Map<string, KnownSender>();
  #counter = 0;
  #sent: { readonly message: MembershipMessage; readonly body: Uint8Array } | undefined;
  #derivations = 0;
  #derivationsSince = 0;

  constructor(options: MembershipSealOptions, secret: Secret) {
    this.#options = options;
    this.#cluster = Buffer.from(options.cluster);
    this.#current = this.#ringOf(secret);
  }

  get sealed(): boolean {
    return this.#current.secret !== undefined;
  }

  /**
   * Takes the Secret as it was read again. The former one counts on for a while: the other nodes read theirs at other times.
   * @returns what is wrong with it; then nothing changes.
   */
  setSecret(secret: Uint8Array, now: number): string | undefined {
    const problem = secretProblem(secret);
    if (problem !== undefined) return problem;
    const { secret: before } = this.#current;
    if (before !== undefined && equalOctets(before, secret)) return undefined;
    this.#former = { ring: this.#current, until: now + formerOpenMs, usedUntil: now + formerSealMs };
    this.#current = this.#ringOf(secret);
    this.#upToDate.clear();
    this.#senders.clear();
    return undefined;
  }

  /** One datagram for all targets, or two while some of them may not have the new Secret. */
  seal(
    targets: readonly Target[],
    message: MembershipMessage,
    now: number,
  ): readonly { readonly octets: Uint8Array; readonly targets: readonly Target[] }[] {
    const body = this.#bodyOfSent(message);
    const former = this.#former;
    if (former === undefined || now >= former.usedUntil) return [{ octets: this.#pack(this.#current, body), targets }];
    const current = targets.filter(({ name }) => this.#upToDate.has(name));
    const others = targets.filter(({ name }) => !this.#upToDate.has(name));
    return [
      ...(current.length > 0 ? [{ octets: this.#pack(this.#current, body), targets: current }] : []),
      ...(others.length > 0 ? [{ octets: this.#pack(former.ring, body), targets: others }] : []),
    ];
  }

  /** Total. @param from the address that the datagram came from, as text. */
  open(datagram: Uint8Array, from: string, now: number): Opened {
    const known = this.#senders.get(from);
    if (known?.head.standsOn(datagram) && this.#former === undefined) return openKnown(known, datagram, from);
    const decoded = decodeMembershipFrame(datagram);
    if (!decoded.ok) return { ok: false, reason: "malformed" };
    const frame = decoded.value;
    const body = this.#bodyOf(frame, now);
    if (typeof body === "string") return { ok: false, reason: body };
    const message = decodeMembershipBody(body);
    if (!message.ok) return { ok: false, reason: "malformed" };
    const { sender, startId, counter } = frame.header;
    if (this.#former === undefined) this.#know(from, frame, body, message.value);
    return { ok: true, event: { type: "received", from, sender, startId, counter, message: message.value } };
  }

  /** What is sent again and again, which beats are, is encoded once. */
  #bodyOfSent(message: MembershipMessage): Uint8Array {
    if (this.#sent?.message !== message) this.#sent = { message, body: encodeMembershipBody(message) };
    return this.#sent.body;
  }

  #know(from: string, { header, head }: MembershipFrame, body: Uint8Array, message: MembershipMessage): void {
    const { sender, startId, sealing } = header;
    const key = this.#current.keys.get(keyName(startId, sender));
    if (sealing === "sealed" && key === undefined) return;
    remember(this.#senders, from, { head: new PacketHead(head, this.#cluster), sender, startId, key, body, message });
  }

  #bodyOf(frame: MembershipFrame, now: number): Uint8Array | DropReason {
    if (this.#former !== undefined && now >= this.#former.until) this.#former = undefined;
    const rings = this.#former === undefined ? [this.#current] : [this.#current, this.#former.ring];
    const { sealing, sender } = frame.header;
    const suited = rings.filter(({ secret }) => (secret !== undefined) === (sealing === "sealed"));
    if (suited.length === 0) return sealing === "sealed" ? "sealed" : "unsealed";
    if (sealing === "plain") return frame.body;
    let reason: DropReason = "wrong-key";
    for (const ring of suited) {
      const body = this.#openWith(ring, frame, now);
      if (body === "flood") reason = "flood";
      else if (body !== undefined) {
        if (ring === this.#current && this.#former !== undefined) this.#note(sender);
        return body;
      }
    }
    return reason;
  }

  #openWith(ring: KeyRing, { header, head, body }: MembershipFrame, now: number): Uint8Array | "flood" | undefined {
    const name = keyName(header.startId, header.sender);
    const known = ring.keys.get(name);
    if (known === undefined && !this.#mayDerive(now)) return "flood";
    const key = known ?? preparedKey(ring.secret ?? new Uint8Array(), header.sender, header.startId);
    const opened = openBody(key, header.counter, this.#covered(head), body);
    if (opened !== undefined && known === undefined) remember(ring.keys, name, key);
    return opened;
  }

  #pack(ring: KeyRing, body: Uint8Array): Uint8Array {
    this.#counter += 1;
    const covered = ring.head.coveredWith(this.#counter);
    if (ring.own === undefined) return Buffer.concat([ring.head.head, body]);
    const [sealed, tag] = sealBody(ring.own, this.#counter, covered, body);
    return Buffer.concat([ring.head.head, sealed, tag]);
  }

  #covered(head: Uint8Array): Uint8Array {
    return Buffer.concat([head, this.#cluster]);
  }

  #ringOf(secret: Secret): KeyRing {
    const { nodeName: sender, startId } = this.#options;
    const sealing = secret === undefined ? "plain" : "sealed";
    const head = encodeMembershipHeader({ version: membershipVersion, sealing, sender, startId, counter: 0 });
    const own = secret && preparedKey(secret, sender, startId);
    return { secret, keys: new Map(), own, head: new PacketHead(head, this.#cluster) };
  }

  #note(sender: string): void {
    if (this.#upToDate.size < maxMembers) this.#upToDate.add(sender);
  }

  #mayDerive(now: number): boolean {
    if (now - this.#derivationsSince >= 1000) {
      this.#derivationsSince = now;
      this.#derivations = 0;
    }
    this.#derivations += 1;
    return this.#derivations <= derivationsPerSecond;
  }
}

/** As {@link MembershipSeal.open}, for a packet with the head of the sender's packets so far. */
function openKnown(known: KnownSender, datagram: Uint8Array, from: string): Opened {
  const { head, key, sender, startId } = known;
  const counter = head.counterOf(datagram);
  if (datagram.length > maxPacketOctets || !Number.isSafeInteger(counter)) return { ok: false, reason: "malformed" };
  const rest = datagram.subarray(head.length);
  const body = key === undefined ? rest : openBody(key, counter, head.coveredWith(counter), rest);
  if (body === undefined) return { ok: false, reason: "wrong-key" };
  if (!equalOctets(body, known.body)) {
    const message = decodeMembershipBody(body);
    if (!message.ok) return { ok: false, reason: "malformed" };
    known.body = body;
    known.message = message.value;
  }
  return { ok: true, event: { type: "received", from, sender, startId, counter, message: known.message } };
}

function keyName(startId: string, sender: string): string {
  return `${startId} ${sender}`;
}

/** Bounded: what was put in first gives way. */
function remember<Value>(values: Map<string, Value>, name: string, value: Value): void {
  const [oldest] = values.keys();
  if (values.size >= maxMembers && oldest !== undefined && !values.has(name)) values.delete(oldest);
  values.set(name, value);
}
