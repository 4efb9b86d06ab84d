import type { TestCluster } from "../../cluster.ts";
import { remove } from "../../observe.ts";
import { type Manifest, namespace } from "../manifest/manifest.ts";
import type { Request, Scenario } from "../manifest/scenario.ts";
import { type Answer, answersOf, type FileAnswer } from "./kubectl-answers.ts";

/** One side's answers to a scenario, in the order of its lists. */
export type ScenarioAnswers = {
  readonly base: readonly Answer[];
  readonly spoiled: readonly Answer[];
  readonly requests: readonly Answer[];
};

/** Kinds in an order in which all objects may be deleted: what refers goes first. */
const deletionOrder = ["bgpadvertisements", "l2advertisements", "bgppeers", "bfdprofiles", "communities", "ipaddresspools"];

/** Stores a scenario's base in an empty cluster, then tries its requests without storing them. */
export async function tryScenario(cluster: TestCluster, { base, spoiled, requests }: Scenario): Promise<ScenarioAnswers> {
  await removeConfiguration(cluster);
  const answers = {
    base: await ask(cluster, "create", base, []),
    spoiled: await ask(cluster, "replace", spoiled, []),
  };
  const tried = new Map<Request, Answer>();
  for (const operation of ["create", "replace", "delete"] as const) {
    const wanted = requests.filter((request) => request.operation === operation);
    const said = await ask(
      cluster,
      operation,
      wanted.map(({ manifest }) => manifest),
      ["--dry-run=server"],
    );
    for (const [index, request] of wanted.entries()) tried.set(request, said[index] ?? unanswered(request.manifest));
  }
  return { ...answers, requests: requests.map((request) => tried.get(request) ?? unanswered(request.manifest)) };
}

/** Deletes every object of the kinds that users write. */
export async function removeConfiguration(cluster: TestCluster): Promise<void> {
  for (const plural of deletionOrder) await remove(cluster, namespace, plural, "--all");
}

/** Words of the API server that say that a webhook did not answer at all. */
const outage = /failed calling webhook|connection refused|context deadline exceeded|conversion webhook .* failed|etcdserver/;

/** One kubectl for all manifests; those whose answers cannot be told apart, or that hit an outage, are asked again one by one. */
async function ask(
  cluster: TestCluster,
  verb: Request["operation"],
  manifests: readonly Manifest[],
  options: readonly string[],
): Promise<readonly Answer[]> {
  if (manifests.length === 0) return [];
  const said = await kubectl(cluster, verb, manifests, options);
  const together = answersOf(manifests, said);
  if (together === undefined && options.length === 0) throw new Error(`the base could not be stored: ${said.stderr}`);
  const answers: Answer[] = [];
  for (const [index, manifest] of manifests.entries()) {
    const answer = together?.[index];
    const clear = answer !== undefined && (answer.accepted || !outage.test(answer.text));
    answers.push(clear ? answer : await askAlone(cluster, verb, manifest, options));
  }
  return answers;
}

async function askAlone(
  cluster: TestCluster,
  verb: Request["operation"],
  manifest: Manifest,
  options: readonly string[],
): Promise<Answer> {
  const said = await kubectl(cluster, verb, [manifest], options);
  const answer = answersOf([manifest], said)?.[0] ?? unanswered(manifest, said);
  if (!answer.accepted && outage.test(answer.text)) throw new Error(`the webhook did not answer: ${answer.text}`);
  return answer;
}

function kubectl(cluster: TestCluster, verb: string, manifests: readonly Manifest[], options: readonly string[]) {
  // Documents of their own, not a List: kubectl checks a List as a whole and does not go on behind a faulty item.
  const documents = manifests.map((manifest) => JSON.stringify(manifest)).join("\n");
  return cluster.kubectl([verb, ...options, "-f", "-"], documents);
}

function unanswered({ kind, metadata }: Manifest, said?: FileAnswer): never {
  throw new Error(`kubectl's words do not fit ${kind} ${metadata.name}: ${JSON.stringify(said)}`);
}
