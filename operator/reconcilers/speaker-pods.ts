import type { Pod } from "../../crds/types/kubernetes.ts";
import { foreignSpeakerNodes, membersFromApi } from "../../speaker/membership/from-api.ts";
import { type Members, membersNamed } from "../../speaker/membership/members.ts";
import { type NodeReadiness, type SpeakerPodView, speakerPodView } from "../../speaker/membership/speaker-pod.ts";
import { parseFlags } from "../framework/go-flags.ts";

/** What the operator knows of the speakers from their Pods. */
export type Speakers = {
  readonly members: Members;
  /** Nodes on which a speaker of MetalLB's runs. */
  readonly foreign: ReadonlySet<string>;
  /** A speaker was told that the label which excludes a node has no effect; while one is, nobody is told the contrary. */
  readonly ignoreExcludeLB: boolean;
};

const excludeFlag = [{ name: "ignore-exclude-lb", kind: "bool", default: false, help: "" }] as const;

/** Whether a Pod is a speaker, ours or MetalLB's, by the labels of the manifests and of the chart. */
export function isSpeaker({ metadata }: Pod): boolean {
  const { labels = {} } = metadata;
  return labels["component"] === "speaker" || labels["app.kubernetes.io/component"] === "speaker";
}

/** The arguments of a Pod's containers that say something about the label which excludes a node. */
export function excludeFlags({ spec }: Pod): readonly string[] {
  return (spec?.containers ?? [])
    .flatMap(({ args = [] }) => args)
    .filter((argument) => /^--?ignore-exclude-lb(=|$)/.test(argument));
}

/** @param pods all of the namespace. */
export function speakersOf(pods: Iterable<Pod>, nodes: readonly NodeReadiness[]): Speakers {
  const views: SpeakerPodView[] = [];
  let ignoreExcludeLB = false;
  for (const pod of pods) {
    const view = isSpeaker(pod) ? speakerPodView(pod) : undefined;
    if (view === undefined) continue;
    views.push(view);
    if (ignoresExcludeLabel(pod)) ignoreExcludeLB = true;
  }
  // A speaker that sees no Pod of its kind is one all the same; from here, no Pod means no speaker.
  const anyOfOurs = views.some(({ herald }) => herald);
  return {
    members: anyOfOurs ? membersFromApi({ synced: true, nodes, pods: views }) : membersNamed([]),
    foreign: foreignSpeakerNodes({ nodes, pods: views }),
    ignoreExcludeLB,
  };
}

/** As the speaker reads it: the last one counts. */
function ignoresExcludeLabel(pod: Pod): boolean {
  const parsed = parseFlags("speaker", excludeFlag, excludeFlags(pod), {});
  return parsed.ok && parsed.values["ignore-exclude-lb"];
}
