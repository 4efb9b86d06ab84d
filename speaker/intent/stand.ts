import { announceable } from "./announceable.ts";
import type { EndpointView, ServiceView } from "./cluster.ts";
import type { Context } from "./context.ts";
import { candidatesAmong } from "./eligibility.ts";

/** How this node would fare in an election of a Service's owner. */
export type ElectionStand = {
  /** The text that decides between equal scores. */
  readonly key: string;
  readonly score: number;
};

/** Undefined: no node announces the Service, or the API says that this one may not. Costs no hash. */
export function standOf(
  service: ServiceView | undefined,
  endpoints: readonly EndpointView[],
  context: Context,
): ElectionStand | undefined {
  const subject = announceable(service, endpoints, context);
  if (typeof subject === "string") return undefined;
  const [self] = candidatesAmong([context.self], subject, context);
  return self && { key: subject.ip, score: self.score };
}
