import type { Address } from "../../crds/net/address.ts";
import type { Reason } from "./reason.ts";

/**
 * What one Service shall have, and why. `lost` are the facts that took addresses from it, `unmet` is what it asks for
 * and does not have.
 */
export type Verdict =
  /** Not a Service of ours: nothing is written to it. What its status shows is nobody else's all the same. */
  | { readonly outcome: "ignore"; readonly unmet: readonly Reason[] }
  /** It keeps the addresses that it had, or some of them. */
  | (Given & { readonly outcome: "keep" })
  /** It gets addresses that it did not have; `added` when one was joined to the one that it keeps. */
  | (Given & { readonly outcome: "assign"; readonly added: Address | undefined })
  /** It asks and cannot have any. */
  | (Why & { readonly outcome: "pending" })
  /** It no longer asks: what was published is taken back. */
  | (Why & { readonly outcome: "clear" });

type Why = { readonly lost: readonly Reason[]; readonly unmet: readonly Reason[] };

type Given = Why & {
  /** In the order of publication; never empty. */
  readonly addresses: readonly Address[];
  readonly pool: string;
};
