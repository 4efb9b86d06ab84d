import type { MessagePort } from "node:worker_threads";
import type { LogLevelName } from "../../operator/framework/logger.ts";
import type { TlsSettings } from "../../operator/framework/metrics-server.ts";

/** What every thread is told of the command line. */
export type ThreadOptions = {
  readonly namespace: string;
  readonly nodeName: string;
  readonly podName: string;
  readonly metricsPort: number;
  readonly healthPort: number;
  readonly logLevel: LogLevelName;
  readonly loadBalancerClass: string | undefined;
  readonly ignoreExcludeLB: boolean;
  readonly podLabels: string;
  readonly tls: TlsSettings;
  readonly metricsCertDirectory: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly withoutEffect: readonly string[];
};

/** workerData of the mind and of the beat. */
export type ThreadData = {
  readonly options: ThreadOptions;
  readonly shared: SharedArrayBuffer;
  /** Between mind and beat: the beat's log lines. */
  readonly port: MessagePort;
};
