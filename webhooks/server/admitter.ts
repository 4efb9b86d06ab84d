import type { Clock } from "../../operator/framework/clock.ts";
import { verdict } from "../admission/admission.ts";
import { type AdmittedKind, isAdmittedKind } from "../admission/placement.ts";
import { refusal } from "../admission/refusal.ts";
import type { AdmissionRequest, Verdict } from "../admission/request.ts";
import { type Policy, sceneOf } from "../admission/scene.ts";
import { inTime } from "./in-time.ts";
import { blindness, type LiveResources } from "./live-resources.ts";
import type { PoolConsequences } from "./pool-consequences.ts";
import type { Judged, PoolGate } from "./pool-gate.ts";

export type AdmitterOptions = {
  readonly live: LiveResources;
  readonly policy: Policy;
  readonly gate: PoolGate;
  readonly consequences: PoolConsequences;
  readonly clock: Clock;
};

/** Answers one admission request from what the API server holds at that moment. */
export class Admitter {
  readonly #options: AdmitterOptions;

  constructor(options: AdmitterOptions) {
    this.#options = options;
  }

  /**
   * Never rejects, and never admits unseen: when the stored objects cannot be read, or not in time, the request is denied and
   * says so. Only deletions are allowed in any case, but for that of a BFDProfile.
   * @param deadline on the monotonic clock. What comes of our own requests after it does no harm.
   */
  async admit(request: AdmissionRequest, deadline: number): Promise<Verdict> {
    const { clock } = this.#options;
    const { kind } = request;
    if (!isAdmittedKind(kind)) return refusal(request, "no rule is known for this kind");
    try {
      return await inTime(clock, Math.max(0, deadline - clock.monotonic()), this.#answer(request, kind, deadline));
    } catch (error) {
      const refused = refusal(request, error instanceof Error ? error.message : String(error));
      const denies = request.operation !== "DELETE" || kind === "BFDProfile";
      return denies ? refused : { allowed: true, warnings: ["it was not looked at what this deletion entails"] };
    }
  }

  async #answer(request: AdmissionRequest, kind: AdmittedKind, deadline: number): Promise<Verdict> {
    const { policy, consequences } = this.#options;
    const { verdict: judged, scene } = await this.#judge(request, kind, deadline);
    const changesPool = kind === "IPAddressPool" && request.operation !== "CREATE" && request.namespace === policy.namespace;
    if (!judged.allowed || !changesPool || scene === undefined) return judged;
    return { allowed: true, warnings: [...(await consequences.of(scene, deadline)), ...judged.warnings] };
  }

  async #judge(request: AdmissionRequest, kind: AdmittedKind, deadline: number): Promise<Judged> {
    const { live, policy, gate } = this.#options;
    if (kind === "IPAddressPool" && request.operation !== "DELETE") return gate.admit(request, deadline);
    const { stored, known, unread } = await live.read(kind);
    const scene = sceneOf(request, kind, { ...policy, without: stored, known });
    const judged = verdict(request, scene);
    return { verdict: { ...judged, warnings: [...judged.warnings, ...blindness(unread)] }, scene };
  }
}
