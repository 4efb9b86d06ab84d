import type { Backend } from "../../../crds/config/backend.ts";
import type { KubeApi } from "../../../operator/framework/api/kube-api.ts";
import type { Clock } from "../../../operator/framework/clock.ts";
import type { Log } from "../../../operator/framework/log/log.ts";
import type { EventRecorder } from "../../../operator/framework/write/events.ts";
import type { IntentOptions } from "../../intent/context.ts";
import type { Sha256 } from "../../intent/l2-election.ts";
import type { BgpDeskOptions } from "../bgp/bgp-desk.ts";
import type { SpeakerMetrics } from "../report/speaker-metrics.ts";
import type { ToBeat, ToWire } from "../threads/messages.ts";
import type { SharedState } from "../threads/shared-state.ts";

/** What a mind works with. */
export type MindOptions = Pick<BgpDeskOptions, "drainWaitMs" | "bgpListening"> & {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly node: string;
  readonly namespace: string;
  readonly podLabels: string;
  /** The membership protocol runs in the beat. */
  readonly membership: boolean;
  /** How long is asked who has an address before it is announced for the first time; 0: not at all. */
  readonly addressProbeMs: number;
  /** Whose limits the configuration has to keep; Herald's own when absent. */
  readonly backend?: Backend;
  readonly intent: IntentOptions;
  readonly sha256: Sha256;
  readonly shared: SharedState;
  readonly sharedNow: () => number;
  readonly yieldThen: (run: () => void) => void;
  /** How long to work at most between two yields, where `usual` milliseconds would do; `usual` when absent. */
  readonly sliceMs?: (usual: number) => number;
  readonly post: (message: ToWire) => void;
  readonly postToBeat: (message: ToBeat) => void;
  readonly events: EventRecorder;
  readonly metrics: SpeakerMetrics;
  /** What this node says of one Service changed: its status objects are to follow. */
  readonly onTransition: (service: string) => void;
  /** The same of what it says by BGP. */
  readonly onAdvertised: (service: string) => void;
  readonly onConfiguration: () => void;
};
