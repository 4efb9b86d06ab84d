import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectInContainer } from "./container-script.ts";
import { ContainerRefusal } from "./container-spec.ts";
import type { Container, Pod } from "./objects.ts";

/** A program of the project: the bundle when it was built, else the source that it is built from. */
type Entry = { readonly bundle: string; readonly source: string; readonly script: string };

const heraldEntries: { readonly [command: string]: Entry } = {
  "/controller": { bundle: "dist/operator.mjs", source: "operator/main.ts", script: "image/controller" },
  "/speaker": { bundle: "dist/speaker.mjs", source: "speaker/main.ts", script: "image/speaker" },
};

/** Images that the lab has in place of a registry: an echo server that listens on the image's usual port. */
const echoImages: readonly { readonly pattern: RegExp; readonly port: number }[] = [
  { pattern: /(^|\/)nginx(:|@|$)/, port: 80 },
  { pattern: /(^|\/)agnhost(:|@|$)/, port: 8080 },
  { pattern: /(^|\/)herald-lab\/echo(:|@|$)/, port: 8080 },
];

/** An image without a program of its own: the command is run as it is, usually one that a hostPath volume brings. */
const bareImage = /(^|\/)herald-lab\/bare(:|@|$)/;

/**
 * The command line that stands for a container's image, command and arguments, inside the container.
 * @param args the container's arguments, expanded.
 * @throws {ContainerRefusal} ImagePullBackOff for an image that the lab does not have.
 */
export function programOf(pod: Pod, container: Container, args: readonly string[], projectDir: string): readonly string[] {
  const node = `${projectInContainer}/node_modules/.bin/node`;
  const image = container.image ?? "";
  const entry = heraldEntries[container.command?.[0] ?? ""];
  if (entry !== undefined) {
    const bundled = process.env["HERALD_LAB_SOURCES"] === undefined && existsSync(join(projectDir, entry.bundle));
    const file = bundled ? entry.bundle : entry.source;
    const { environment, flags } = startOf(join(projectDir, entry.script));
    const start = [...environment, node, ...flags];
    return [...start, `${projectInContainer}/${file}`, ...(container.command?.slice(1) ?? []), ...args];
  }
  const echo = echoImages.find(({ pattern }) => pattern.test(image));
  if (echo !== undefined) {
    const port = /--http-port=(\d+)/.exec(args.join(" "))?.[1] ?? String(echo.port);
    return [node, `${projectInContainer}/e2e/lab/echo-server.ts`, port, pod.metadata.name, pod.spec.nodeName ?? ""];
  }
  if (bareImage.test(image)) return [...(container.command ?? []), ...args];
  throw new ContainerRefusal("ImagePullBackOff", `the lab has no image "${image}"; it has nginx, agnhost and Herald's own`);
}

/** The variables and the options that the image's start script gives to Node, so that what is tested is what ships. */
function startOf(script: string): { readonly environment: readonly string[]; readonly flags: readonly string[] } {
  const text = readFileSync(script, "utf8");
  const variables = [...text.matchAll(/^export (\S+)$/gm)].map(([, variable = ""]) => variable);
  const options = /\/node((?: --\S+)*)/.exec(text)?.[1] ?? "";
  const environment = variables.length === 0 ? [] : ["/usr/bin/env", ...variables];
  return { environment, flags: options.split(" ").filter((option) => option !== "") };
}
