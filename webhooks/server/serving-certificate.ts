import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { KeyPair } from "../../operator/framework/http/certificates.ts";
import { pairFits } from "./certificate-check.ts";
import { type KeeperOptions, keepCertificates } from "./certificate-keeper.ts";

/** What the server shows, and whom the API server must trust to believe it. */
export type ServedCertificate = {
  readonly serving: KeyPair;
  /** PEM; undefined when somebody else made the certificate and cares for the caBundles. */
  readonly authority: string | undefined;
};

/** From the Secret, by way of the API: no wait for kubelet to mount it. Made and renewed as needed. */
export async function certificateOfSecret(options: KeeperOptions): Promise<ServedCertificate> {
  const { authority, serving } = await keepCertificates(options);
  return { serving, authority: authority.cert };
}

/**
 * From `tls.crt` and `tls.key` in `directory`, with certificate rotation disabled.
 * @throws Error when a file cannot be read, as kubelet may not have mounted it yet, or when the two do not belong together, as
 * they may be in the middle of an exchange.
 */
export async function certificateOfDirectory(directory: string): Promise<ServedCertificate> {
  const [cert, key] = await Promise.all([
    readFile(join(directory, "tls.crt"), "utf8"),
    readFile(join(directory, "tls.key"), "utf8"),
  ]);
  if (!pairFits({ cert, key })) throw new Error(`tls.crt and tls.key in ${directory} are no certificate and its key`);
  return { serving: { cert, key }, authority: undefined };
}
