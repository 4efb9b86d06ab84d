import type { Fault } from "./fault.ts";
import { draining } from "./node-drain.ts";
import { deleting } from "./speaker-fault.ts";

/** What makes the owner give its addresses away in good order. */
export const handOvers = {
  sigterm: {
    title: "the owner's Pod is deleted: SIGTERM, and another Pod at once",
    lastsMs: 8000,
    aim: (lab, owner) => deleting(lab, [owner]),
  },
  drain: {
    title: "the owner's node is marked for draining, and released",
    lastsMs: 4000,
    aim: (lab, owner) => draining(lab, owner),
  },
} as const satisfies Readonly<Record<string, Pick<Fault, "title" | "lastsMs" | "aim">>>;

export type HandOverName = keyof typeof handOvers;
