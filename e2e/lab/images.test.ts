import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ContainerRefusal } from "./container-spec.ts";
import { programOf } from "./images.ts";
import { projectDir } from "./start.ts";

const pod = { metadata: { name: "p", namespace: "default" }, spec: { nodeName: "n1", containers: [] } };

test("the bare image runs the command as it is, with the arguments", () => {
  const container = { name: "c", image: "herald-lab/bare", command: ["/program/controller", "run"] };
  deepEqual(programOf(pod, container, ["--port=1"], projectDir), ["/program/controller", "run", "--port=1"]);
});

test("an echo image listens on its own port, or on the one that it is told", () => {
  const echo = { name: "c", image: "nginx:1" };
  const words = (args: readonly string[]) => programOf(pod, echo, args, projectDir).slice(1);
  deepEqual(words([]), ["/app/e2e/lab/echo-server.ts", "80", "p", "n1"]);
  deepEqual(words(["--http-port=8081"]), ["/app/e2e/lab/echo-server.ts", "8081", "p", "n1"]);
});

test("Herald's speaker starts with the variables and the options of the image's script", () => {
  const [env, ...words] = programOf(pod, { name: "c", command: ["/speaker"] }, ["--port=1"], projectDir);
  const script = readFileSync(join(projectDir, "image/speaker"), "utf8");
  equal(env, "/usr/bin/env");
  const program = words.findIndex((word) => /\/speaker\/main\.ts$|\/speaker\.mjs$/.test(word));
  deepEqual(words.slice(program + 1), ["--port=1"]);
  const node = words.indexOf("/app/node_modules/.bin/node");
  const [variables, options] = [words.slice(0, node), words.slice(node + 1, program)];
  deepEqual(
    variables,
    [...script.matchAll(/^export (.*)$/gm)].map(([, variable]) => variable),
  );
  ok(variables.length > 0);
  ok(options.length > 0 && script.includes(` ${options.join(" ")} /app`));
});

test("any other image cannot be pulled", () => {
  const refusal = new ContainerRefusal(
    "ImagePullBackOff",
    'the lab has no image "redis"; it has nginx, agnhost and Herald\'s own',
  );
  throws(() => programOf(pod, { name: "c", image: "redis" }, [], projectDir), refusal);
});
