import type { Condition } from "../../../crds/types/kubernetes.ts";

/** What another program says of an object in its status. */
export const foreignCondition: Condition = {
  type: "example.com/Inspected",
  status: "True",
  reason: "Done",
  message: "",
  lastTransitionTime: "2026-01-01T00:00:00Z",
};
