import { match } from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "./framework/metrics.ts";
import { WebhookMetrics } from "./webhook-metrics.ts";

test("answers are counted by kind and outcome", async () => {
  const metrics = createMetrics();
  const { onVerdict } = new WebhookMetrics(metrics);
  for (const allowed of [true, false, true]) onVerdict("IPAddressPool", { allowed });
  match(await metrics.text(), /^metallb_webhook_requests_total\{kind="IPAddressPool",allowed="true"\} 2$/m);
  match(await metrics.text(), /^metallb_webhook_requests_total\{kind="IPAddressPool",allowed="false"\} 1$/m);
});
