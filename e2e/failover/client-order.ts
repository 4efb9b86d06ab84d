/** What the client process is told on its command line, as JSON. */
export type ClientOrder = {
  /** IPv4 addresses whose announcements are recorded. */
  readonly watched: readonly string[];
  /** Those of them for which it sends ARP requests: at every tick so many, in turn. */
  readonly asked: readonly string[];
  readonly askedPerTick: number;
  readonly askEveryMs: number;
  /** It opens a TCP connection to each in turn; none: it opens none. */
  readonly connectTo: readonly string[];
  readonly connectEveryMs: number;
  /** Connections that stay open and in use, so many to each. */
  readonly keepOpenTo: readonly string[];
  readonly keepOpenEach: number;
};

/** Lines of the client's output, as JSON. */
export type ClientLine =
  | readonly ["sighting", at: number, address: string, mac: string, unasked: boolean]
  | readonly ["attempt", at: number, address: string, tookMs: number, failure: string | null]
  | readonly ["break", at: number, address: string, why: string]
  | readonly ["late", ms: number];

/** The port of all Services of the lab. */
export const servicePort = 80;
