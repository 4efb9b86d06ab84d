import { createPrivateKey, KeyObject, type webcrypto } from "node:crypto";

/** A certificate and its private key, PEM. */
export type KeyPair = { readonly cert: string; readonly key: string };

/** When a certificate holds, milliseconds since the epoch. */
export type Validity = { readonly from: number; readonly until: number };

type Library = typeof import("@peculiar/x509");

const rsa = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
} as const;
const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Makes a certificate authority: RSA-2048, its key as PKCS#1 like the ones that MetalLB stores. */
export async function createAuthority(name: string, organization: string, { from, until }: Validity): Promise<KeyPair> {
  const x509 = await library();
  const keys = await crypto.subtle.generateKey(rsa, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}, O=${organization}`,
    notBefore: new Date(from),
    notAfter: new Date(until),
    signingAlgorithm: rsa,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      new x509.SubjectAlternativeNameExtension([{ type: "dns", value: name }]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: certificate.toString("pem"), key: pkcs1(keys.privateKey) };
}

/** Makes a serving certificate for the DNS name `name`, signed by `authority`; RSA-2048, its key as PKCS#1. */
export async function createServingPair(authority: KeyPair, name: string, { from, until }: Validity): Promise<KeyPair> {
  const x509 = await library();
  const issuer = new x509.X509Certificate(authority.cert);
  const keys = await crypto.subtle.generateKey(rsa, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: issuer.subjectName,
    notBefore: new Date(from),
    notAfter: new Date(until),
    signingAlgorithm: rsa,
    publicKey: keys.publicKey,
    signingKey: await signingKey(authority.key),
    extensions: [
      ...serverExtensions(x509, [name]),
      await x509.AuthorityKeyIdentifierExtension.create(await issuer.publicKey.export()),
    ],
  });
  return { cert: certificate.toString("pem"), key: pkcs1(keys.privateKey) };
}

/**
 * Makes a certificate that vouches for itself, for servers whose clients do not check it: ECDSA P-256, one year from an hour
 * ago.
 * @param names DNS names; the first is the subject too.
 */
export async function selfSignedCertificate(names: readonly string[], now: number = Date.now()): Promise<KeyPair> {
  const x509 = await library();
  const keys = await crypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${names[0] ?? "localhost"}`,
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + 365 * 86_400_000),
    signingAlgorithm: ecdsa,
    keys,
    extensions: serverExtensions(x509, names),
  });
  const key = KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }).toString();
  return { cert: certificate.toString("pem"), key };
}

function serverExtensions(x509: Library, names: readonly string[]) {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns" as const, value }))),
  ];
}

function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const pkcs8 = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
  return crypto.subtle.importKey("pkcs8", new Uint8Array(pkcs8), rsa, false, ["sign"]);
}

function pkcs1(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: "pkcs1", format: "pem" }).toString();
}

/** Loaded when a certificate has to be made, which most processes never do: it is large and slow to load. */
function library(): Promise<Library> {
  provideReflection();
  return import("@peculiar/x509");
}

/**
 * The library's own dependency refuses to load without the metadata functions of the retired Reflect proposal, and calls just
 * these three.
 */
function provideReflection(): void {
  if ("getMetadata" in Reflect) return;
  const stored = new WeakMap<object, Map<unknown, unknown>>();
  const read = (key: unknown, target: object) => stored.get(target)?.get(key);
  const define = (key: unknown, value: unknown, target: object) => {
    stored.set(target, new Map(stored.get(target)).set(key, value));
  };
  Object.assign(Reflect, { getMetadata: read, getOwnMetadata: read, defineMetadata: define });
}
