import type { Lab } from "../e2e/lab/lab.ts";
import { type TestLabOptions } from "../e2e/lab/with-lab.ts";
import { type KubeClient } from "../operator/framework/kube-client.ts";
import type { ClusterAccess } from "../operator/framework/kube-config.ts";
import type { KubeObject } from "../operator/framework/kube-object.ts";
/** A lab, with Herald in it where nothing else is said, and a client of the same make as Herald's own. */
export type BenchCluster = {
  readonly lab: Lab;
  readonly access: ClusterAccess;
  readonly api: KubeClient;
};
/** A Service as benches read it. */
export type BenchService = KubeObject & {
  readonly status?: {
    readonly loadBalancer?: {
      readonly ingress?: readonly {
        readonly ip?: string;
      }[];
    };
  };
};
/**
 * Runs `use` on a lab of its own with Herald ready. kube-proxy is stopped once Herald is ready: thousands of Services would
 * make it, and not Herald, the thing that is measured.
 */
export declare function withHerald(use: (cluster: BenchCluster) => Promise<void>): Promise<void>;
/** The same in a lab of this kind, whose kube-proxies stay. */
export declare function withWholeHerald(options: TestLabOptions, use: (cluster: BenchCluster) => Promise<void>): Promise<void>;
/** The same without Herald. */
export declare function withBareCluster(options: TestLabOptions, use: (cluster: BenchCluster) => Promise<void>): Promise<void>;
/** What they have programmed stays in the kernel, so the webhook's address goes on working. */
export declare function stopKubeProxies(lab: Lab): Promise<void>;
