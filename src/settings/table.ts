import { CAPTURE_SETTINGS } from "./groups/capture.ts";
import { GENERATE_SETTINGS } from "./groups/generate.ts";
import { HLS_SETTINGS } from "./groups/hls.ts";
import { HTTP_SETTINGS } from "./groups/http.ts";
import { KAFKA_SETTINGS } from "./groups/kafka.ts";
import { OUTPUT_SETTINGS } from "./groups/output.ts";
import { PACKET_SETTINGS } from "./groups/packets.ts";
import { REPORT_SETTINGS } from "./groups/report.ts";
import { SECURITY_SETTINGS } from "./groups/security.ts";
import { SINK_SETTINGS } from "./groups/sinks.ts";
import { SOURCE_SETTINGS } from "./groups/source.ts";
import { SQLITE_SETTINGS } from "./groups/sqlite.ts";
import { WEBHOOK_SETTINGS } from "./groups/webhook.ts";
import { ZEROMQ_SETTINGS } from "./groups/zeromq.ts";
import type { CommandName, Setting, ValueOf } from "./setting.ts";

/**
 * The one table of settings. Flags, environment names, defaults, help, completion, `.env.example` and the
 * README's table are made from it.
 */
const SETTINGS = {
  ...SOURCE_SETTINGS,
  ...HLS_SETTINGS,
  ...CAPTURE_SETTINGS,
  ...PACKET_SETTINGS,
  ...ZEROMQ_SETTINGS,
  ...SECURITY_SETTINGS,
  ...OUTPUT_SETTINGS,
  ...SINK_SETTINGS,
  ...SQLITE_SETTINGS,
  ...WEBHOOK_SETTINGS,
  ...KAFKA_SETTINGS,
  ...HTTP_SETTINGS,
  ...GENERATE_SETTINGS,
  ...REPORT_SETTINGS,
} as const;

/** Name of a setting in `Config`. */
export type SettingKey = keyof typeof SETTINGS;

/**
 * All settings with their values: sizes in octets, durations in milliseconds, an empty text or list where
 * nothing was set. Settings that are not of the command at hand have their defaults.
 */
export type Config = { readonly [K in SettingKey]: ValueOf<(typeof SETTINGS)[K]> };

/** Any value a setting can have. */
export type SettingValue = Config[SettingKey];

/** Prefix that each environment name may carry; the prefixed name wins. */
export const ENVIRONMENT_PREFIX = "RSCAP_";

/** The keys of the table, in its order. */
export const SETTING_KEYS: readonly SettingKey[] = Object.keys(SETTINGS) as SettingKey[];

/** One row of the table, as the general type. */
export function settingOf(key: SettingKey): Setting {
  return SETTINGS[key];
}

/** The settings that `command` takes, in the table's order. */
export function settingsFor(command: CommandName): SettingKey[] {
  return SETTING_KEYS.filter((key) => settingOf(key).commands.includes(command));
}

/** What an environment name ends with that names the file of a secret. */
export const SECRET_FILE_SUFFIX = "_FILE";

/** The environment names of a setting, ours first; for a secret also those that name its file. */
export function environmentNames(setting: Setting): string[] {
  const names = setting.env.map((entry) => (typeof entry === "string" ? entry : entry.name));
  return setting.type === "secret" ? [...names, ...names.map((name) => name + SECRET_FILE_SUFFIX)] : names;
}

/** The default of a setting for one command. */
export function defaultOf(setting: Setting, command: CommandName): SettingValue {
  const own = setting.defaults?.[command];
  return (own === undefined ? setting.default : own) as SettingValue;
}
