import { createInterface } from "node:readline";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import type { KubeObject, ResourceType } from "../../../operator/framework/api/kube-object.ts";
import { FakeApi } from "../../../operator/framework/fake/fake-api.ts";
import { HttpApiServer } from "../../../operator/framework/fake/http-api-server.ts";

/** What the tests of the whole speaker ask of its API server, one JSON object a line on standard input. */
export type ApiCommand =
  | { readonly put: string; readonly object: KubeObject }
  /** Answered by a line with the names of all objects of the kind. */
  | { readonly names: string };

/** A process of the tests: the API server in memory, inside whatever network namespace it was started in. */
if (process.argv[1] === import.meta.filename) {
  const api = new FakeApi(() => Date.now());
  const server = new HttpApiServer(api, Object.values(resourceTypes));
  await server.start(undefined);
  process.stdout.write(`${server.port}\n`);
  createInterface({ input: process.stdin })
    .on("line", (line) => void obey(api, JSON.parse(line) as ApiCommand))
    .on("close", () => process.exit(0));
}

async function obey(api: FakeApi, command: ApiCommand): Promise<void> {
  if ("put" in command) {
    api.put(typeOf(command.put), command.object);
    return;
  }
  const objects = await api.list(typeOf(command.names), {});
  process.stdout.write(`${JSON.stringify(objects.map(({ metadata }) => metadata.name))}\n`);
}

function typeOf(plural: string): ResourceType {
  const type = Object.values(resourceTypes).find((candidate) => candidate.plural === plural);
  if (type === undefined) throw new Error(`no kind ${plural}`);
  return type;
}
