import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

type Connection = { readonly socket: Socket; request: IncomingMessage | undefined };

/**
 * Bounds the number of connections without shutting the API server out: when there are too many, the one that has done
 * nothing for the longest time is cut. One whose request has come in whole is never cut before its answer.
 */
export class ConnectionCrowd {
  readonly #limit: number;
  /** By the client's address and port, those that did something lately last. */
  readonly #connections = new Map<string, Connection>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A connection was made; TLS comes later. */
  add(socket: Socket): void {
    const key = keyOf(socket);
    const connection = { socket, request: undefined };
    this.#connections.set(key, connection);
    socket.once("close", () => {
      if (this.#connections.get(key) === connection) this.#connections.delete(key);
    });
    if (this.#connections.size > this.#limit) this.#cutOne();
  }

  /** A request's headers came in. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    const key = keyOf(request.socket);
    const connection = this.#connections.get(key);
    if (connection === undefined) return;
    connection.request = request;
    response.once("close", () => {
      connection.request = undefined;
      if (this.#connections.delete(key)) this.#connections.set(key, connection);
    });
  }

  /** The newest one when all others are being answered. */
  #cutOne(): void {
    for (const [key, { socket, request }] of this.#connections) {
      if (request?.complete === true) continue;
      this.#connections.delete(key);
      socket.destroy();
      return;
    }
  }
}

/** The same for a TCP connection and for the TLS on it. */
function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
