#!/usr/bin/env node
import { readOptions } from "./options.ts";
import { runSpeaker } from "./runtime/agent.ts";

const read = readOptions(process.argv.slice(2), process.env);
if (read.ok) {
  // Beside this file: sources in development, one bundle for each thread in the image.
  const bundled = import.meta.url.endsWith(".mjs");
  await runSpeaker(read.options, {
    mind: new URL(bundled ? "./speaker-mind.mjs" : "./mind.ts", import.meta.url),
    beat: new URL(bundled ? "./speaker-beat.mjs" : "./beat.ts", import.meta.url),
  });
} else {
  process.stderr.write(read.text);
  process.exitCode = read.exitCode;
}
