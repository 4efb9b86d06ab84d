import type { MessagePort } from "node:worker_threads";
import type { Backend } from "../../../crds/config/backend.ts";
import type { DaemonOptions } from "../../../operator/framework/daemon-flags.ts";

/** What every thread is told of the command line. Plain data. */
export type ThreadOptions = DaemonOptions & {
  readonly nodeName: string;
  /** Whose limits the configuration has to keep, by METALLB_BGP_TYPE. */
  readonly backend: Backend;
  /** Undefined: only Services without a class. */
  readonly loadBalancerClass: string | undefined;
  readonly ignoreExcludeLB: boolean;
  /** 0: never. */
  readonly gratuitousIntervalMs: number;
  /** Unasked announcements, on each interface. */
  readonly framesPerSecond: number;
  /** Names of interfaces on which taps are promiscuous. */
  readonly promiscuousInterfaces: readonly string[];
  /** For how long is asked who has an address before it is announced for the first time; 0: nobody is asked. */
  readonly addressProbeMs: number;
  /** Where routers may connect; 0: nowhere. */
  readonly bgpListenPort: number;
  /** Empty: the speakers' Pods are not looked at, and every Ready node is a candidate. */
  readonly podLabels: string;
  /** Undefined: the protocol is off, and members are what the API says. */
  readonly membership: MembershipOptions | undefined;
};

/** Where the membership protocol runs, and how. */
export type MembershipOptions = {
  /** Own address, which the other speakers know from the API. */
  readonly address: string;
  readonly port: number;
  /** Holds the file `secretkey`; empty: packets are not sealed. */
  readonly secretDirectory: string;
  /** Times for links over which packets take long. */
  readonly wan: boolean;
};

/** workerData of the mind and of the beat. */
export type ThreadData = {
  readonly options: ThreadOptions;
  readonly shared: SharedArrayBuffer;
  /** Between mind and beat: the beat's log lines. */
  readonly port: MessagePort;
};
