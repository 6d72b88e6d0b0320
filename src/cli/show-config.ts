import type { ResolvedConfig } from "../settings/config.ts";
import { formatSetting, type ParsedValue } from "../settings/parse.ts";
import type { CommandName, Setting } from "../settings/setting.ts";
import { settingOf, settingsFor } from "../settings/table.ts";

/** Stands in for the value of a secret setting that has one. */
const HIDDEN = "(set)";

function shown(setting: Setting, value: ParsedValue): string {
  const text = formatSetting(setting, value);
  if (text === "") return "-";
  return setting.type === "secret" ? HIDDEN : text;
}

/** Each setting of the command, its value and where it came from, as aligned lines. */
export function showConfigText(command: CommandName, resolved: ResolvedConfig): string {
  const rows = settingsFor(command).map((key) => {
    const setting = settingOf(key);
    return {
      name: setting.flag ?? String(setting.env[0]),
      value: shown(setting, resolved.config[key]),
      origin: resolved.origin[key],
    };
  });
  const nameWidth = Math.max(...rows.map((row) => row.name.length));
  const valueWidth = Math.min(40, Math.max(...rows.map((row) => row.value.length)));
  return rows
    .map((row) => `${row.name.padEnd(nameWidth)}  ${row.value.padEnd(valueWidth)}  ${row.origin}\n`)
    .join("");
}

/** The same as one JSON document: `{ "<key>": { "value": …, "origin": "…" } }`; sizes in octets, times in ms. */
export function showConfigJson(command: CommandName, resolved: ResolvedConfig): string {
  const settings: Record<string, { value: ParsedValue; origin: string }> = {};
  for (const key of settingsFor(command)) {
    const value = resolved.config[key];
    const hidden = settingOf(key).type === "secret" && value !== "";
    settings[key] = { value: hidden ? HIDDEN : value, origin: resolved.origin[key] };
  }
  return `${JSON.stringify(settings, null, 2)}\n`;
}
