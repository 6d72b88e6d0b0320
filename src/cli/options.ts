import { Option } from "@commander-js/extra-typings";
import type { Flags } from "../settings/config.ts";
import { formatSetting } from "../settings/parse.ts";
import type { CommandName, Setting } from "../settings/setting.ts";
import { defaultOf, environmentNames, type SettingKey, settingOf, settingsFor } from "../settings/table.ts";

/** What commander knows of one parsed command; both methods are commander's own. */
export interface ParsedOptions {
  getOptionValue(name: string): unknown;
  getOptionValueSource(name: string): string | undefined;
}

/** What stands for the value in the help: `<octets>`; empty for a flag without one. */
function valueName(setting: Setting): string {
  switch (setting.type) {
    case "boolean":
      return "";
    case "number":
      return "<n>";
    case "size":
      return "<octets>";
    case "duration":
      return "<time>";
    case "choice":
      return "<word>";
    case "secret":
      return "<file>";
    default:
      return `<${setting.value}>`;
  }
}

/** The default in words, as the help and the README show it: `64M`, `10 ms`, `none`. */
export function defaultText(setting: Setting, command: CommandName): string {
  if (setting.defaultText !== undefined) return setting.defaultText;
  const value = defaultOf(setting, command);
  if (setting.type === "boolean") return value === true ? "on" : "off";
  const text = formatSetting(setting, value);
  return text === "" ? "none" : text;
}

/** The sentence of the help with the environment's name and the default. */
export function describe(setting: Setting, command: CommandName): string {
  const [name, second] = environmentNames(setting);
  if (setting.type === "secret")
    return `file that holds ${setting.help} [${second}; or ${name} with the text itself]`;
  const known = name === undefined ? "" : `${name}, `;
  if (setting.type === "boolean") return setting.help + (name === undefined ? "" : ` [${name}]`);
  const words = setting.type === "choice" ? ` (${setting.choices.join(", ")})` : "";
  return `${setting.help}${words} [${known}default: ${defaultText(setting, command)}]`;
}

/** `--no-zmq` and `--zmq` are one option to commander, under this name. */
function positiveFlag(flag: string): string {
  return flag.replace(/^no-/, "");
}

function attribute(flag: string): string {
  return new Option(`--${positiveFlag(flag)}`).attributeName();
}

function collect(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), text];
}

/** The commander options of one command, in the table's order; opposites and shortcuts are hidden. */
export function optionsFor(command: CommandName): Option[] {
  const options: Option[] = [];
  for (const key of settingsFor(command)) {
    const setting = settingOf(key);
    if (setting.flag === null) continue;
    const short = setting.short === undefined ? "" : `-${setting.short}, `;
    const shown = new Option(
      `${short}--${setting.flag} ${valueName(setting)}`.trim(),
      describe(setting, command),
    ).helpGroup(`${setting.group}:`);
    if (setting.type === "list") shown.argParser(collect);
    options.push(shown);
    if (setting.type === "boolean") {
      const opposite = setting.flag.startsWith("no-") ? positiveFlag(setting.flag) : `no-${setting.flag}`;
      options.push(new Option(`--${opposite}`).hideHelp());
    }
    if (setting.type === "list") {
      for (const shortcut of Object.keys(setting.shortcuts ?? {})) {
        options.push(new Option(`--${shortcut}`).hideHelp());
      }
    }
  }
  return options;
}

function given(parsed: ParsedOptions, name: string): unknown {
  return parsed.getOptionValueSource(name) === "cli" ? parsed.getOptionValue(name) : undefined;
}

function flagValue(parsed: ParsedOptions, setting: Setting): Flags[SettingKey] {
  if (setting.flag === null) return undefined;
  const value = given(parsed, attribute(setting.flag));
  if (typeof value === "boolean") return setting.flag.startsWith("no-") ? !value : value;
  if (typeof value === "string") return value;
  const items = Array.isArray(value) ? value.map(String) : [];
  if (setting.type === "list") {
    for (const [shortcut, item] of Object.entries(setting.shortcuts ?? {})) {
      if (given(parsed, attribute(shortcut)) === true) items.push(item);
    }
  }
  return items.length === 0 ? undefined : items;
}

/** The flags that stood on the command line, unparsed. */
export function flagsOf(command: CommandName, parsed: ParsedOptions): Flags {
  const flags: Partial<Record<SettingKey, Flags[SettingKey]>> = {};
  for (const key of settingsFor(command)) {
    const value = flagValue(parsed, settingOf(key));
    if (value !== undefined) flags[key] = value;
  }
  return flags;
}
