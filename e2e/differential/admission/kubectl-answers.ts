import type { Manifest } from "../manifest/manifest.ts";

/** What became of one object of a file with many. */
export type Answer = { readonly accepted: true } | { readonly accepted: false; readonly text: string };

/** What kubectl said about a whole file. */
export type FileAnswer = { readonly stdout: string; readonly stderr: string };

/**
 * Parts kubectl's words by object. It names each object that was accepted, on standard output, and prints one message for each
 * other one, in their order, on standard error.
 * @returns one answer for each manifest; undefined when messages and refused objects do not come out even.
 */
export function answersOf(manifests: readonly Manifest[], { stdout, stderr }: FileAnswer): readonly Answer[] | undefined {
  const accepted = new Set(
    [...stdout.matchAll(/^([a-z0-9]+)\.metallb\.io(?:\/| ")([^\s"]+)"? (?:created|replaced|deleted)/gm)].map(
      ([, kind, name]) => `${kind}/${name}`,
    ),
  );
  const messages = messagesIn(stderr);
  const isAccepted = ({ kind, metadata }: Manifest): boolean => accepted.has(`${kind.toLowerCase()}/${metadata.name}`);
  const refused = manifests.filter((manifest) => !isAccepted(manifest));
  if (refused.length !== messages.length || accepted.size !== manifests.length - refused.length) return undefined;
  const texts = new Map(refused.map((manifest, index) => [manifest, messages[index] ?? ""]));
  return manifests.map((manifest): Answer => {
    const text = texts.get(manifest);
    return text === undefined ? { accepted: true } : { accepted: false, text };
  });
}

/** A message may have several lines; these words begin one. */
const beginning = /^(?:Error from server|Error: |error: |The \w+ "[^"]*" is invalid|the object provided)/;

function messagesIn(stderr: string): readonly string[] {
  const messages: string[] = [];
  for (const line of stderr.split("\n")) {
    if (line.startsWith("Warning: ")) continue;
    if (beginning.test(line)) messages.push(line);
    else if (messages.length > 0) messages.push(`${messages.pop()}\n${line}`);
  }
  return messages.map((message) => message.trim());
}
