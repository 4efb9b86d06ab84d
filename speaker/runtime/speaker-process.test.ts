import { deepEqual, equal, match, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { arpOperation, decodeArp } from "../codec/arp.ts";
import { captured } from "../codec/fixture/captured-frames.ts";
import { afPacketTaps } from "../native/af-packet.ts";
import { ethernetLink } from "../native/fake/link.ts";
import { type NamespacePair, whyNoNamespaces, withNamespacePair } from "../native/fake/network-namespaces.ts";
import { interfaceIndex } from "../native/libc.ts";
import type { Link } from "../native/ports.ts";
import { SpeakerProcess } from "./fake/speaker-process.ts";

const namespace = "metallb-system";

/** Runs `use` on a whole speaker that is ready and answers. */
async function withAnsweringSpeaker(use: (world: SpeakerProcess, asker: Asker) => Promise<void>): Promise<void> {
  await withNamespacePair(async (pair) => {
    const world = await SpeakerProcess.prepare(pair);
    const asker = await Asker.open(pair);
    try {
      fill(world);
      world.start();
      await until(() => asker.isAnswered(), 15_000, "the first answer", world);
      await until(async () => (await world.probe("/readyz")) === 200, 5_000, "readiness", world);
      await use(world, asker);
    } finally {
      asker.close();
      await world.close();
    }
  });
}

test("a whole speaker answers, is seen to stand still, is mute, recovers and leaves", {
  skip: whyNoNamespaces ?? false,
}, async () => {
  await withAnsweringSpeaker(async (world, asker) => {
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
  });
});

test("a speaker whose mind stands still answers on, and is not ready", {
  skip: whyNoNamespaces ?? false,
}, async () => {
  await withAnsweringSpeaker(async (world, asker) => {
    world.signal("SIGHUP");
    await until(async () => (await world.probe("/readyz")) === 503, 14_500, "the probe that fails", world);
    equal(await asker.isAnswered(), true);
    equal(await world.probe("/healthz"), 200);
    ok(world.output.includes("/readyz fails: the thread that follows the cluster stands still"), world.output);
    await until(async () => (await world.probe("/readyz")) === 200, 15_000, "readiness after the hold", world);
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

test("a thread that fails ends the process with code 1 and one line that names it", {
  skip: whyNoNamespaces ?? false,
}, async () => {
  await withNamespacePair(async (pair) => {
    const world = await SpeakerProcess.prepare(pair);
    const occupant = pair.inside("a", () => createServer().listen(17472));
    try {
      fill(world);
      await once(occupant, "listening");
      world.start();
      equal(await world.ended(), 1);
      const errors = world.output.split("\n").filter((line) => line.includes('"level":"error"'));
      equal(errors.length, 1, world.output);
      match(errors[0] ?? "", /the thread \\"beat\\" failed: .*17472/);
    } finally {
      occupant.close();
      await world.close();
    }
  });
});

test("an IPv6 address behind a MAC filter is told to all nodes, found by its group, and confirmed", {
  skip: whyNoNamespaces ?? false,
}, async () => {
  await withNamespacePair(async (pair) => {
    // The kernel passes a macvlan only the multicast groups that are joined on it.
    await pair.ip("a", "link", "add", "mv", "link", "va", "address", "02:00:00:00:00:ee", "type", "macvlan", "mode", "bridge");
    await pair.ip("a", "link", "set", "mv", "up");
    const world = await SpeakerProcess.prepare(pair);
    const frames: Uint8Array[] = [];
    const tap = pair.inside("b", () =>
      afPacketTaps.open(vb(), "ndp", { onFrame: (frame) => frames.push(frame), onClosed: () => undefined }),
    );
    try {
      fillIpv6(world, "mv");
      world.start();
      const isUnasked = (frame: Uint8Array): boolean =>
        Buffer.from(frame.subarray(0, 6)).toString("hex") === "333300000001" &&
        frame[54] === 136 &&
        Buffer.from(frame.subarray(62, 78)).toString("hex") === "20010db8000000000000000000000002";
      await until(() => Promise.resolve(frames.some(isUnasked)), 15_000, "an unsolicited advertisement", world);
      ok((await pair.ip("a", "-6", "maddr", "show", "dev", "mv")).includes("ff02::1:ff00:2"));
      // The kernel's own resolution: only a solicited answer makes the neighbor reachable. RFC 4861 §7.2.5.
      await pair.ip("b", "addr", "add", "2001:db8::9/64", "dev", "vb", "nodad");
      const asking = ["netns", "exec", pair.nameOf("b"), "bash", "-c", "echo > /dev/udp/2001:db8::2/9"];
      await promisify(execFile)("ip", asking);
      const neighbor = (): Promise<string> => pair.ip("b", "-6", "neigh", "show", "2001:db8::2", "dev", "vb");
      await until(async () => /lladdr 02:00:00:00:00:ee REACHABLE/.test(await neighbor()), 5_000, "a neighbor", world);
      world.signal("SIGTERM");
      equal(await world.ended(), 0);
    } finally {
      tap.close();
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

/** One node, one pool, one Service with 2001:db8::2 on one interface alone. */
function fillIpv6(world: SpeakerProcess, interfaceName: string): void {
  fill(world);
  const put = (plural: string, object: object): void =>
    world.command({ put: plural, object: object as { readonly metadata: { readonly name: string } } });
  put("ipaddresspools", { metadata: { name: "pool", namespace }, spec: { addresses: ["2001:db8::/64"] } });
  put("l2advertisements", { metadata: { name: "all", namespace }, spec: { interfaces: [interfaceName] } });
  const status = { loadBalancer: { ingress: [{ ip: "2001:db8::2" }] } };
  put("services", { metadata: { name: "web", namespace: "default" }, spec: { type: "LoadBalancer" }, status });
}

/** To be called inside namespace b. */
function vb(): Link {
  return ethernetLink(interfaceIndex("vb"), "vb", captured.arpRequest.slice(6, 12));
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
      return afPacketTaps.open(vb(), "arp", { onFrame: (frame) => this.#received(frame), onClosed: () => undefined });
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
