import { deepEqual, equal, ok } from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afPacketTaps } from "./af-packet.ts";
import { ethernetLink } from "./fake/link.ts";
import { type NamespacePair, whyNoNamespaces, withNamespacePair } from "./fake/network-namespaces.ts";
import { interfaceIndex } from "./libc.ts";
import { createLinkMonitor } from "./link-monitor.ts";
import { loadPcapTaps } from "./pcap.ts";
import type { FrameTap, Link, LinkMonitor, TapEvents, TapFactory, TapProtocol } from "./ports.ts";

type BackEnd = {
  readonly name: string;
  readonly taps: TapFactory | undefined;
  /** False: closing frees nothing until another frame passes the filter. docs/decisions/0003-frame-tap.md */
  readonly closesOnQuietLinks: boolean;
  /** False: it takes no notice of the questions that are wanted. */
  readonly narrows: boolean;
};
const backEnds: readonly BackEnd[] = [
  { name: "af-packet", taps: afPacketTaps, closesOnQuietLinks: true, narrows: true },
  { name: "node-pcap", taps: await loadPcapTaps().catch(() => undefined), closesOnQuietLinks: false, narrows: false },
];

for (const { name, taps, closesOnQuietLinks, narrows } of backEnds) {
  const skip = whyNoNamespaces ?? (taps === undefined ? "node-pcap is not built here" : false);
  const contract = (rule: string, body: (bench: Bench, say: (text: string) => void) => Promise<void>): void => {
    test(`${name}: ${rule}`, { skip }, async (t) => {
      if (taps === undefined) return;
      await withNamespacePair(async (pair) => {
        const bench = await Bench.open(pair, taps);
        try {
          await body(bench, (text) => t.diagnostic(`${name}: ${text}`));
        } finally {
          bench.close();
        }
      }, true);
    });
  };

  contract("answers ARP requests within 50 ms at the 99th percentile", async (bench, say) => {
    const answering = bench.tap("a", "arp", { onFrame: () => answering.send(arpFrame(2, MAC_A, MAC_B, 60)) });
    const times = await bench.roundTrips(300, arpFrame(1, MAC_B, BROADCAST, 60));
    const at = (fraction: number): number => times[Math.ceil(fraction * times.length) - 1] ?? Number.NaN;
    say(`p50 ${at(0.5).toFixed(3)} ms, p99 ${at(0.99).toFixed(3)} ms, worst ${at(1).toFixed(3)} ms`);
    ok(at(0.99) < 50, `p99 is ${at(0.99)} ms`);
  });

  contract("delivers whole frames of its protocol and of no other", async (bench) => {
    const arp = bench.collect("a", "arp");
    const ndp = bench.collect("a", "ndp");
    const others = [
      ipv6Frame(58, 128),
      ipv6Frame(17, 135),
      Buffer.concat([BROADCAST, MAC_B, Buffer.from("0800", "hex"), Buffer.alloc(50)]),
    ];
    const wanted = [arpFrame(1, MAC_B, BROADCAST, 60), ipv6Frame(58, 135), ipv6Frame(58, 136)];
    for (const frame of [...others, ...wanted]) bench.peer.send(frame);
    await until(() => arp.length >= 1 && ndp.length >= 2);
    deepEqual(arp.map(hex), [hex(arpFrame(1, MAC_B, BROADCAST, 60))]);
    deepEqual(ndp.map(hex), [hex(ipv6Frame(58, 135)), hex(ipv6Frame(58, 136))]);
  });

  contract("keeps every frame of a burst of 500 that arrives while JavaScript is busy", async (bench) => {
    const seen = bench.collect("a", "arp");
    for (let i = 0; i < 500; i += 1) bench.peer.send(arpFrame(1, MAC_B, BROADCAST, 60));
    await until(() => seen.length >= 500);
    equal(seen.length, 500);
  });

  contract("does not see its own frames", async (bench) => {
    const seen = bench.collect("a", "arp");
    const second = bench.collect("a", "arp");
    bench.taps[0]?.send(arpFrame(1, MAC_A, BROADCAST, 60));
    bench.peer.send(arpFrame(1, MAC_B, BROADCAST, 60));
    await until(() => seen.length >= 1 && second.length >= 1);
    deepEqual(
      [seen.map(hex), second.map(hex)],
      [[hex(arpFrame(1, MAC_B, BROADCAST, 60))], [hex(arpFrame(1, MAC_B, BROADCAST, 60))]],
    );
  });

  contract("hears every question where the kernel has no room for a long filter", async (bench, say) => {
    const seen = bench.collect("a", "arp");
    const limit = ["netns", "exec", bench.pair.nameOf("a"), "sysctl", "-qw", "net.core.optmem_max=1024"];
    const limited = await promisify(execFile)("ip", limit).then(
      () => true,
      () => false,
    );
    if (!limited) say("this kernel has one limit for all namespaces, which is left alone");
    bench.taps.at(-1)?.askFor(scattered());
    const question = requestFor(limited ? Buffer.from([192, 0, 2, 3]) : Buffer.from([10, 1, 0, 1]));
    bench.peer.send(question);
    await until(() => seen.length >= 1);
    deepEqual(seen.map(hex), [hex(question)]);
  });

  contract("is promiscuous only when it is told to, and for as long as it is open", async (bench) => {
    const promiscuity = async (): Promise<number> =>
      JSON.parse(await bench.pair.ip("a", "-d", "-j", "link", "show", "dev", "va"))[0].promiscuity;
    bench.tap("a", "arp", {});
    equal(await promiscuity(), 0);
    const tap = bench.tap("a", "arp", {}, true);
    equal(await promiscuity(), 1);
    tap.close();
    if (!closesOnQuietLinks) bench.peer.send(arpFrame(1, MAC_B, BROADCAST, 60));
    for (const deadline = performance.now() + 5_000; (await promiscuity()) !== 0; ) ok(performance.now() < deadline);
  });

  contract("does not see frames with an 802.1Q or 802.1ad tag, nor with two", async (bench) => {
    const seen = bench.collect("a", "arp");
    const untagged = arpFrame(1, MAC_B, BROADCAST, 60);
    for (const tag of ["81000064", "88a80064", "88a8006481000064"]) {
      bench.peer.send(Buffer.concat([untagged.subarray(0, 12), Buffer.from(tag, "hex"), untagged.subarray(12)]));
    }
    bench.peer.send(untagged);
    await until(() => seen.length >= 1);
    deepEqual(seen.map(hex), [hex(untagged)]);
  });

  contract(
    "delivers questions for the addresses that are asked for and all statements, and need not deliver other questions",
    async (bench) => {
      const seen: string[] = [];
      const tap = bench.tap("a", "arp", { onFrame: (frame) => seen.push(hex(frame)), onClosed: (reason) => seen.push(reason) });
      const ours = Buffer.from([192, 0, 2, 2]);
      const [question, other, statement] = [
        requestFor(ours),
        requestFor(Buffer.from([192, 0, 2, 3])),
        arpFrame(2, MAC_B, BROADCAST, 60),
      ];
      const heard = async (): Promise<readonly string[]> => {
        seen.length = 0;
        for (const frame of [other, question, statement]) bench.peer.send(frame);
        await until(() => seen.includes(hex(statement)));
        return [...seen];
      };
      tap.askFor(Uint32Array.of(ours.readUInt32BE()));
      deepEqual(await heard(), [...(narrows ? [] : [other]), question, statement].map(hex));
      tap.askFor(new Uint32Array());
      deepEqual(await heard(), [...(narrows ? [] : [other, question]), statement].map(hex));
      tap.askFor(Uint32Array.of(...scattered(), ours.readUInt32BE()));
      ok((await heard()).includes(hex(question)), "among ten thousand");
      tap.askFor(undefined);
      deepEqual(await heard(), [other, question, statement].map(hex));
    },
  );

  contract("a tap whose link went down is closed at the link monitor's word, and a new one works", async (bench) => {
    const reasons: string[] = [];
    const links = await bench.monitor("a");
    const tap = bench.tap("a", "arp", { onClosed: (reason) => reasons.push(reason) });
    await bench.pair.ip("a", "link", "set", "va", "down");
    await links.until(({ up }) => !up);
    tap.close();
    const said = reasons.length;
    ok(said <= 1, reasons.join());
    await bench.pair.ip("a", "link", "set", "va", "up");
    await links.until(({ up }) => up);
    await bench.hears("a");
    equal(reasons.length, said, "a tap that is closed says nothing more");
  });

  contract("a link that fails together with a frame, and is back before anybody looks, is no different", async (bench) => {
    const links = await bench.monitor("a");
    const tap = bench.tap("a", "arp", {});
    await bench.hears("a");
    bench.peer.send(arpFrame(1, MAC_B, BROADCAST, 60));
    const flap = "link set va down\nlink set va up\n";
    execFileSync("ip", ["-n", bench.pair.nameOf("a"), "-batch", "-"], { input: flap, timeout: 5_000 });
    await links.until(({ up }) => !up);
    tap.close();
    await links.until(({ up }) => up);
    await bench.hears("a");
  });

  contract("frees its descriptors in 150 cycles of opening and closing", async (bench, say) => {
    const before = descriptors();
    const memory = process.memoryUsage.rss();
    for (let i = 0; i < 150; i += 1) {
      const tap = bench.tap("a", "arp", {});
      if (i % 2 === 0) await wait(0);
      tap.close();
      if (!closesOnQuietLinks) bench.peer.send(arpFrame(1, MAC_B, BROADCAST, 60));
      await wait(0);
    }
    await until(() => descriptors() <= before);
    say(`${((process.memoryUsage.rss() - memory) / 1048576).toFixed(1)} MiB more after 150 cycles`);
  });

  contract("can be closed inside its own callback", async (bench) => {
    let seen = 0;
    const tap = bench.tap("a", "arp", {
      onFrame: () => {
        seen += 1;
        tap.close();
      },
    });
    for (let i = 0; i < 10; i += 1) bench.peer.send(arpFrame(1, MAC_B, BROADCAST, 60));
    await until(() => seen > 0);
    await wait(20);
    equal(seen, 1);
    equal(tap.send(arpFrame(1, MAC_A, BROADCAST, 60)), false);
  });

  contract("lets the process end at once", async (bench) => {
    const { opened, ended } = bench.process(name, "exit");
    await Promise.all([opened, ended]);
  });

  contract("keeps no process alive once it is closed and its interface is gone", async (bench) => {
    const { opened, ended } = bench.process(name, "close");
    await opened;
    await bench.pair.ip("b", "link", "del", "vb");
    await ended;
  });

  test(`${name}: says in a sentence which interface it cannot open`, { skip }, () => {
    const missing = ethernetLink(0x7fff_fff0, "none-such", MAC_A);
    try {
      taps?.open(missing, "arp", { onFrame: () => undefined, onClosed: () => undefined });
      ok(false, "it opened");
    } catch (error) {
      ok(error instanceof Error && error.message.includes("cannot capture arp frames on interface none-such"), String(error));
    }
  });
}

const MAC_A = Buffer.from("0200000000aa", "hex");
const MAC_B = Buffer.from("0200000000bb", "hex");
const BROADCAST = Buffer.alloc(6, 0xff);

/** Taps under test on va, and one AF_PACKET tap on vb as the measuring instrument. */
class Bench {
  readonly pair: NamespacePair;
  readonly taps: FrameTap[] = [];
  readonly #monitors: LinkMonitor[] = [];
  readonly #factory: TapFactory;
  #onPeerFrame: () => void = () => undefined;
  readonly peer: FrameTap;

  private constructor(pair: NamespacePair, factory: TapFactory) {
    this.pair = pair;
    this.#factory = factory;
    this.peer = pair.inside("b", () =>
      afPacketTaps.open(ethernetLink(interfaceIndex("vb"), "vb", MAC_B), "arp", {
        onFrame: () => this.#onPeerFrame(),
        onClosed: () => undefined,
      }),
    );
  }

  static async open(pair: NamespacePair, factory: TapFactory): Promise<Bench> {
    await pair.ip("a", "link", "set", "va", "address", "02:00:00:00:00:aa");
    await pair.ip("b", "link", "set", "vb", "address", "02:00:00:00:00:bb");
    return new Bench(pair, factory);
  }

  tap(side: "a" | "b", protocol: TapProtocol, events: Partial<TapEvents>, promiscuous = false): FrameTap {
    const { onFrame = () => undefined, onClosed = () => undefined } = events;
    const mac = side === "a" ? MAC_A : MAC_B;
    const tap = this.pair.inside(side, () => {
      const link = ethernetLink(interfaceIndex(`v${side}`), `v${side}`, mac);
      return this.#factory.open(link, protocol, { onFrame, onClosed }, promiscuous);
    });
    this.taps.push(tap);
    return tap;
  }

  collect(side: "a" | "b", protocol: TapProtocol): Uint8Array[] {
    const frames: Uint8Array[] = [];
    this.tap(side, protocol, { onFrame: (frame) => frames.push(frame) });
    return frames;
  }

  /** Opens a new tap and returns once a frame has come through it. */
  async hears(side: "a" | "b"): Promise<void> {
    const seen = this.collect(side, "arp");
    await until(() => {
      this.peer.send(arpFrame(1, MAC_B, BROADCAST, 60));
      return seen.length > 0;
    });
  }

  /** Waits for words of the link monitor about one side's interface, in their order. */
  async monitor(side: "a" | "b"): Promise<{ readonly until: (holds: (link: Link) => boolean) => Promise<void> }> {
    const reports: Link[] = [];
    const monitor = createLinkMonitor({ after: () => () => undefined, onTrouble: (reason) => ok(false, reason) });
    this.#monitors.push(monitor);
    this.pair.inside(side, () => monitor.start((links) => reports.push(...links.filter(({ name }) => name === `v${side}`))));
    await until(() => reports.length > 0);
    return {
      until: (holds) =>
        until(() => {
          for (let next = reports.shift(); next !== undefined; next = reports.shift()) if (holds(next)) return true;
          return false;
        }),
    };
  }

  /** Runs fake/tap-process.ts on the interface of side a. `ended` rejects when it does not end by itself. */
  process(backEnd: string, then: "exit" | "close"): { readonly opened: Promise<unknown>; readonly ended: Promise<unknown> } {
    const script = fileURLToPath(new URL("./fake/tap-process.ts", import.meta.url));
    const args = ["netns", "exec", this.pair.nameOf("a"), process.execPath, script, backEnd, "va", then];
    const ended = promisify(execFile)("ip", args, { timeout: 20_000 });
    const { stdout } = ended.child;
    return { opened: stdout === null ? ended : once(stdout, "data"), ended };
  }

  /** Milliseconds from each request to its answer, ascending. */
  async roundTrips(count: number, request: Uint8Array): Promise<readonly number[]> {
    const times: number[] = [];
    for (let i = 0; i < count; i += 1) {
      const answered = new Promise<void>((resolve) => {
        this.#onPeerFrame = resolve;
      });
      const start = performance.now();
      this.peer.send(request);
      await answered;
      times.push(performance.now() - start);
      await wait(1);
    }
    return times.sort((x, y) => x - y);
  }

  close(): void {
    this.peer.close();
    for (const tap of this.taps) tap.close();
    for (const monitor of this.#monitors) monitor.close();
  }
}

function arpFrame(operation: 1 | 2, from: Buffer, to: Buffer, octets: number): Buffer {
  const payload = Buffer.concat([
    Buffer.from(`0806000108000604000${operation}`, "hex"),
    from,
    Buffer.alloc(4),
    to,
    Buffer.alloc(4),
  ]);
  return Buffer.concat([to, from, payload], octets);
}

function requestFor(target: Buffer): Buffer {
  const frame = arpFrame(1, MAC_B, BROADCAST, 60);
  frame.set(target, 38);
  return frame;
}

/** Ten thousand addresses that no few ranges cover. */
function scattered(): Uint32Array {
  return Uint32Array.from({ length: 10_000 }, (_, i) => Buffer.from([10, i % 251, i >> 8, i & 255]).readUInt32BE());
}

function ipv6Frame(nextHeader: number, type: number): Buffer {
  const frame = Buffer.concat([BROADCAST, MAC_B, Buffer.from("86dd60000000", "hex")], 86);
  frame[20] = nextHeader;
  frame[54] = type;
  return frame;
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Fails after 5 s. */
async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error("did not happen within 5 s");
    await wait(2);
  }
}
