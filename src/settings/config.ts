import { usageError } from "../report/error.ts";
import { type EnvFile, readEnvFile } from "./env-file.ts";
import { unusedNames } from "./notices.ts";
import { expectation, type ParsedValue, parseSetting } from "./parse.ts";
import { checkRules } from "./rules.ts";
import { readSecretFile } from "./secret-file.ts";
import type { CommandName, Setting } from "./setting.ts";
import {
  type Config,
  defaultOf,
  ENVIRONMENT_PREFIX,
  environmentNames,
  SECRET_FILE_SUFFIX,
  SETTING_KEYS,
  type SettingKey,
  settingOf,
} from "./table.ts";

/** Flags as they stand on the command line: text, repeated texts, or on and off. */
export type Flags = Readonly<Partial<Record<SettingKey, string | readonly string[] | boolean>>>;

/** Names and values of the process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where settings are taken from. */
export interface ConfigInput {
  readonly command: CommandName;
  readonly flags: Flags;
  readonly env: Environment;
  /** Folder whose `.env` is read; relative names of `--env-file` start here too. */
  readonly folder: string;
  /** Becomes the name of the probe when none is set. */
  readonly hostname: string;
}

/** The settings of one run. */
export interface ResolvedConfig {
  readonly config: Config;
  /** For each setting: `flag --x`, `environment X`, `X in .env`, or `default`. */
  readonly origin: Readonly<Record<SettingKey, string>>;
  /** Sentences about names that are set but have no effect; to be logged as warnings. */
  readonly notices: readonly string[];
}

/** A text that was found for a setting, and where. */
interface Found {
  readonly text: string | readonly string[] | boolean;
  readonly origin: string;
  /** The text names the file that holds a secret. */
  readonly file?: boolean;
}

/** `--source-port (SOURCE_PORT)`: how errors and help name a setting; a secret is named by the two variables. */
export function nameOf(setting: Setting): string {
  const names = environmentNames(setting);
  if (setting.type === "secret")
    return `${names[0]}, or --${setting.flag} (${names[0]}${SECRET_FILE_SUFFIX})`;
  if (setting.flag === null) return names.join(", ");
  return names.length === 0 ? `--${setting.flag}` : `--${setting.flag} (${names[0]})`;
}

function fromNames(setting: Setting, values: Environment, where: (name: string) => string): Found | null {
  for (const entry of setting.env) {
    const plain = typeof entry === "string" ? entry : entry.name;
    for (const name of plain.startsWith(ENVIRONMENT_PREFIX) ? [plain] : [ENVIRONMENT_PREFIX + plain, plain]) {
      const text = values[name]?.trim();
      if (text === undefined || text === "") continue;
      const ours = typeof entry === "string" ? text : entry.value(text);
      if (ours !== null) return { text: ours, origin: where(name) };
    }
  }
  if (setting.type !== "secret") return null;
  for (const entry of setting.env) {
    const plain = (typeof entry === "string" ? entry : entry.name) + SECRET_FILE_SUFFIX;
    for (const name of [ENVIRONMENT_PREFIX + plain, plain]) {
      const text = values[name]?.trim();
      if (text !== undefined && text !== "") return { text, origin: where(name), file: true };
    }
  }
  return null;
}

function find(key: SettingKey, setting: Setting, input: ConfigInput, file: EnvFile | null): Found | null {
  const flag = input.flags[key];
  if (flag !== undefined) {
    return { text: flag, origin: `flag --${setting.flag}`, file: setting.type === "secret" };
  }
  const found = fromNames(setting, input.env, (name) => `environment ${name}`);
  if (found !== null || file === null) return found;
  return fromNames(setting, file.values, (name) => `${name} in ${file.path}`);
}

function parseFound(setting: Setting, found: Found, folder: string, notices: string[]): ParsedValue {
  if (typeof found.text === "boolean") return found.text;
  if (found.file === true && found.text !== "") {
    const { secret, notice } = readSecretFile(nameOf(setting), String(found.text), folder);
    if (notice !== null) notices.push(notice);
    return secret;
  }
  const texts = typeof found.text === "string" ? [found.text] : found.text;
  const list: string[] = [];
  for (const text of texts) {
    const value = parseSetting(setting, text);
    if (value === null) {
      throw usageError(
        "bad-setting",
        `${nameOf(setting)}: expected ${expectation(setting, text)}, got "${withoutPassword(text)}" (${found.origin}).`,
      );
    }
    if (typeof value !== "object") return value;
    list.push(...value);
  }
  return list;
}

/** A host name as a probe name: what `checkProbeId` refuses becomes a dash. */
function probeIdOf(hostname: string): string {
  const name = hostname.replace(/[^\p{L}\p{N}\p{M}._:@+-]/gu, "-").slice(0, 64);
  return name === "" ? "probe" : name;
}

/** A sentence where a file that every user may read holds a secret itself, not just the name of its file. */
function openSecrets({ path }: EnvFile, origin: Readonly<Record<string, string>>): string[] {
  const names = SETTING_KEYS.filter((key) => settingOf(key).type === "secret").flatMap((key) => {
    const [name = "", where] = (origin[key] ?? "").split(" in ", 2);
    return where === path && !name.endsWith(SECRET_FILE_SUFFIX) ? [name] : [];
  });
  if (names.length === 0) return [];
  return [`${path}, which holds ${names.join(", ")}, is open to every user of this machine: chmod 600 it.`];
}

/**
 * The settings of one command: flag, else environment, else `.env`, else default. Empty values in the
 * environment and in `.env` count as not set. Only the settings of `input.command` are looked up. Throws a
 * usage error that names the flag, the variable, what was expected and what was got.
 */
export function resolveConfig(input: ConfigInput): ResolvedConfig {
  const values: Record<string, ParsedValue> = {};
  const origin: Record<string, string> = {};
  const notices: string[] = [];
  const take = (key: SettingKey, file: EnvFile | null): void => {
    const setting = settingOf(key);
    const found = setting.commands.includes(input.command) ? find(key, setting, input, file) : null;
    values[key] =
      found === null ? defaultOf(setting, input.command) : parseFound(setting, found, input.folder, notices);
    origin[key] = found === null ? "default" : found.origin;
  };
  take("envFile", null);
  const file = readEnvFile(String(values.envFile), input.folder);
  for (const key of SETTING_KEYS) if (key !== "envFile") take(key, file);
  if (file?.open === true) notices.push(...openSecrets(file, origin));
  if (values.probeId === "") values.probeId = probeIdOf(input.hostname);
  // Each key of the table was set above, from its own row; the compiler cannot see that.
  const config = values as unknown as Config;
  checkRules(input.command, config, origin);
  return {
    config,
    origin: origin as Record<SettingKey, string>,
    notices: [...notices, ...unusedNames(input.env, file)],
  };
}

/** Somebody may have written a password into an address. */
function withoutPassword(text: string): string {
  return text.replaceAll(/\/\/[^/@:\s[\]]*:[^/@\s]*@/g, "//…@");
}
