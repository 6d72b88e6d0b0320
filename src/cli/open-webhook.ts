import type { Config } from "../settings/table.ts";
import { WebhookSink } from "../sinks/webhook/webhook-sink.ts";
import { VERSION } from "../version.ts";
import type { SinkOpener } from "./document-sinks.ts";

/** Opens the webhook that the settings name; a usage error where its URL is none. */
export const openWebhook: SinkOpener<Config> = async (config, log) => {
  if (config.webhook === "") return null;
  return new WebhookSink({
    url: config.webhook,
    token: config.webhookToken,
    severity: config.webhookSeverity,
    groupMs: config.webhookGroup,
    repeatMs: config.webhookRepeat,
    recoveryMs: config.webhookRecovery,
    timeoutMs: config.webhookTimeout,
    userAgent: `rscap/${VERSION}`,
    log,
  });
};
