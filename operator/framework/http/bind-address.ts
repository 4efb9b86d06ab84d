/** Where to listen; an absent host stands for all addresses of both families. */
export type BindAddress = { readonly host: string | undefined; readonly port: number };

/** Reads Go's `host:port`, where the host may be left out and an IPv6 address stands in brackets. Undefined when it is none. */
export function parseBindAddress(text: string): BindAddress | undefined {
  const [, bracketed, plain, digits = ""] = /^(?:\[([^[\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65_535) return undefined;
  return { host: bracketed ?? (plain || undefined), port };
}
