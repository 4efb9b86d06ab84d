/** One or more PEM certificates, in base64: the form of every `caBundle` field. */
type CaBundle = string;

const certificate = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * `present` made to trust `authority`; returned as it is when it does already.
 * @param present undefined or empty: nothing is trusted yet.
 * @param trim drop every other certificate. Otherwise the first of the others stays, as replicas may still serve a certificate
 *   of the former authority for a moment.
 */
export function trusting(present: CaBundle | undefined, authority: string, trim: boolean): CaBundle {
  const wanted = certificatesIn(authority)[0];
  if (wanted === undefined) throw new Error("the authority's certificate is not PEM");
  const held = certificatesIn(textOf(present));
  if (held.includes(wanted) && (!trim || held.length === 1)) return present ?? "";
  const former = trim ? [] : held.slice(0, 1);
  return Buffer.from(`${[wanted, ...former].join("\n")}\n`).toString("base64");
}

/** Whether `bundle` trusts `authority`. */
export function trusts(bundle: CaBundle | undefined, authority: string): boolean {
  const wanted = certificatesIn(authority)[0];
  return wanted !== undefined && certificatesIn(textOf(bundle)).includes(wanted);
}

function textOf(bundle: CaBundle | undefined): string {
  return Buffer.from(bundle ?? "", "base64").toString("utf8");
}

/** Each certificate without the line breaks that differ from writer to writer. */
function certificatesIn(pem: string): readonly string[] {
  return (pem.match(certificate) ?? []).map((text) => text.replaceAll("\r", ""));
}
