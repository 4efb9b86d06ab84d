import type { ContainerReport } from "./container-loop.ts";
import type { Condition } from "./objects.ts";

export type PodStatusInput = {
  readonly containers: readonly ContainerReport[];
  readonly initContainers: readonly ContainerReport[];
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
  /** RFC 3339. */
  readonly startedAt: string;
  /** RFC 3339, for conditions whose status changes. */
  readonly now: string;
  readonly previous: readonly (Condition & { readonly lastTransitionTime?: string })[];
};

/** A Pod's status as kubelet writes it: phase, conditions, addresses, containers. */
export function podStatus(input: PodStatusInput): object {
  const { containers, initContainers, podIPs, hostIPs, startedAt } = input;
  const initialized = initContainers.every(({ state }) => "terminated" in state && state.terminated.exitCode === 0);
  const ready = initialized && containers.length > 0 && containers.every((container) => container.ready);
  const running = containers.some(({ started, restartCount }) => started || restartCount > 0);
  const conditions = [
    { type: "PodScheduled", status: true },
    { type: "Initialized", status: initialized },
    { type: "ContainersReady", status: ready },
    { type: "Ready", status: ready },
  ].map(({ type, status }) => conditionOf(type, status ? "True" : "False", input));
  return {
    phase: running ? "Running" : "Pending",
    conditions,
    hostIP: hostIPs[0],
    hostIPs: hostIPs.map((ip) => ({ ip })),
    podIP: podIPs[0] ?? null,
    podIPs: podIPs.length === 0 ? null : podIPs.map((ip) => ({ ip })),
    startTime: startedAt,
    containerStatuses: containers.map(withImage),
    ...(initContainers.length === 0 ? {} : { initContainerStatuses: initContainers.map(withImage) }),
  };
}

function conditionOf(type: string, status: string, { previous, now }: PodStatusInput): object {
  const former = previous.find((condition) => condition.type === type);
  const lastTransitionTime = former?.status === status ? (former.lastTransitionTime ?? now) : now;
  return { type, status, lastTransitionTime };
}

function withImage(report: ContainerReport): object {
  return { ...report, imageID: "", lastState: {} };
}
