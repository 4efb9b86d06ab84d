import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { projectDir } from "../lab/start.ts";
import { run } from "./run.ts";
import { pageOf, unexplained } from "./summary.ts";
import { tell } from "./telling.ts";

const usage = `usage: node e2e/differential/main.ts [options]
  --manifests 2000   writes that are tried, without being stored
  --histories 200    histories of Services that are played
  --seed 1           the same seed makes the same manifests and histories
  --quiet-ms 500     a cluster is quiet when nothing has changed for so long
  --afresh           ask Herald again, too, although the same program has answered before
Answers are kept and the same program is not asked again, so that an interrupted run goes on where it was. The page docs/differential.md is written by a run with at least the
default numbers; whatever was found is in .build/differential.`;

/** What a run of the whole size asks. */
const whole = { manifests: 2000, histories: 200 };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      manifests: { type: "string", default: String(whole.manifests) },
      histories: { type: "string", default: String(whole.histories) },
      seed: { type: "string", default: "1" },
      "quiet-ms": { type: "string", default: "500" },
      afresh: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const [manifests, histories, quietMs] = [Number(values.manifests), Number(values.histories), Number(values["quiet-ms"])];
  if (values.help || ![manifests, histories, quietMs].every((count) => count >= 0)) {
    console.error(usage);
    return 2;
  }
  const outcome = await run({ seed: values.seed, manifests, histories, quietMs, afresh: values.afresh });
  tell(outcome);
  const isWhole = manifests >= whole.manifests && histories >= whole.histories;
  if (isWhole) writeFileSync(join(projectDir, "docs/differential.md"), pageOf(outcome, new Date()));
  return unexplained(outcome) === 0 ? 0 : 1;
}

process.exitCode = await main();
