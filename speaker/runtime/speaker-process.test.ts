import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { arpOperation, decodeArp } from "../codec/arp.ts";
import { captured } from "../codec/fixture/captured-frames.ts";
import { afPacketTaps } from "../native/af-packet.ts";
import { type NamespacePair, whyNoNamespaces, withNamespacePair } from "../native/fake/network-namespaces.ts";
import { interfaceIndex } from "../native/libc.ts";
import type { Link } from "../native/ports.ts";
import { SpeakerProcess } from "./fake/speaker-process.ts";

const namespace = "metallb-system";

test("a whole speaker answers, is seen to stand still, is mute, recovers and leaves", {
  skip: whyNoNamespaces ?? false,
}, async () => {
  await withNamespacePair(async (pair) => {
    const world = await SpeakerProcess.prepare(pair);
    const asker = await Asker.open(pair);
    try {
      fill(world);
      world.start();
      await until(() => asker.isAnswered(), 15_000, "the first answer", world);
      await until(async () => (await world.probe("/readyz")) === 200, 5_000, "readiness", world);
      equal(await world.probe("/healthz"), 200);
      await until(async () => (await world.names("servicel2statuses")).length === 1, 5_000, "a status object", world);
      deepEqual(await world.names("configurationstates"), ["speaker-n1"]);

      world.signal("SIGUSR2");
      await until(async () => (await world.probe("/healthz")) === 503, 4_000, "the probe that fails", world);
      equal(await asker.isAnswered(), false, "held");
      await until(async () => (await world.probe("/healthz")) === 200, 8_000, "health after the hold", world);
      await until(() => asker.isAnswered(), 5_000, "an answer after the hold", world);
      ok(world.output.includes("this node stood still and is mute"), world.output);

      world.signal("SIGTERM");
      equal(await world.ended(), 0);
      equal(await asker.isAnswered(), false, "gone");
      deepEqual(await world.names("servicel2statuses"), []);
    } finally {
      asker.close();
      await world.close();
    }
  });
});

test("a speaker whose Pod does not exist ends with code 1 and says so on one line", {
  skip: whyNoNamespaces ?? false,
}, async () => {
  await withNamespacePair(async (pair) => {
    const world = await SpeakerProcess.prepare(pair);
    try {
      world.start();
      equal(await world.ended(), 1);
      ok(world.output.includes("Pod metallb-system/speaker-n1 does not exist: check --pod-name and --namespace"), world.output);
    } finally {
      await world.close();
    }
  });
});

/** One node, one pool, one Service with 192.0.2.2. */
function fill(world: SpeakerProcess): void {
  const put = (plural: string, object: object): void =>
    world.command({ put: plural, object: object as { readonly metadata: { readonly name: string } } });
  put("pods", { metadata: { name: "speaker-n1", namespace }, spec: { nodeName: "n1" }, status: { phase: "Running" } });
  put("nodes", { metadata: { name: "n1" }, status: { conditions: [{ type: "Ready", status: "True" }] } });
  put("ipaddresspools", { metadata: { name: "pool", namespace }, spec: { addresses: ["192.0.2.0/24"] } });
  put("l2advertisements", { metadata: { name: "all", namespace }, spec: {} });
  const status = { loadBalancer: { ingress: [{ ip: "192.0.2.2" }] } };
  put("services", { metadata: { name: "web", namespace: "default" }, spec: { type: "LoadBalancer" }, status });
  const labels = { "kubernetes.io/service-name": "web" };
  const endpoints = [{ addresses: ["10.0.0.1"], conditions: { ready: true } }];
  put("endpointslices", { metadata: { name: "web-1", namespace: "default", labels }, endpoints });
}

/** Asks from namespace b for 192.0.2.2, as the captured request does. */
class Asker {
  #answered: () => void = () => undefined;
  readonly #tap;

  static async open(pair: NamespacePair): Promise<Asker> {
    const mac = Buffer.from(captured.arpRequest.subarray(6, 12))
      .toString("hex")
      .replace(/..(?=.)/g, "$&:");
    await pair.ip("b", "link", "set", "vb", "address", mac);
    return new Asker(pair);
  }

  private constructor(pair: NamespacePair) {
    this.#tap = pair.inside("b", () => {
      const flags = { up: true, carrier: true, broadcast: true, noArp: false, loopback: false };
      const link: Link = {
        index: interfaceIndex("vb"),
        name: "vb",
        mac: captured.arpRequest.slice(6, 12),
        mtu: 1500,
        ...flags,
        addresses: [],
      };
      return afPacketTaps.open(link, "arp", { onFrame: (frame) => this.#received(frame), onClosed: () => undefined });
    });
  }

  async isAnswered(): Promise<boolean> {
    const answer = new Promise<boolean>((resolve) => {
      this.#answered = () => resolve(true);
    });
    this.#tap.send(captured.arpRequest);
    return Promise.race([answer, wait(100).then(() => false)]);
  }

  close(): void {
    this.#tap.close();
  }

  #received(frame: Uint8Array): void {
    const gratuitous = frame[0] === 0xff;
    if (!gratuitous && decodeArp(frame.subarray(14)).operation === arpOperation.reply) this.#answered();
  }
}

async function until(holds: () => Promise<boolean>, ms: number, what: string, world: SpeakerProcess): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${ms} ms:\n${world.output}`);
    await wait(20);
  }
}
