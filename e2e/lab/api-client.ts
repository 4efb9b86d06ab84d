import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";

/** The API server's refusal: HTTP status and its message. */
export class ApiRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type WatchEvent<T> = { readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR"; readonly object: T };

type Credentials = { readonly server: string; readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };

/** The lab's own way to the API server, as administrator; small, so that what is tested does not test itself. */
export class ApiClient {
  readonly #credentials: Credentials;
  readonly #agent: Agent;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
    const { ca, cert, key } = credentials;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 32, ca, cert, key });
  }

  /** Reads a kubeconfig that {@link writeKubeconfig} wrote. */
  static fromKubeconfig(path: string): ApiClient {
    const config = JSON.parse(readFileSync(path, "utf8"));
    const decoded = (text: string): Buffer => Buffer.from(text, "base64");
    const { cluster } = config.clusters[0];
    const { user } = config.users[0];
    return new ApiClient({
      server: cluster.server,
      ca: decoded(cluster["certificate-authority-data"]),
      cert: decoded(user["client-certificate-data"]),
      key: decoded(user["client-key-data"]),
    });
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#send("GET", path)) as T;
  }

  async create<T>(path: string, body: object): Promise<T> {
    return (await this.#send("POST", path, body)) as T;
  }

  /** JSON merge patch. */
  async patch<T>(path: string, body: object): Promise<T> {
    return (await this.#send("PATCH", path, body, "application/merge-patch+json")) as T;
  }

  async delete(path: string, body?: object): Promise<void> {
    await this.#send("DELETE", path, body);
  }

  /** The answer's text as it is: for `/readyz` and the like. */
  async text(path: string): Promise<string> {
    return this.#exchange("GET", path);
  }

  close(): void {
    this.#agent.destroy();
  }

  /**
   * Lists and watches a collection for ever, reconnecting; `onObjects` gets everything that exists after each change.
   * Changes that come together are told once.
   */
  async follow<T extends { metadata: { uid?: string } }>(
    path: string,
    onObjects: (objects: ReadonlyMap<string, T>) => void,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        const list = await this.get<{ metadata: { resourceVersion: string }; items: readonly T[] }>(path);
        const objects = new Map(list.items.map((item) => [item.metadata.uid ?? "", item]));
        onObjects(objects);
        await this.#watch<T>(
          `${path}${path.includes("?") ? "&" : "?"}watch=1&resourceVersion=${list.metadata.resourceVersion}`,
          signal,
          (event) => {
            const uid = event.object.metadata.uid ?? "";
            if (event.type === "DELETED") objects.delete(uid);
            else objects.set(uid, event.object);
            onObjects(objects);
          },
        );
      } catch {
        // the API server is away: list again
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  async #watch<T>(path: string, signal: AbortSignal, onEvent: (event: WatchEvent<T>) => void): Promise<void> {
    const response = await this.#open("GET", path, undefined, "", signal);
    if (response.statusCode !== 200) throw new ApiRefusal(response.statusCode ?? 0, await textOf(response));
    response.setEncoding("utf8");
    let rest = "";
    for await (const chunk of response) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = JSON.parse(line) as WatchEvent<T>;
        if (event.type === "ERROR") return;
        onEvent(event);
      }
    }
  }

  async #send(method: string, path: string, body?: object, contentType = "application/json"): Promise<unknown> {
    return JSON.parse(await this.#exchange(method, path, body, contentType));
  }

  async #exchange(method: string, path: string, body?: object, contentType = "application/json"): Promise<string> {
    const response = await this.#open(method, path, body, contentType, AbortSignal.timeout(30_000));
    const text = await textOf(response);
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return text;
    throw new ApiRefusal(status, messageOf(text));
  }

  #open(
    method: string,
    path: string,
    body: object | undefined,
    contentType: string,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const text = body === undefined ? "" : JSON.stringify(body);
      // Node does not say by itself how long a DELETE's body is
      const headers = body === undefined ? {} : { "content-type": contentType, "content-length": Buffer.byteLength(text) };
      const url = new URL(path, this.#credentials.server);
      const call = request(url, { method, headers, agent: this.#agent, signal }, resolve);
      call.on("error", reject);
      call.end(text);
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function messageOf(text: string): string {
  try {
    return JSON.parse(text).message ?? text;
  } catch {
    return text;
  }
}
