import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { root } from "./sources.ts";

/** As much of any Kubernetes object as the structure tests look at. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly template?: PodTemplate;
    readonly selector?: unknown;
    readonly replicas?: number;
    readonly revisionHistoryLimit?: number;
    readonly ports?: readonly unknown[];
  };
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
  readonly rules?: readonly Rule[];
  readonly webhooks?: readonly unknown[];
  readonly data?: Readonly<Record<string, string>>;
};

export type Rule = {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  /** Paths of what is no object; then there are neither groups nor resources. */
  readonly nonResourceURLs?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
};

export type PodTemplate = {
  readonly metadata: Manifest["metadata"];
  readonly spec: {
    readonly terminationGracePeriodSeconds?: number;
    readonly hostNetwork?: boolean;
    readonly serviceAccountName?: string;
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly securityContext?: { readonly runAsNonRoot?: boolean; readonly runAsUser?: number; readonly fsGroup?: number };
    readonly containers: readonly Container[];
    readonly volumes?: readonly { readonly name: string; readonly secret?: unknown; readonly configMap?: unknown }[];
  };
};

export type Container = {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext?: {
    readonly runAsUser?: number;
    readonly allowPrivilegeEscalation?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  };
};

export type Probe = {
  readonly httpGet?: { readonly path: string; readonly port: number };
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly failureThreshold?: number;
};

/** Every document of a YAML text. @throws Error for one that does not parse, or has a key twice. */
export function documentsOf(text: string): readonly unknown[] {
  return parseAllDocuments(text, { uniqueKeys: true }).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS();
  });
}

/** The objects of config/install.yaml. */
export function installManifests(): readonly Manifest[] {
  return documentsOf(readFileSync(`${root}config/install.yaml`, "utf8")) as readonly Manifest[];
}
