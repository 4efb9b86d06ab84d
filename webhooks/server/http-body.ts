import type { IncomingMessage } from "node:http";

/** Octets: a review of an update holds the object twice, and the API server takes none beyond 3 MiB. */
export const bodyLimit = 7 * 1024 * 1024;

/** @returns undefined when the body is longer than {@link bodyLimit}; the rest is then not read. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  // The stream outlives the loop, so that the refusal can still be sent on its socket.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const octets = chunk as Buffer;
    length += octets.length;
    if (length > bodyLimit) return undefined;
    chunks.push(octets);
  }
  return Buffer.concat(chunks).toString("utf8");
}
