import type { Check } from "../../../operator/framework/http/health.ts";
import type { SharedState } from "./shared-state.ts";

export type ProbesOptions = {
  readonly shared: SharedState;
  /** The clock of {@link SharedState}. */
  readonly now: () => number;
  /** Why the membership protocol wants no address here; undefined: it does not mind. */
  readonly membershipTrouble: () => string | undefined;
  /** What a thread is like became different; undefined: all is well. */
  readonly onChange: (thread: "wire" | "mind", reason: string | undefined) => void;
};

/** The checks of both probes, by name. */
export type Probes = { readonly live: Readonly<Record<string, Check>>; readonly ready: Readonly<Record<string, Check>> };

const wireReasons = {
  held: "the thread that answers ARP and NDP stands still",
  "no-taps": "no interface can be listened to",
} as const;
const mindStands = "the thread that follows the cluster stands still";

/**
 * What the speaker's probes say. A wire that neither hears nor answers fails both at once. A mind that stands still fails
 * `/readyz`, so that no address is given to this node, while the wire answers for those that it has; when it does not come
 * back it fails `/healthz`, since only a new process helps.
 */
export function probesOf({ shared, now, membershipTrouble, onChange }: ProbesOptions): Probes {
  const watchingSince = now();
  const reported = new Map<string, string | undefined>();
  const report = (thread: "wire" | "mind", reason: string | undefined): string | undefined => {
    if (reason !== reported.get(thread)) onChange(thread, reason);
    reported.set(thread, reason);
    return reason;
  };
  const wire: Check = () => {
    const verdict = shared.judge(now(), watchingSince);
    return report("wire", verdict.alive ? undefined : wireReasons[verdict.reason]);
  };
  const mindVerdict = () => {
    const verdict = shared.judgeMind(now(), watchingSince);
    report("mind", verdict === "alive" ? undefined : mindStands);
    return verdict;
  };
  return {
    live: { wire, mind: () => (mindVerdict() === "lost" ? mindStands : undefined) },
    ready: {
      wire,
      mind: () => {
        if (mindVerdict() !== "alive") return mindStands;
        return shared.mindReady ? undefined : "the cluster's objects have not been read yet";
      },
      membership: membershipTrouble,
      muted: () => (shared.muted ? "mute until the intent is affirmed" : undefined),
    },
  };
}
