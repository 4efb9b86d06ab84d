import { resourceTypes } from "../../crds/types/kubernetes.ts";
import type { KubeApi } from "../../operator/framework/api/kube-api.ts";
import type { Log } from "../../operator/framework/log/log.ts";
import { webhookConfigurationName } from "./registrations.ts";
import type { WebhookConfiguration } from "./webhook-configuration.ts";

/**
 * For a process that serves no webhooks: says so in the log when the API server is still told to ask for them, as it then
 * refuses every write. Never rejects.
 */
export async function warnOfLeftEntries(api: KubeApi, log: Log): Promise<void> {
  const type = resourceTypes.validatingwebhookconfigurations;
  const configuration = await api.get<WebhookConfiguration>(type, { name: webhookConfigurationName }).catch(() => undefined);
  const entries = configuration?.webhooks?.filter(({ failurePolicy }) => failurePolicy !== "Ignore") ?? [];
  if (entries.length === 0) return;
  const remedy = `kubectl patch ${type.plural} ${webhookConfigurationName} --type=json -p '[{"op":"remove","path":"/webhooks"}]'`;
  log.warn(
    `webhooks are disabled here, and ${type.kind} "${webhookConfigurationName}" still asks for them: unless somebody else serves ` +
      "them, every write of a custom resource is refused. Remove its entries",
    { entries: entries.length, remedy },
  );
}
