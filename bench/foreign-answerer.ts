import { parseAddress } from "../crds/net/address.ts";
import { systemClock } from "../operator/framework/system-clock.ts";
import { defaultTiming } from "../speaker/l2/burst-queue.ts";
import { afPacketTaps } from "../speaker/native/af-packet.ts";
import { ownLink } from "../speaker/native/fake/link.ts";
import type { TapFactory } from "../speaker/native/ports.ts";
import { FrameCounter } from "../speaker/runtime/layer2/frame-counter.ts";
import { L2Announcer } from "../speaker/runtime/layer2/l2-announcer.ts";

/**
 * Runs in a namespace: the wire of a speaker, without its other threads, for `count` of every third address from 10.0.0.0 on.
 * Each line on standard input is answered by the processor time used so far, in milliseconds, and the frames that were delivered.
 * `node foreign-answerer.ts va 1000 narrow|open`
 */
const [name = "", count = "", mode = ""] = process.argv.slice(2);
let delivered = 0;
const taps: TapFactory = {
  name: afPacketTaps.name,
  open: (link, protocol, events) => {
    const onFrame = (frame: Uint8Array): void => {
      delivered += 1;
      events.onFrame(frame);
    };
    const tap = afPacketTaps.open(link, protocol, { ...events, onFrame });
    return mode === "narrow" ? tap : { ...tap, askFor: () => undefined };
  },
};
const silent = (): void => undefined;
const announcer = new L2Announcer({
  taps,
  groups: { join: silent, leave: silent, close: silent },
  isExcluded: () => false,
  gratuitous: { ...defaultTiming, burstMs: 0, refreshIntervalMs: 0 },
  clock: systemClock,
  log: { debug: silent, info: silent, warn: silent, error: silent },
  counter: new FrameCounter(),
  maySpeak: () => true,
  gateways: () => Promise.resolve([]),
  onSegment: () => undefined,
  probeMs: 150,
  onRivals: () => undefined,
  onTaps: () => undefined,
});
announcer.setLinks([ownLink(name)]);
const announcements = Array.from({ length: Number(count) }, (_, i) => {
  const address = parseAddress(`10.0.${(i * 3) >> 8}.${(i * 3) & 255}`);
  if (address === undefined) throw new RangeError(`no address ${i}`);
  return { address, interfaces: [] };
});
announcer.apply([{ service: "default/all", announcements }]);

for await (const _line of process.stdin) {
  const { user, system } = process.cpuUsage();
  process.stdout.write(`${JSON.stringify({ cpuMs: (user + system) / 1000, delivered })}\n`);
}
process.exit(0);
