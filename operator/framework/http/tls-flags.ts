/** What `--tls-*` mean in Node's terms. */
export type TlsSettings = {
  readonly minVersion: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  readonly ciphers?: string;
  readonly ecdhCurve?: string;
};

export type TlsFlags = {
  readonly "tls-min-version": string;
  readonly "tls-cipher-suites": string;
  readonly "tls-curve-preferences": string;
};

const versions = { VersionTLS10: "TLSv1", VersionTLS11: "TLSv1.1", VersionTLS12: "TLSv1.2", VersionTLS13: "TLSv1.3" } as const;

/** Go's names of the TLS 1.2 suites and OpenSSL's. */
const suites: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: "ECDHE-ECDSA-AES128-GCM-SHA256",
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: "ECDHE-ECDSA-AES256-GCM-SHA384",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: "ECDHE-ECDSA-CHACHA20-POLY1305",
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: "ECDHE-ECDSA-AES128-SHA",
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: "ECDHE-ECDSA-AES256-SHA",
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: "ECDHE-RSA-AES128-GCM-SHA256",
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: "ECDHE-RSA-AES256-GCM-SHA384",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: "ECDHE-RSA-CHACHA20-POLY1305",
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: "ECDHE-RSA-AES128-SHA",
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: "ECDHE-RSA-AES256-SHA",
  TLS_RSA_WITH_AES_128_GCM_SHA256: "AES128-GCM-SHA256",
  TLS_RSA_WITH_AES_256_GCM_SHA384: "AES256-GCM-SHA384",
  TLS_RSA_WITH_AES_128_CBC_SHA: "AES128-SHA",
  TLS_RSA_WITH_AES_256_CBC_SHA: "AES256-SHA",
};

/** Suites of TLS 1.3: Go knows the names, and all of them are always on. */
const always: readonly string[] = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];

/** IANA's numbers of the groups that Node can offer. */
const groups: Readonly<Record<string, string>> = { 23: "P-256", 24: "P-384", 25: "P-521", 29: "X25519", 4588: "X25519MLKEM768" };

/** @throws {Error} saying which flag cannot be used and why. */
export function tlsSettings(flags: TlsFlags): TlsSettings {
  const minVersion = versionOf(flags["tls-min-version"]);
  const names = listOf(flags["tls-cipher-suites"]);
  if (names.length > 0 && minVersion === "TLSv1.3") {
    throw new Error("--tls-cipher-suites has no effect on TLS 1.3: lower --tls-min-version, or leave the suites out");
  }
  const selectable = names.filter((name) => !always.includes(name));
  const ciphers = selectable.map((name) => {
    const known = suites[name];
    if (known === undefined) throw new Error(`--tls-cipher-suites: unknown suite ${JSON.stringify(name)}`);
    return known;
  });
  const curves = curvesOf(listOf(flags["tls-curve-preferences"]));
  return {
    minVersion,
    ...(ciphers.length > 0 && { ciphers: ciphers.join(":") }),
    ...(curves.length > 0 && { ecdhCurve: curves.join(":") }),
  };
}

function versionOf(name: string): TlsSettings["minVersion"] {
  if (name === "") return "TLSv1.3";
  const version = Object.entries(versions).find(([known]) => known === name)?.[1];
  if (version === undefined) {
    throw new Error(`--tls-min-version: unknown ${JSON.stringify(name)}; possible are ${Object.keys(versions).join(", ")}`);
  }
  return version;
}

function curvesOf(ids: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return ids.map((id) => {
    const group = /^[1-9]\d{0,4}$/.test(id) && Number(id) <= 65_535 ? groups[id] : undefined;
    if (group === undefined || seen.has(id)) {
      throw new Error(`--tls-curve-preferences: ${JSON.stringify(id)} is no supported group number, or is there twice`);
    }
    seen.add(id);
    return group;
  });
}

function listOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
