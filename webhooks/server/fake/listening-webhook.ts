import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { connect, type TLSSocket } from "node:tls";
import { FakeLog } from "../../../operator/framework/fake/fake-log.ts";
import type { KeyPair } from "../../../operator/framework/http/certificates.ts";
import { systemClock } from "../../../operator/framework/system-clock.ts";
import type { AdmissionRequest, Verdict } from "../../admission/request.ts";
import { BodyBudget } from "../http-body.ts";
import { HttpsListener, type ListenerLimits } from "../https-listener.ts";
import { convertPeer } from "../peer-conversion.ts";
import { answer } from "../routes.ts";

export type WebhookChanges = {
  readonly limits?: Partial<ListenerLimits>;
  /** Octets for all long bodies together. */
  readonly octets?: number;
  readonly admit?: (request: AdmissionRequest, deadline: number) => Promise<Verdict>;
};

export type Answered = { readonly status: number; readonly text: string };

/** The routes behind a real listener on the loopback interface; every request is allowed unless `admit` says otherwise. */
export class ListeningWebhook {
  readonly log = new FakeLog();
  readonly listener: HttpsListener;

  constructor({ limits = {}, octets, admit }: WebhookChanges = {}) {
    const budget = new BodyBudget(octets);
    const options = {
      admit: admit ?? (() => Promise.resolve({ allowed: true, warnings: [] } as const)),
      convert: convertPeer,
      budget,
      clock: systemClock,
      log: this.log,
    };
    this.listener = new HttpsListener({
      port: 0,
      log: this.log,
      limits,
      handle: (request, response) => answer(request, response, options),
    });
  }

  async start(pair: KeyPair): Promise<this> {
    await this.listener.serve(pair);
    return this;
  }

  get port(): number {
    return this.listener.port ?? 0;
  }

  /** A TLS connection that says nothing yet. */
  async connected(): Promise<TLSSocket> {
    const socket = connect({ port: this.port, host: "127.0.0.1", rejectUnauthorized: false });
    socket.on("error", () => undefined); // being cut is what some tests are about
    await once(socket, "secureConnect");
    return socket;
  }

  /** One request on a connection of its own. */
  async send(path: string, body: string | Uint8Array, changes: RequestOptions = {}): Promise<Answered> {
    const headers = { "content-type": "application/json", ...changes.headers };
    const options = {
      port: this.port,
      host: "127.0.0.1",
      rejectUnauthorized: false,
      agent: false as const,
      method: "POST",
      path,
    };
    const request = httpsRequest({ ...options, ...changes, headers });
    request.on("error", () => undefined);
    request.end(body);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += chunk;
    return { status: response.statusCode ?? 0, text };
  }
}
