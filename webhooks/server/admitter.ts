import type { KubeApi } from "../../operator/framework/kube-api.ts";
import { verdict } from "../admission/admission.ts";
import { isAdmittedKind, withObject } from "../admission/placement.ts";
import type { AdmissionRequest, Verdict } from "../admission/request.ts";
import { liveResources } from "./live-resources.ts";
import type { PoolGate } from "./pool-gate.ts";

export type AdmitterOptions = { readonly api: KubeApi; readonly namespace: string; readonly gate: PoolGate };

/** Answers one admission request from what the API server holds at that moment. */
export class Admitter {
  readonly #options: AdmitterOptions;

  constructor(options: AdmitterOptions) {
    this.#options = options;
  }

  /** Never rejects: when the stored objects cannot be read, the request is denied and says so. */
  async admit(request: AdmissionRequest): Promise<Verdict> {
    const { api, namespace, gate } = this.#options;
    const { kind, operation, object } = request;
    if (!isAdmittedKind(kind)) return denied(`no rule is known for kind "${kind}"`);
    if (kind === "IPAddressPool" && operation !== "DELETE") return gate.admit(request);
    try {
      const stored = await liveResources(api, namespace, kind);
      return verdict(request, namespace, stored, operation === "DELETE" ? stored : withObject(stored, kind, object));
    } catch (error) {
      return denied(`cannot read the stored objects to compare with: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function denied(reason: string): Verdict {
  return { allowed: false, code: 403, reasons: [reason], warnings: [] };
}
