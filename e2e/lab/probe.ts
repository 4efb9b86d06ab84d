import { run } from "./command.ts";
import type { Container, Probe } from "./objects.ts";
import { namespacePath } from "./process.ts";
import { urlHost } from "./topology.ts";

export type ProbeTarget = {
  /** Network namespace of the node: kubelet probes from there. */
  readonly namespace: string;
  readonly podIP: string;
  readonly container: Container;
};

/** Tells each change of the verdict; the first comes after `successThreshold` or `failureThreshold` answers alike. */
export type ProbeListener = (healthy: boolean) => void;

/** Asks as often as `probe` says until `signal` aborts. */
export function startProbe(probe: Probe, target: ProbeTarget, signal: AbortSignal, onVerdict: ProbeListener): void {
  let verdict: boolean | undefined;
  let last = false;
  let streak = 0;
  const periodMs = (probe.periodSeconds ?? 10) * 1000;
  const ask = async (): Promise<void> => {
    const healthy = await isHealthy(probe, target);
    if (signal.aborted) return;
    streak = healthy === last ? streak + 1 : 1;
    last = healthy;
    const enough = healthy ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (streak >= enough && verdict !== healthy) {
      verdict = healthy;
      onVerdict(healthy);
    }
    again(periodMs);
  };
  const again = (delayMs: number): void => {
    const timer = setTimeout(() => void ask(), delayMs);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  };
  again((probe.initialDelaySeconds ?? 0) * 1000);
}

async function isHealthy(probe: Probe, target: ProbeTarget): Promise<boolean> {
  const timeout = String(probe.timeoutSeconds ?? 1);
  const inNode = [`--net=${namespacePath(target.namespace)}`, "--", "curl", "-sk", "--connect-timeout", timeout];
  if (probe.httpGet !== undefined) {
    const { host = target.podIP, port, path = "/", scheme = "HTTP" } = probe.httpGet;
    const url = `${scheme.toLowerCase()}://${urlHost(host)}:${portOf(target.container, port)}${path}`;
    const answer = await run("nsenter", [...inNode, "-m", timeout, "-o", "/dev/null", "-w", "%{http_code}", url]);
    return answer.code === 0 && answer.stdout >= "200" && answer.stdout < "400";
  }
  if (probe.tcpSocket !== undefined) {
    const { host = target.podIP, port } = probe.tcpSocket;
    const url = `telnet://${urlHost(host)}:${portOf(target.container, port)}`;
    const answer = await run("nsenter", [...inNode, "-m", timeout, url]);
    return answer.code === 0 || answer.code === 28 || answer.code === 49; // connected, and then nothing was said
  }
  return true; // exec and gRPC probes are not run
}

function portOf(container: Container, port: number | string): number {
  if (typeof port === "number") return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port);
}
