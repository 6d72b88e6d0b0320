import { expect, test } from "bun:test";
import { resolveConfig } from "../settings/config.ts";
import { openWebhook } from "./open-webhook.ts";

const open = (env: Record<string, string>) => {
  const { config } = resolveConfig({ command: "client", flags: {}, env, folder: "/", hostname: "here" });
  return openWebhook(config, () => {});
};

test("a webhook is opened where the settings name one", async () => {
  expect(await open({})).toBeNull();
  const sink = await open({ WEBHOOK: "https://hooks.example/services/x" });
  expect(sink?.counts()).toEqual({
    name: "webhook at hooks.example",
    taken: 0,
    done: 0,
    dropped: 0,
    queued: 0,
  });
  await sink?.close(0);
  expect(open({ WEBHOOK: "hooks.example" })).rejects.toThrow("expected an http or https URL");
});
