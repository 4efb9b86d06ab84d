import type { World } from "./world.ts";

/** `node-0` and so on. */
export function nodeNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `node-${i}`);
}

/** True when each of `viewers` holds exactly `living` of `all` as living. */
export function agree(world: World, viewers: readonly string[], living: readonly string[], all: readonly string[]): boolean {
  const wanted = new Set(living);
  return viewers.every((viewer) => {
    const machine = world.machine(viewer);
    return all.every((name) => machine.holdsAlive(name) === wanted.has(name));
  });
}

/** The nodes that this node would elect among. */
export function candidatesOf(world: World, viewer: string): readonly string[] {
  return [...world.machine(viewer).view().members].filter(([, { candidate }]) => candidate).map(([name]) => name);
}

/**
 * Lets the world run until that holds.
 * @returns milliseconds it took, in steps of `stepMs`; undefined: not within `limitMs`.
 */
export function timeUntil(world: World, holds: () => boolean, limitMs: number, stepMs = 10): number | undefined {
  const start = world.now;
  while (!holds()) {
    if (world.now - start >= limitMs) return undefined;
    world.run(stepMs);
  }
  return world.now - start;
}

/** Remembers when each node began to hold another as not living. */
export class DeathLog {
  readonly #world: World;
  readonly #killed = new Map<string, { readonly at: number; readonly seenBy: Map<string, number> }>();

  constructor(world: World) {
    this.#world = world;
    world.onView = (viewer, machine) => {
      for (const [name, { at, seenBy }] of this.#killed) {
        if (!machine.holdsAlive(name) && !seenBy.has(viewer)) seenBy.set(viewer, world.now - at);
      }
    };
  }

  kill(name: string): void {
    this.#killed.set(name, { at: this.#world.now, seenBy: new Map() });
    this.#world.kill(name);
  }

  /** Milliseconds until the last of the nodes that still run knew; infinite where one never did. */
  times(): readonly number[] {
    const { running } = this.#world;
    return [...this.#killed.values()].map(({ seenBy }) =>
      Math.max(...running.map((viewer) => seenBy.get(viewer) ?? Number.POSITIVE_INFINITY)),
    );
  }
}

/** The value that so large a share of the numbers does not exceed. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
