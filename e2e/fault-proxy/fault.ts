/** What the proxy does to the requests that pass it, beside passing them. */
export type Fault =
  | { readonly kind: "none" }
  /** Every so often all connections that carry a watch are cut. */
  | { readonly kind: "cut-watches"; readonly everyMs: number }
  /** Writes of a status never reach the API server. */
  | { readonly kind: "refuse-status-writes"; readonly status: 409 | 429; readonly retryAfterSeconds?: number }
  /** What the API server answers comes so much later; watches begin so much later. */
  | { readonly kind: "slow"; readonly ms: number };

/** What passed since the fault before was ended. */
export type Traffic = {
  /** Requests of the operator, those refused here included. */
  readonly requests: number;
  /** Of these, the writes of a status. */
  readonly statusWrites: number;
  /** The most requests in one second, seconds counted from the fault's beginning. */
  readonly busiestSecond: number;
  readonly watchesCut: number;
};

export type ProxyOptions = {
  readonly listen: { readonly host: string; readonly port: number };
  /** The API server. */
  readonly target: { readonly host: string; readonly port: number };
  /** PEM: the certificate that clients of the API server know it by, its key, and whom to trust as the API server. */
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
};

/** Whether a request writes the status of an object. */
export function isStatusWrite(method: string | undefined, url: string | undefined): boolean {
  return (method === "PATCH" || method === "PUT") && pathOf(url).endsWith("/status");
}

/** Whether a request is a watch. */
export function isWatch(url: string | undefined): boolean {
  const [, query = ""] = (url ?? "").split("?", 2);
  return /^(1|true)$/.test(new URLSearchParams(query).get("watch") ?? "");
}

/**
 * The API server's words for a refusal. A 429 that says when to come back is what its overload filter sends, plain text; one
 * that does not is a Status.
 */
export function refusalOf(fault: Fault & { readonly kind: "refuse-status-writes" }): {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
} {
  const { status: code, retryAfterSeconds } = fault;
  if (retryAfterSeconds !== undefined) {
    const headers = { "content-type": "text/plain; charset=utf-8", "retry-after": String(retryAfterSeconds) };
    return { headers, body: "Too many requests, please try again later.\n" };
  }
  const [reason, message] =
    code === 409
      ? ["Conflict", "the object has been modified; please apply your changes to the latest version and try again"]
      : ["TooManyRequests", "the server has received too many requests"];
  const body = JSON.stringify({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code });
  return { headers: { "content-type": "application/json" }, body };
}

function pathOf(url: string | undefined): string {
  return (url ?? "").split("?", 1)[0] ?? "";
}
