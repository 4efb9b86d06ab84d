import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "node:tls";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import { FakeApi } from "../../operator/framework/fake/fake-api.ts";
import { FakeClock } from "../../operator/framework/fake/fake-clock.ts";
import { FakeLog } from "../../operator/framework/fake/fake-log.ts";
import { type KeyPair, selfSignedCertificate } from "../../operator/framework/http/certificates.ts";
import { systemClock } from "../../operator/framework/system-clock.ts";
import type { Definition } from "./converted-definition.ts";
import { startWebhookServer, type WebhookServer, type WebhookServerOptions } from "./server.ts";
import type { WebhookConfiguration } from "./webhook-configuration.ts";

const namespace = "metallb-system";
const host = `metallb-webhook-service.${namespace}.svc`;
const secretKey = { namespace, name: "metallb-webhook-cert" };
const configurationKey = { name: "metallb-webhook-configuration" };

const emptyDefinition: Definition = {
  metadata: { name: "bgppeers.metallb.io" },
  spec: { conversion: { strategy: "Webhook", webhook: { clientConfig: {} } } },
};

/** How much later than the API the API server's own copies of the caBundles are, in turns of one second. */
const lag = 5;

class Bench {
  readonly api = new FakeApi();
  readonly clock = new FakeClock(Date.now());
  readonly replicas: WebhookServer[] = [];
  /** Every certificate that was seen at a handshake, by its serial number. */
  readonly seen = new Set<string>();
  readonly failures: string[] = [];
  readonly #bundles: string[] = [];

  constructor() {
    this.api.put(resourceTypes.validatingwebhookconfigurations, { metadata: configurationKey });
    this.api.put<Definition>(resourceTypes.customresourcedefinitions, emptyDefinition);
    this.api.put(resourceTypes.secrets, { metadata: secretKey });
  }

  async start(changes: Partial<WebhookServerOptions> = {}): Promise<WebhookServer> {
    const replica = await startWebhookServer({
      api: this.api,
      namespace,
      log: new FakeLog(),
      clock: this.clock,
      port: 0,
      certificates: { secret: secretKey.name },
      drainMs: 0,
      ...changes,
    });
    this.replicas.push(replica);
    return replica;
  }

  get bundle(): string {
    const configuration = this.api.peek<WebhookConfiguration>(resourceTypes.validatingwebhookconfigurations, configurationKey);
    return Buffer.from(configuration?.webhooks?.[0]?.clientConfig.caBundle ?? "", "base64").toString();
  }

  get conversionBundle(): string {
    const definition = this.api.peek<Definition>(resourceTypes.customresourcedefinitions, emptyDefinition.metadata);
    return Buffer.from(definition?.spec?.conversion?.webhook?.clientConfig?.caBundle ?? "", "base64").toString();
  }

  get authorities(): number {
    return this.bundle.split("BEGIN CERTIFICATE").length - 1;
  }

  /** A second passes, and the API server, trusting what it knew a while ago, calls every replica. */
  async turn(ms = 1_000): Promise<void> {
    await this.clock.advance(ms);
    await new Promise<void>((resolve) => systemClock.after(5, resolve)); // keys take time to be made, files to be read
    this.#bundles.push(this.bundle);
    const ca = this.#bundles.at(-1 - lag) ?? "";
    if (ca !== "") for (const replica of this.replicas) await this.#handshake(await replica.listening, ca);
  }

  async until(holds: () => boolean): Promise<void> {
    for (let turn = 0; turn < 500 && !holds(); turn++) await this.turn();
    ok(holds());
  }

  async #handshake(port: number, ca: string): Promise<void> {
    const socket = connect({ port, host: "127.0.0.1", servername: host, ca });
    try {
      await once(socket, "secureConnect");
      this.seen.add(socket.getPeerCertificate().serialNumber);
    } catch (error) {
      this.failures.push(String(error));
    } finally {
      socket.destroy();
    }
  }

  async close(): Promise<void> {
    const closing = Promise.all(this.replicas.map((replica) => replica.close()));
    await this.clock.advance(1_000);
    await closing;
  }
}

test("an API server that is late to learn of a new authority sees no failed handshake at any replica while it takes over", async () => {
  const bench = new Bench();
  await bench.start();
  await bench.start();
  await bench.until(() => bench.seen.size === 1);
  equal(bench.authorities, 1);

  bench.api.put(resourceTypes.secrets, { metadata: secretKey }); // the Secret is emptied: a new authority is made
  await bench.until(() => bench.authorities === 2);
  await bench.until(() => bench.seen.size === 2);
  for (let turn = 0; turn < 20; turn++) await bench.turn(); // the slower replica, too
  deepEqual([bench.authorities, bench.replicas.map((replica) => replica.ready())], [2, [true, true]]);

  await bench.turn(600_000);
  await bench.until(() => bench.authorities === 1);
  for (let turn = 0; turn < 2 * lag; turn++) await bench.turn();
  deepEqual([bench.failures, bench.seen.size], [[], 2]);
  await bench.close();
});

test("a caBundle that somebody empties is filled again at once", async () => {
  const bench = new Bench();
  await bench.start();
  await bench.until(() => bench.seen.size === 1);
  await bench.turn(600_000); // from here on nobody looks for twelve hours
  for (let turn = 0; turn < 2 * lag; turn++) await bench.turn();
  const { bundle } = bench;

  bench.api.put(resourceTypes.validatingwebhookconfigurations, { metadata: configurationKey });
  await bench.turn();
  equal(bench.bundle, bundle);

  bench.api.put<Definition>(resourceTypes.customresourcedefinitions, emptyDefinition);
  await bench.turn();
  equal(bench.conversionBundle, bundle);
  await bench.close();
});

async function filed(directory: string, { cert, key }: KeyPair): Promise<void> {
  await writeFile(join(directory, "tls.crt"), cert);
  await writeFile(join(directory, "tls.key"), key);
}

test("with rotation disabled, files that change are served, and files that do not fit together are not", async () => {
  const directory = await mkdtemp(join(tmpdir(), "herald-rotation-"));
  const [first, second] = [await selfSignedCertificate([host]), await selfSignedCertificate([host])];
  await filed(directory, first);
  const bench = new Bench();
  const replica = await bench.start({ certificates: { directory } });
  const port = await replica.listening;
  const serial = async () => {
    const socket = connect({ port, host: "127.0.0.1", servername: host, rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };
  const before = await serial();
  const { cert, key } = second;
  for (const broken of [
    { cert, key: first.key },
    { cert: "", key },
    { cert: "nonsense", key },
  ]) {
    await filed(directory, broken);
    for (let turn = 0; turn < 20; turn++) await bench.turn(10_000);
    equal(await serial(), before);
  }
  await filed(directory, second);
  for (let turn = 0; turn < 200 && (await serial()) === before; turn++) await bench.turn(10_000);
  notEqual(await serial(), before);
  await bench.close();
  await rm(directory, { recursive: true });
});
