import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import type { Log } from "../log/log.ts";

/** PEM texts. */
export type CertificatePair = { readonly cert: string; readonly key: string };

/** Where a TLS server gets its certificate from. */
export interface CertificateSource {
  readonly current: CertificatePair;
  /** Looks, at most every 10 s, whether there is a newer pair; resolves with it, or with undefined. Never rejects. */
  refresh(): Promise<CertificatePair | undefined>;
}

const lookEveryMs = 10_000;

/** A pair that stays as it is. */
export async function fixedCertificate(make: () => Promise<CertificatePair>): Promise<CertificateSource> {
  const current = await make();
  return { current, refresh: () => Promise.resolve(undefined) };
}

/** `tls.crt` and `tls.key` in a directory, read again when they change. @throws Error when there is no pair at the start. */
export async function certificateDirectory(directory: string, clock: Clock, log: Log): Promise<CertificateSource> {
  let current = await readPair(directory);
  let lookedAt = clock.monotonic();
  return {
    get current() {
      return current;
    },
    async refresh() {
      if (clock.monotonic() - lookedAt < lookEveryMs) return undefined;
      lookedAt = clock.monotonic();
      try {
        const pair = await readPair(directory);
        if (pair.cert === current.cert && pair.key === current.key) return undefined;
        current = pair;
        return pair;
      } catch (error) {
        log.warn("certificate not readable; the former one stays in use", { directory, error });
        return undefined;
      }
    },
  };
}

async function readPair(directory: string): Promise<CertificatePair> {
  const [cert, key] = await Promise.all(["tls.crt", "tls.key"].map((name) => readFile(join(directory, name), "utf8")));
  return { cert: cert ?? "", key: key ?? "" };
}
