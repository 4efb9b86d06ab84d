import { type CipherKey, createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { sealTagOctets } from "../../codec/membership-limit.ts";

const algorithm = "aes-256-gcm";
const keyOctets = 32;
const purpose = "herald membership";

/** Octets that a Secret must have at least. */
const minSecretOctets = 16;

/** @returns what is wrong with the Secret, in a sentence with the way out; undefined: nothing. */
export function secretProblem(secret: Uint8Array): string | undefined {
  if (secret.length >= minSecretOctets) return undefined;
  return (
    `the membership Secret has ${secret.length} octets, and fewer than ${minSecretOctets} can be guessed: ` +
    "delete the Secret, and the operator makes one, or put a longer value under its key secretkey"
  );
}

/**
 * The key of one start of one node: HKDF-SHA256 (RFC 5869) of the Secret's octets as they are, salted with the start id.
 * @param startId 32 hexadecimal digits.
 */
export function membershipKey(secret: Uint8Array, nodeName: string, startId: string): Uint8Array {
  const salt = Buffer.from(startId, "hex");
  return new Uint8Array(hkdfSync("sha256", secret, salt, Buffer.from(`${purpose}\0${nodeName}`), keyOctets));
}

/** {@link membershipKey} in a form that costs a third for each packet. */
export function preparedKey(secret: Uint8Array, nodeName: string, startId: string): KeyObject {
  return createSecretKey(membershipKey(secret, nodeName, startId));
}

/** Ciphertext and tag, to be put together. @param covered octets that are not secret, and must be the same when opened. */
export function sealBody(
  key: CipherKey,
  counter: number,
  covered: Uint8Array,
  body: Uint8Array,
): readonly [sealed: Uint8Array, tag: Uint8Array] {
  const cipher = createCipheriv(algorithm, key, nonceOf(counter)).setAAD(covered);
  const sealed = cipher.update(body);
  cipher.final(); // empty: counter mode has no blocks to fill
  return [sealed, cipher.getAuthTag()];
}

/** Inverse of {@link sealBody}; undefined when the key, the counter or an octet is another. */
export function openBody(key: CipherKey, counter: number, covered: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const end = sealed.length - sealTagOctets;
  if (end < 0) return undefined;
  const decipher = createDecipheriv(algorithm, key, nonceOf(counter), { authTagLength: sealTagOctets });
  decipher.setAAD(covered).setAuthTag(sealed.subarray(end));
  try {
    const body = decipher.update(sealed.subarray(0, end));
    decipher.final(); // empty, or it throws
    return body;
  } catch {
    return undefined; // the only way in which node:crypto says that the tag is another
  }
}

const nonce = new Uint8Array(12);
const nonceView = new DataView(nonce.buffer);

/** 96 bits: zeros and the counter. A key is one start's, and no start uses a counter twice. Valid until the next call. */
function nonceOf(counter: number): Uint8Array {
  nonceView.setUint32(4, Math.floor(counter / 0x1_0000_0000));
  nonceView.setUint32(8, counter % 0x1_0000_0000);
  return nonce;
}
