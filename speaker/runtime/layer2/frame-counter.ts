import type { FrameCounts } from "../threads/messages.ts";

type Kind = "requests" | "responses" | "gratuitous";

/** Counts frames by address between two reports. */
export class FrameCounter {
  #counts = new Map<string, { requests: number; responses: number; gratuitous: number }>();

  add(ip: string, kind: Kind): void {
    let counts = this.#counts.get(ip);
    if (counts === undefined) {
      counts = { requests: 0, responses: 0, gratuitous: 0 };
      this.#counts.set(ip, counts);
    }
    counts[kind] += 1;
  }

  /** What was counted since the last call; empty when nothing was. */
  take(): readonly FrameCounts[] {
    if (this.#counts.size === 0) return [];
    const taken = [...this.#counts].map(([ip, counts]) => ({ ip, ...counts }));
    this.#counts = new Map();
    return taken;
  }
}
