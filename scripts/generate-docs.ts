/**
 * Writes what is made from the table of settings and from the report's schema: `.env.example`, the tables
 * of the README, the limits and the JSON Schemas in `docs`. A test fails when the files differ from what this makes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { COMMAND_SUMMARY, EXAMPLES } from "../src/cli/help.ts";
import { defaultText } from "../src/cli/options.ts";
import { LIMIT_SETTINGS, type LimitSetting, PROFILES } from "../src/mpegts/tr101290/limits.ts";
import { EVENT_SCHEMA, eventSchema } from "../src/report/event.ts";
import { REPORT_SCHEMA, reportSchema } from "../src/report/schema.ts";
import { IGNORED_NAMES } from "../src/settings/ignored.ts";
import { formatSetting } from "../src/settings/parse.ts";
import { COMMANDS, GROUPS, type Setting } from "../src/settings/setting.ts";
import { environmentNames, SETTING_KEYS, settingOf } from "../src/settings/table.ts";
import { WEBHOOK_SCHEMA, webhookSchema } from "../src/sinks/webhook/message.ts";
import { generateDocument } from "./generate-page.ts";
import { grafanaDashboard } from "./grafana-dashboard.ts";

/** Columns of a comment in `.env.example`. */
const COMMENT_COLUMNS = 100;

const SETTINGS_IN_ORDER: readonly Setting[] = SETTING_KEYS.map(settingOf);

function inGroup(group: string): Setting[] {
  return SETTINGS_IN_ORDER.filter((setting) => setting.group === group);
}

function comment(text: string): string {
  const lines: string[] = [];
  let line = "#";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > COMMENT_COLUMNS) {
      lines.push(line);
      line = "#";
    }
    line += ` ${word}`;
  }
  return [...lines, line].join("\n");
}

function choicesText(setting: Setting): string {
  return setting.type === "choice" ? ` (${setting.choices.join(", ")})` : "";
}

/** What a command has as a default where it differs: `never; replay: error`. */
function defaultsText(setting: Setting): string {
  const [first] = setting.commands;
  if (first === undefined) return "";
  const others = Object.keys(setting.defaults ?? {}) as (typeof first)[];
  return [
    defaultText(setting, first),
    ...others.map((command) => `${command}: ${defaultText(setting, command)}`),
  ].join("; ");
}

/** A secret has two names: of the text, and of the file that holds it. */
function secretEntry(setting: Setting): string {
  const names = environmentNames(setting);
  const words = `${setting.help}: the text itself, or the file that holds it. For ${setting.commands.join(", ")}.`;
  return `${comment(words)}\n${names.map((name) => `#${name}=`).join("\n")}\n`;
}

function envEntry(setting: Setting): string {
  const [name, ...aliases] = environmentNames(setting);
  const value = formatSetting(setting, setting.default);
  if (setting.type === "secret") return secretEntry(setting);
  const words = [
    `${setting.help}${choicesText(setting)}.`,
    setting.defaultText === undefined ? "" : ` Default: ${setting.defaultText}.`,
    setting.defaults === undefined ? "" : ` Default: ${defaultsText(setting)}.`,
    ` For ${setting.commands.join(", ")}.`,
    aliases.length === 0 ? "" : ` Also: ${aliases.join(", ")}.`,
  ].join("");
  return `${comment(words)}\n#${name}=${value.includes(" ") ? `"${value}"` : value}\n`;
}

/** The text of `.env.example`: every name with its default, commented out. */
export function envExample(): string {
  const head = [
    "Settings of rscap. Copy this file to .env in the folder where rscap is started, or name it with --env-file.",
    "A flag wins over the environment, the environment over this file. An empty value means not set.",
    "Sizes take k, M, G (powers of 1024); times take us, ms, s, min, h, d.",
    "Lists are separated by commas. In the environment each name may carry the prefix RSCAP_, which then wins.",
    "One file serves all commands: SOURCE_* is the captured stream, TARGET_* the ZeroMQ endpoint.",
  ].map(comment);
  const groups = GROUPS.flatMap((group) => {
    const settings = inGroup(group).filter((setting) => setting.env.length > 0);
    return settings.length === 0 ? [] : [`# ---- ${group} ----\n\n${settings.map(envEntry).join("\n")}`];
  });
  return `${head.join("\n")}\n\n${groups.join("\n")}`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

/** The README's table: one section a group, one row a setting. */
export function settingsTable(): string {
  const head = "| flag | environment | default | what it does | commands |\n|---|---|---|---|---|";
  return GROUPS.map((group) => {
    const rows = inGroup(group).map((setting) => {
      const short = setting.short === undefined ? "" : `\`-${setting.short}\` `;
      const flag = setting.flag === null ? "" : `${short}\`--${setting.flag}\``;
      const names = environmentNames(setting).map((name) => `\`${name}\``);
      const what = cell(`${setting.help}${choicesText(setting)}`);
      return `| ${flag} | ${names.join(", ")} | ${cell(defaultsText(setting))} | ${what} | ${setting.commands.join(", ")} |`;
    });
    return `**${group}**\n\n${head}\n${rows.join("\n")}`;
  }).join("\n\n");
}

/** The README's list of names that have no effect any more. */
export function ignoredTable(): string {
  const byReason = new Map<string, string[]>();
  for (const { name, reason } of IGNORED_NAMES) byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  const rows = [...byReason].map(
    ([reason, names]) => `| ${names.map((name) => `\`${name}\``).join(", ")} | ${cell(reason)} |`,
  );
  return `| names | why they have no effect |\n|---|---|\n${rows.join("\n")}`;
}

/** The README's commands with their examples. */
export function commandExamples(): string {
  return COMMANDS.map((command) => {
    const lines = EXAMPLES[command].map((example) => `# ${example.what}\n${example.line}`);
    const also = command === "client" ? " (also `rscap monitor`)" : "";
    return `**\`rscap ${command}\`**${also}: ${COMMAND_SUMMARY[command]}.\n\n\`\`\`sh\n${lines.join("\n")}\n\`\`\``;
  }).join("\n\n");
}

/** A limit as a table shows it; 0 turns its check off. */
function limitText(value: number): string {
  return value === 0 ? "off" : String(value);
}

/** `docs/limits.md`: every limit of TR 101 290 that a file may set, with the values of the built-in profiles. */
export function limitsDocument(): string {
  const rows = Object.entries<LimitSetting>(LIMIT_SETTINGS).map(
    ([name, { help, clause, dvb, atsc }]) =>
      `| \`${name}\` | ${cell(help)} | ${cell(clause)} | ${limitText(dvb)} | ${limitText(atsc)} |`,
  );
  const names = PROFILES.map((profile) => `\`${profile}\``).join(" or ");
  return `# Limits of the conformance monitor

<!-- Made by scripts/generate-docs.ts from src/mpegts/tr101290/limits.ts. -->

\`--limits\` (\`LIMITS\`) takes the name of a built-in profile, ${names}, or a TOML file. A file states only what differs
from its profile:

\`\`\`toml
profile = "dvb"      # what is not stated comes from here; dvb unless stated
pmtMs = 200          # a PMT at least every 200 ms
otherPidMs = 60000   # subtitles and data may be silent for a minute
requireSi = true     # NIT, SDT, EIT and TDT are faults where they never come
privatePids = [500]  # never unreferenced
\`\`\`

The unit is the end of the name. 0 turns a check off. Intervals bear 1 us, to which captures round their times. A name that does not
stand here is refused, with those that do.

| name | what it is | clause | dvb | atsc |
|---|---|---|--:|--:|
${rows.join("\n")}

| name | what it is | default |
|---|---|---|
| \`profile\` | where values that are not stated come from | dvb |
| \`requireSi\` | true: NIT, SDT, EIT and TDT count as missing from the start; false: once their PID has come (dvb), once they have come themselves (atsc) | false |
| \`privatePids\` | PIDs of private data that 3.4 Unreferenced_PID leaves alone | none |
`;
}

/** A JSON Schema, for other languages. */
function jsonSchema(schema: z.ZodType, id: string, title: string): string {
  const made = z.toJSONSchema(schema, { target: "draft-2020-12" });
  return `${JSON.stringify({ ...made, $id: id, title }, null, 2)}\n`;
}

/** Puts `content` between the marks `<!-- name -->` and `<!-- /name -->`. */
export function replaceSection(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const start = text.indexOf(open);
  const end = text.indexOf(close);
  if (start < 0 || end < start) throw new Error(`README.md has lost its marks ${open} and ${close}`);
  return `${text.slice(0, start + open.length)}\n${content}\n${text.slice(end)}`;
}

/** The README with its generated sections made anew. */
export function readme(text: string): string {
  const sections = [
    ["settings", settingsTable()],
    ["ignored", ignoredTable()],
    ["commands", commandExamples()],
  ] as const;
  return sections.reduce((now, [name, content]) => replaceSection(now, name, content), text);
}

/** Each generated file and its text, relative to the project's folder. */
export function generated(root: string): ReadonlyMap<string, string> {
  return new Map([
    [".env.example", envExample()],
    ["docs/report.schema.json", jsonSchema(reportSchema, REPORT_SCHEMA, "rscap report")],
    ["docs/event.schema.json", jsonSchema(eventSchema, EVENT_SCHEMA, "rscap event")],
    ["docs/webhook.schema.json", jsonSchema(webhookSchema, WEBHOOK_SCHEMA, "rscap webhook")],
    ["docs/limits.md", limitsDocument()],
    ["docs/generate.md", generateDocument()],
    ["docs/grafana.json", grafanaDashboard()],
    ["README.md", readme(readFileSync(join(root, "README.md"), "utf8"))],
  ]);
}

if (import.meta.main) {
  const root = join(import.meta.dir, "..");
  for (const [file, text] of generated(root)) writeFileSync(join(root, file), text);
}
