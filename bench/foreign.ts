import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afPacketTaps } from "../speaker/native/af-packet.ts";
import { ethernetLink } from "../speaker/native/fake/link.ts";
import { type NamespacePair, withNamespacePair } from "../speaker/native/fake/network-namespaces.ts";
import { interfaceIndex } from "../speaker/native/libc.ts";
import type { FrameTap } from "../speaker/native/ports.ts";

const perSecond = 20_000;
const seconds = 3;
const asker = [2, 0, 0, 0, 0, 0xbb];

type Usage = { readonly cpuMs: number; readonly delivered: number };

/**
 * Processor time of the wire while others are asked for: 20,000 broadcast ARP requests a second for addresses of another range, and for
 * those of the same range that other nodes announce. Beside it: the same without the kernel's help.
 */
export async function benchForeign(count: number): Promise<void> {
  for (const mode of ["narrow", "open"] as const) {
    await withNamespacePair(async (pair) => {
      const sender = pair.inside("b", () =>
        afPacketTaps.open(ethernetLink(interfaceIndex("vb"), "vb", Uint8Array.from(asker)), "arp", quiet),
      );
      const answerer = new Answerer(pair, count, mode);
      try {
        await answerer.usage();
        // Past the announcements and the time after which the kernel is told.
        await wait(3_000 + count);
        const what = mode === "narrow" ? "the kernel drops them" : "every request is looked at";
        report(`${what}, at rest`, await measure(answerer, undefined));
        report(`${what}, other range`, await measure(answerer, () => flood(sender, (i) => [172, 16, (i >> 8) & 255, i & 255])));
        report(`${what}, same range`, await measure(answerer, () => flood(sender, (i) => foreignOf(i % (2 * count)))));
      } finally {
        answerer.close();
        sender.close();
      }
    }, true);
  }
}

const quiet = { onFrame: () => undefined, onClosed: () => undefined };

/** Two of three addresses are other nodes'. */
function foreignOf(i: number): readonly number[] {
  const number = Math.floor(i / 2) * 3 + 1 + (i % 2);
  return [10, 0, number >> 8, number & 255];
}

/** @returns requests sent. */
async function flood(sender: FrameTap, target: (i: number) => readonly number[]): Promise<number> {
  const frame = Uint8Array.from([
    ...[255, 255, 255, 255, 255, 255, ...asker, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, ...asker],
    ...[10, 255, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ]);
  const start = performance.now();
  let sent = 0;
  while (performance.now() - start < seconds * 1000) {
    for (const due = ((performance.now() - start) * perSecond) / 1000; sent < due; sent += 1) {
      frame.set(target(sent), 38);
      sender.send(frame);
    }
    await wait(1);
  }
  return sent;
}

async function measure(
  answerer: Answerer,
  load: (() => Promise<number>) | undefined,
): Promise<Usage & { readonly sent: number }> {
  const before = await answerer.usage();
  const sent = load === undefined ? 0 : await load();
  if (load === undefined) await wait(seconds * 1000);
  const after = await answerer.usage();
  return { cpuMs: after.cpuMs - before.cpuMs, delivered: after.delivered - before.delivered, sent };
}

function report(what: string, { cpuMs, delivered, sent }: Usage & { readonly sent: number }): void {
  const share = ((cpuMs / (seconds * 1000)) * 100).toFixed(1);
  console.log(
    `  ${what}: ${share} % of a core; ${Math.round(sent / seconds)} requests a second, ${delivered} of ${sent} delivered`,
  );
}

/** The process under test. */
class Answerer {
  readonly #child: ChildProcess;

  constructor(pair: NamespacePair, count: number, mode: "narrow" | "open") {
    const program = [process.execPath, join(import.meta.dirname, "foreign-answerer.ts"), "va", String(count), mode];
    this.#child = spawn("ip", ["netns", "exec", pair.nameOf("a"), ...program], { stdio: ["pipe", "pipe", "inherit"] });
  }

  async usage(): Promise<Usage> {
    const { stdin, stdout } = this.#child;
    if (stdin === null || stdout === null) throw new Error("the answerer has no pipes");
    stdin.write("\n");
    const [line] = await once(stdout, "data");
    return JSON.parse(String(line));
  }

  close(): void {
    this.#child.stdin?.end();
  }
}
