import type { MessagePort } from "node:worker_threads";
import type { LogLevelName } from "../../operator/framework/logger.ts";
import type { TlsSettings } from "../../operator/framework/tls-flags.ts";

/** What every thread is told of the command line. Plain data. */
export type ThreadOptions = {
  /** Empty: the surroundings name it. */
  readonly namespace: string;
  readonly nodeName: string;
  readonly podName: string;
  readonly metricsPort: number;
  readonly healthPort: number;
  readonly logLevel: LogLevelName;
  /** Undefined: only Services without a class. */
  readonly loadBalancerClass: string | undefined;
  readonly ignoreExcludeLB: boolean;
  /** 0: never. */
  readonly gratuitousIntervalMs: number;
  /** Empty: the speakers' Pods are not looked at, and every Ready node is a candidate. */
  readonly podLabels: string;
  readonly tls: TlsSettings;
  readonly metricsCertDirectory: string | undefined;
  readonly kubeconfig: string | undefined;
  /** Flags that were given and do nothing. */
  readonly withoutEffect: readonly string[];
};

/** workerData of the mind and of the beat. */
export type ThreadData = {
  readonly options: ThreadOptions;
  readonly shared: SharedArrayBuffer;
  /** Between mind and beat: the beat's log lines. */
  readonly port: MessagePort;
};
