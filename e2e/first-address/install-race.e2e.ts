import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bareLab } from "../installed-cluster.ts";
import { ApiRefusal } from "../lab/api-client.ts";
import { projectDir } from "../lab/start.ts";
import { until } from "../lab/until.ts";
import { heraldNamespace, l2Advertisement, listOf, pool } from "../manifests.ts";
import { applyRefused, read, ready } from "../observe.ts";

const collection = `/apis/metallb.io/v1beta1/namespaces/${heraldNamespace}/ipaddresspools`;
const installManifest = join(projectDir, "config/install.yaml");
const rounds = 20;
/** What kubectl says of a kind whose definition the API server does not serve yet, and the hint that follows; warnings. */
const unknownKind = /no matches for kind|ensure CRDs are installed first|^Warning: /;

describe("a pool applied together with Herald", () => {
  const lab = bareLab({ nodes: 2 });
  const folder = mkdtempSync(join(tmpdir(), "herald-e2e-"));
  const poolFile = join(folder, "pool.json");
  writeFileSync(poolFile, listOf([pool("first", ["192.0.2.10-192.0.2.20"]), l2Advertisement("first", ["first"])]));
  after(() => rmSync(folder, { recursive: true }));

  /** Applies files as often as kubectl does not know yet a kind that they define: that is kubectl's own race. */
  async function applyFiles(...files: readonly string[]): Promise<void> {
    for (;;) {
      const { code, stderr } = await lab().kubectl(["apply", ...files.flatMap((file) => ["-f", file])]);
      if (code === 0) return;
      const failures = stderr.split("\n").filter((line) => line !== "" && !unknownKind.test(line));
      ok(failures.length === 0, stderr);
    }
  }

  /**
   * Writes pools one after the other until `work` is done, as dry runs. Before their kind exists the answer is 404.
   * @throws {AssertionError} when one of them is refused.
   */
  async function whileWriting(work: () => Promise<void>): Promise<void> {
    const refusals: string[] = [];
    let done = false;
    const writing = (async () => {
      for (let count = 0; !done; count++) {
        await lab()
          .api.create(`${collection}?dryRun=All`, pool(`dry-${count}`, ["198.51.100.0/24"]))
          .catch((error: unknown) => {
            if (!(error instanceof ApiRefusal) || error.status !== 404) refusals.push(String(error));
          });
        await sleep(50);
      }
    })();
    try {
      await work();
    } finally {
      done = true;
      await writing;
    }
    deepEqual(refusals, []);
  }

  /** Takes everything away. Pods go first and at once: what they do with their grace period is not asked here. */
  async function removeHerald(): Promise<void> {
    const inNamespace = (...args: readonly string[]) => lab().kubectl(["-n", heraldNamespace, "delete", ...args]);
    await inNamespace("deployments,replicasets,daemonsets", "--all", "--cascade=orphan");
    await inNamespace("pods", "--all", "--force", "--grace-period=0");
    await lab().kubectl(["delete", "--ignore-not-found", "--wait=false", "-f", installManifest]);
    await until("Herald is gone", 60_000, async () => {
      type Named = { readonly items: readonly { readonly metadata: { readonly name: string } }[] };
      const namespaces = await lab().api.get<Named>("/api/v1/namespaces");
      const kinds = await lab().api.get<Named>("/apis/apiextensions.k8s.io/v1/customresourcedefinitions");
      return kinds.items.length === 0 && !namespaces.items.some(({ metadata }) => metadata.name === heraldNamespace);
    });
  }

  test(`is stored without a webhook error, ${rounds} times, in one command and in two`, async () => {
    for (let round = 0; round < rounds; round++) {
      await whileWriting(async () => {
        if (round % 2 === 0) {
          await applyFiles(installManifest);
          await applyFiles(poolFile);
        } else await applyFiles(installManifest, poolFile);
        if (round % 5 === 0) await ready(lab(), "deployment/controller", heraldNamespace);
      });
      equal(await read(lab(), "ipaddresspool/first", "{.metadata.name}", heraldNamespace), "first", `round ${round}`);
      await removeHerald();
    }
  });

  test("is checked from the second on in which Herald is ready, and no write fails until all are checked", async () => {
    await whileWriting(async () => {
      await applyFiles(installManifest, poolFile);
      await ready(lab(), "deployment/controller", heraldNamespace);
      const said = await applyRefused(lab(), pool("second", ["192.0.2.15-192.0.2.30"]));
      match(said, /overlaps with already defined CIDR "192\.0\.2\.10-192\.0\.2\.20" in pool "first"/);
      // The entry that only warns of deletions goes on letting them through.
      const denying = "{range .items[*].webhooks[*]}{.name} {.failurePolicy}{'\\n'}{end}";
      await until("what cannot be checked is refused", 30_000, async () => {
        const { stdout } = await lab().kubectl(["get", "validatingwebhookconfigurations", "-o", `jsonpath=${denying}`]);
        const entries = stdout.split("\n").filter((line) => line.includes("validationwebhook.metallb.io"));
        return entries.length === 6 && entries.every((line) => line.endsWith(" Fail"));
      });
      await sleep(1_000);
    });
  });
});
