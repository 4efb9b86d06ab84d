import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { release } from "node:os";

/**
 * Runs unit tests at lengths that `make test` has no time for, then the end-to-end tests again and again, HERALD_SOAK_MINUTES long
 * (default 120; 0: not at all), and keeps the result in docs/soak.md.
 */
const minutes = Number(process.env["HERALD_SOAK_MINUTES"] ?? "120");
const sumFile = ".build/test-results/sum.txt";

const longRuns = [
  { file: "speaker/runtime/layer2/frame-fuzz.test.ts", setting: "HERALD_FUZZED_FRAMES", value: "1000000" },
  { file: "speaker/codec/bgp/message-fuzz.test.ts", setting: "HERALD_FUZZED_MESSAGES", value: "10000000" },
  { file: "speaker/runtime/bfd/bfd-fuzz.test.ts", setting: "HERALD_FUZZED_BFD_PACKETS", value: "1000000" },
  { file: "speaker/runtime/membership/membership-fuzz.test.ts", setting: "HERALD_FUZZED_PACKETS", value: "1000000" },
] as const;

type Round = { readonly at: string; readonly seconds: number; readonly sum: string; readonly ok: boolean };

function round(): Round {
  const started = Date.now();
  rmSync(sumFile, { force: true });
  const { status } = spawnSync("node", ["scripts/test.ts", "e2e"], { stdio: ["ignore", "inherit", "inherit"] });
  let sum = "no result";
  try {
    sum = readFileSync(sumFile, "utf8").trim();
  } catch {
    sum = `no result, exit status ${status}`;
  }
  return { at: new Date(started).toISOString(), seconds: Math.round((Date.now() - started) / 1000), sum, ok: status === 0 };
}

function longRun({ file, setting, value }: (typeof longRuns)[number]): Round {
  const started = Date.now();
  const env = { ...process.env, [setting]: value };
  const { status } = spawnSync("node", ["--test", file], { stdio: ["ignore", "inherit", "inherit"], env });
  const sum = `${file} with ${setting}=${value}: ${status === 0 ? "passed" : `failed, exit status ${status}`}`;
  return { at: new Date(started).toISOString(), seconds: Math.round((Date.now() - started) / 1000), sum, ok: status === 0 };
}

function page(rounds: readonly Round[]): string {
  const rows = rounds.map(({ at, seconds, sum }) => `| ${at} | ${seconds} | ${sum} |`);
  const failed = rounds.filter(({ ok }) => !ok).length;
  return `# The last soak

${rounds.length - longRuns.length} rounds of the end-to-end tests after ${longRuns.length} long runs of unit tests, ${failed} with a failure. Node ${process.version}, Linux ${release()}, ${process.arch}.

| Started | Seconds | Result |
|---|---|---|
${rows.join("\n")}
`;
}

const end = Date.now() + minutes * 60_000;
const rounds: Round[] = longRuns.map(longRun);
writeFileSync("docs/soak.md", page(rounds));
while (Date.now() < end) {
  rounds.push(round());
  writeFileSync("docs/soak.md", page(rounds));
}
process.exitCode = rounds.every(({ ok }) => ok) ? 0 : 1;
