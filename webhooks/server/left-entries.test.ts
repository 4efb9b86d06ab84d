import { deepEqual, match } from "node:assert/strict";
import { test } from "node:test";
import { resourceTypes } from "../../crds/types/kubernetes.ts";
import { FakeApi } from "../../operator/framework/fake/fake-api.ts";
import { FakeLog } from "../../operator/framework/fake/fake-log.ts";
import { warnOfLeftEntries } from "./left-entries.ts";
import type { WebhookConfiguration } from "./webhook-configuration.ts";

async function said(webhooks: WebhookConfiguration["webhooks"], error?: Error): Promise<readonly string[]> {
  const [api, log] = [new FakeApi(), new FakeLog()];
  if (webhooks !== undefined)
    api.put<WebhookConfiguration>(resourceTypes.validatingwebhookconfigurations, {
      metadata: { name: "metallb-webhook-configuration" },
      webhooks,
    });
  if (error !== undefined) api.fail(() => true, error);
  await warnOfLeftEntries(api, log);
  return log.at("warn");
}

const entry = { name: "a.metallb.io", clientConfig: {} };

test("where webhooks are disabled, entries that would refuse every write are pointed out", async () => {
  match((await said([entry])).join(), /still asks for them: .* every write of a custom resource is refused/);
});

test("nothing is said where nobody asks, where failures are ignored, or where it cannot be read", async () => {
  deepEqual(await said(undefined), []);
  deepEqual(await said([]), []);
  deepEqual(await said([{ ...entry, failurePolicy: "Ignore" }]), []);
  deepEqual(await said([entry], new Error("connection refused")), []);
});
