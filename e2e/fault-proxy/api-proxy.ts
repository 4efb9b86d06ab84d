import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request, type Server } from "node:https";
import { type Fault, isStatusWrite, isWatch, type ProxyOptions, refusalOf, type Traffic } from "./fault.ts";

/** How the operator calls itself. */
const operatorAgent = "herald-controller";

/** Stands before the API server under its own certificate. Tokens are passed on; client certificates cannot be. */
export class ApiProxy {
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #agent: Agent;
  readonly #watches = new Set<ServerResponse>();
  #fault: Fault = { kind: "none" };
  #since = performance.now();
  #counts = { requests: 0, statusWrites: 0, watchesCut: 0 };
  #seconds = new Map<number, number>();
  #cutting: NodeJS.Timeout | undefined;

  constructor(options: ProxyOptions) {
    const { cert, key, ca } = options;
    this.#options = options;
    this.#agent = new Agent({ ca, keepAlive: true });
    this.#server = createServer({ cert, key }, (incoming, answer) => this.#pass(incoming, answer));
  }

  listen(): Promise<void> {
    const { host, port } = this.#options.listen;
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, resolve);
    });
  }

  /** Ends the fault that is, and begins another. @returns what passed under the one that ended. */
  become(fault: Fault): Traffic {
    const traffic = { ...this.#counts, busiestSecond: Math.max(0, ...this.#seconds.values()) };
    clearInterval(this.#cutting);
    this.#fault = fault;
    this.#since = performance.now();
    this.#counts = { requests: 0, statusWrites: 0, watchesCut: 0 };
    this.#seconds = new Map();
    if (fault.kind === "cut-watches") this.#cutting = setInterval(() => this.#cut(), fault.everyMs);
    return traffic;
  }

  #cut(): void {
    this.#counts.watchesCut += this.#watches.size;
    for (const answer of this.#watches) answer.destroy();
    this.#watches.clear();
  }

  #pass(incoming: IncomingMessage, answer: ServerResponse): void {
    const fault = this.#fault;
    const { method, url } = incoming;
    this.#count(incoming);
    if (fault.kind === "refuse-status-writes" && isStatusWrite(method, url)) {
      const { headers, body } = refusalOf(fault);
      incoming.resume();
      answer.writeHead(fault.status, headers).end(body);
      return;
    }
    const { host, port } = this.#options.target;
    const { host: _ours, connection: _hop, ...headers } = incoming.headers;
    const onwards = request({ host, port, method, path: url, headers, agent: this.#agent }, (response) => {
      response.on("error", () => answer.destroy());
      if (fault.kind === "slow") setTimeout(() => this.#answer(incoming, response, answer), fault.ms);
      else this.#answer(incoming, response, answer);
    });
    onwards.on("error", () => answer.destroy()); // as the API server's own end would show
    answer.on("close", () => onwards.destroy());
    incoming.pipe(onwards);
  }

  #answer(incoming: IncomingMessage, response: IncomingMessage, answer: ServerResponse): void {
    if (answer.destroyed) return;
    if (isWatch(incoming.url)) {
      this.#watches.add(answer);
      answer.on("close", () => this.#watches.delete(answer));
    }
    const { connection: _hop, ...headers } = response.headers;
    answer.writeHead(response.statusCode ?? 502, headers);
    answer.flushHeaders();
    response.pipe(answer);
  }

  #count({ method, url, headers }: IncomingMessage): void {
    if (headers["user-agent"] !== operatorAgent) return;
    this.#counts.requests++;
    if (isStatusWrite(method, url)) this.#counts.statusWrites++;
    const second = Math.floor((performance.now() - this.#since) / 1000);
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + 1);
  }
}
