import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../../../crds/types/kubernetes.ts";
import { ApiRefusal } from "../../lab/api-client.ts";
import type { Lab } from "../../lab/lab.ts";
import { heraldNamespace } from "../../manifests.ts";
import { admittedLater } from "./admitted-later.ts";
import { type Sample, samples } from "./sample.ts";
import { allLimits, type Limit, limitText } from "./schema-limit.ts";
import { type Trial, trialOf } from "./trial.ts";

const name = "limits";
/** A BGPPeer of v1beta1 is stored as v1beta2. */
const stored = Object.entries(samples).filter(([version]) => version !== "BGPPeer v1beta1");
/** Requests under way at once. */
const together = 16;

/** What the API server itself refuses, by schemas and CEL rules, before any webhook is asked. Nothing of it is stored. */
export function testLimits(lab: () => Lab): void {
  /** The words of the refusal; undefined: accepted. */
  async function refusal(send: Promise<unknown>): Promise<string | undefined> {
    try {
      await send;
      return undefined;
    } catch (error) {
      if (error instanceof ApiRefusal) return `${error.status} ${error.message}`;
      throw error;
    }
  }

  const create = (version: string, { spec }: Sample) => {
    const object = { ...typeOf(version), metadata: { name }, ...(spec !== undefined && { spec }) };
    return refusal(lab().api.create(`${collection(version)}?dryRun=All`, object));
  };
  const store = async (version: string, { spec, status }: Sample): Promise<void> => {
    await lab().api.create(collection(version), { ...typeOf(version), metadata: { name }, ...(spec && { spec }) });
    if (status !== undefined) await lab().api.patch(`${objectPath(version)}/status`, { status });
  };
  /** Pools and L2Advertisements are taken away after each test by others, too. */
  const gone = async (version: string): Promise<void> => {
    const said = await refusal(lab().api.delete(objectPath(version)));
    ok(said === undefined || said.startsWith("404 "), said);
  };
  const change = (version: string, part: "spec" | "status", sample: Sample) => {
    const path = `${objectPath(version)}${part === "status" ? "/status" : ""}?dryRun=All`;
    return refusal(lab().api.patch(path, { [part]: withNulls(sample[part]) }));
  };

  /** What is wrong with the API server's answers to one trial. */
  async function faults(trial: Trial, ask: (sample: Sample) => Promise<string | undefined>): Promise<readonly string[]> {
    const text = limitText(trial.limit);
    const later = admittedLater[text];
    const found: string[] = [];
    for (const sample of trial.broken) {
      const said = await ask(sample);
      if (said === undefined) found.push(`${text}: ${JSON.stringify(sample)} was accepted`);
      else if (!isRefusalOf(trial, said)) found.push(`${text}: refused with other words: ${said}`);
    }
    for (const sample of trial.kept) {
      const said = await ask(sample);
      const asMeant = later === undefined ? said === undefined : said?.includes("admission webhook") && later.test(said);
      if (!asMeant) found.push(`${text}: ${JSON.stringify(sample)}: ${said ?? "accepted"}`);
    }
    return found;
  }

  async function faultsOf(trials: readonly Trial[], ask: (trial: Trial, sample: Sample) => Promise<string | undefined>) {
    const waiting = [...trials];
    const found: string[] = [];
    const work = async (): Promise<void> => {
      for (let trial = waiting.shift(); trial !== undefined; trial = waiting.shift()) {
        const current = trial;
        found.push(...(await faults(current, (sample) => ask(current, sample))));
      }
    };
    await Promise.all(Array.from({ length: together }, work));
    return found.sort();
  }

  const trials = allLimits().map(trialOf);
  const isOfStatus = ({ limit }: Trial): boolean => limit.path.startsWith("status");

  test("every limit of a spec is one: what breaks it is refused, what just keeps it is accepted", async () => {
    const ofSpecs = trials.filter((trial) => !isOfStatus(trial) && trial.stored === undefined);
    ok(ofSpecs.length > 200, `${ofSpecs.length} limits`);
    deepEqual(await faultsOf(ofSpecs, ({ limit }, sample) => create(limit.version, sample)), []);
  });

  test("every limit of a status is one, and so is every rule about changes", async (context) => {
    for (const [version, [sample]] of stored) {
      context.after(() => gone(version));
      await store(version, sample);
    }
    const others = trials.filter((trial) => isOfStatus(trial) || trial.stored !== undefined);
    ok(others.length > 150, `${others.length} limits`);
    const ask = ({ limit }: Trial, sample: Sample) =>
      change(limit.version, limit.path.startsWith("status") ? "status" : "spec", sample);
    deepEqual(await faultsOf(others, ask), []);
  });

  test("a local preference of 32 bits is stored as it was written", async (context) => {
    const version = "BGPAdvertisement v1beta1";
    context.after(() => gone(version));
    await store(version, { spec: {} });
    for (const localPref of [2_147_483_648, 3_000_000_000, 4_294_967_295]) {
      await lab().api.patch(objectPath(version), { spec: { localPref } });
      const { spec } = await lab().api.get<{ readonly spec: { readonly localPref: number } }>(objectPath(version));
      equal(spec.localPref, localPref);
    }
  });
}

/** By the schema, and not by a webhook; of the field that is meant, and for the reason that is meant. */
function isRefusalOf({ limit, says }: Trial, said: string): boolean {
  return /^4(00|22) /.test(said) && !said.includes("admission webhook") && said.includes(lastName(limit)) && said.includes(says);
}

/** The API server names places of lists by their index, and what is missing by its parent and name. */
function lastName({ path }: Limit): string {
  return (
    path
      .replaceAll(/\[\]|\.\*/g, "")
      .split(".")
      .at(-1) ?? ""
  );
}

function typeOf(version: string): { readonly apiVersion: string; readonly kind: string } {
  const [kind = "", name = ""] = version.split(" ");
  return { apiVersion: `metallb.io/${name}`, kind };
}

function collection(version: string): string {
  const { apiVersion, kind } = typeOf(version);
  const plural = Object.values(resourceTypes).find((type) => type.kind === kind && type.group === "metallb.io")?.plural;
  // What users write is admitted in Herald's namespace only; the others are out of everybody's way elsewhere.
  const namespace = /Status|State/.test(kind) ? "default" : heraldNamespace;
  return `/apis/${apiVersion}/namespaces/${namespace}/${plural}`;
}

function objectPath(version: string): string {
  return `${collection(version)}/${name}`;
}

/** In a merge patch null takes a field away. RFC 7396. */
function withNulls(part: unknown): unknown {
  if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, value === undefined ? null : withNulls(value)]));
}
