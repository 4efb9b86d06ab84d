import { advise, type Lists } from "../../crds/config/advise.ts";
import type { Backend } from "../../crds/config/backend.ts";
import { compile } from "../../crds/config/compile.ts";
import type { Finding, FindingCode } from "../../crds/config/finding.ts";
import type { Resources } from "../../crds/config/resources.ts";
import { type AdmittedKind, placeOf, withObject, withoutObject } from "./placement.ts";
import type { AdmissionRequest } from "./request.ts";

/** What holds for every request. */
export type Policy = {
  /** The only one whose objects count. */
  readonly namespace: string;
  /** Whose limits the objects have to keep. */
  readonly backend: Backend;
};

/** What one request is judged by. */
export type Scene = Policy & {
  /** The objects as they are stored. */
  readonly without: Resources;
  /** The same as the request would leave them. */
  readonly withRequest: Resources;
  /** The lists that were read; nothing is said that would need another one. */
  readonly known: Lists;
};

/** The objects before and after `request`, whose kind is `kind`. */
export function sceneOf(
  { operation, name, object }: AdmissionRequest,
  kind: AdmittedKind,
  before: Omit<Scene, "withRequest">,
): Scene {
  const { without } = before;
  const withRequest = operation === "DELETE" ? withoutObject(without, kind, name) : withObject(without, kind, object);
  return { ...before, withRequest };
}

/** Everything that is wrong with `resources`, or surely not meant, as far as the known lists of the scene tell. */
export function findingsOf(resources: Resources, { backend, known }: Pick<Scene, "backend" | "known">): readonly Finding[] {
  const compiled = compile(resources, { backend });
  const certain = compiled.findings.filter((finding) => isCertain(finding, known));
  return [...certain, ...advise(resources, compiled, known)];
}

/** References whose target has no object among the others of the finding. */
const targets: { readonly [code in FindingCode]?: keyof Resources } = { CommunityUnknown: "communities" };

/** What an object names may well exist in a list that was not read. */
function isCertain({ code, severity, others }: Finding, known: Lists): boolean {
  if (severity !== "pending") return true;
  const lists = [targets[code], ...others.map(({ kind }) => placeOf(kind))];
  return lists.every((list) => list === undefined || known.has(list));
}
