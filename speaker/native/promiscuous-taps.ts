import type { TapFactory } from "./ports.ts";

/** The same taps, promiscuous on the interfaces of these names. */
export function promiscuousOn(names: readonly string[], taps: TapFactory): TapFactory {
  const chosen = new Set(names);
  return { name: taps.name, open: (link, protocol, events) => taps.open(link, protocol, events, chosen.has(link.name)) };
}
