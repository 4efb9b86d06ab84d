import { equal } from "node:assert/strict";
import { heraldAnnotations } from "../../crds/types/well-known.ts";
import type { Lab } from "../lab/lab.ts";
import type { Strike } from "./fault.ts";

/** Marks a node for draining; undone by taking the mark away. */
export async function draining(lab: Lab, node: string): Promise<Strike> {
  return async () => {
    await annotate(lab, node, `${heraldAnnotations.drain}=true`);
    return () => annotate(lab, node, `${heraldAnnotations.drain}-`);
  };
}

async function annotate(lab: Lab, node: string, annotation: string): Promise<void> {
  const { code, stderr } = await lab.kubectl(["annotate", "--overwrite", "node", node, annotation]);
  equal(code, 0, stderr);
}
