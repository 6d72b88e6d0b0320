import { parseBoolean } from "./alias.ts";
import type { ListSetting, Setting } from "./setting.ts";

/** A value as the table's types have it. */
export type ParsedValue = boolean | number | string | readonly string[];

/** Milliseconds in one of each unit. */
const DURATION_UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Octets in one of each unit. */
const SIZE_UNIT_OCTETS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
};

/** A decimal number without sign or exponent; null when the text is not one. */
function parseDecimal(text: string): number | null {
  return /^\d{1,16}(\.\d{1,9})?$/.test(text) ? Number(text) : null;
}

/** `64M`, `64MiB`, `1358000` as octets; null when the text is not a size. */
export function parseSize(text: string): number | null {
  const match = /^(\d[\d.]*)\s*([kmg]?)(i?b)?$/i.exec(text.trim());
  if (match === null) return null;
  const number = parseDecimal(match[1] ?? "");
  const unit = SIZE_UNIT_OCTETS[(match[2] ?? "").toLowerCase()];
  if (number === null || unit === undefined) return null;
  const octets = number * unit;
  return Number.isSafeInteger(octets) ? octets : null;
}

/** `50ms`, `1.5s`, `2h` as milliseconds; a bare number counts in `unit`; null when it is neither. */
export function parseDuration(text: string, unit: "ms" | "s"): number | null {
  const match = /^(\d[\d.]*)\s*(us|µs|ms|s|min|m|h|d)?$/i.exec(text.trim());
  if (match === null) return null;
  const number = parseDecimal(match[1] ?? "");
  const factor = DURATION_UNIT_MS[(match[2] ?? unit).toLowerCase()];
  return number === null || factor === undefined ? null : number * factor;
}

/** A size in the largest unit that it fills exactly, as `parseSize` reads it. */
export function formatSize(octets: number): string {
  if (octets > 0 && octets % 1024 ** 3 === 0) return `${octets / 1024 ** 3}G`;
  if (octets > 0 && octets % 1024 ** 2 === 0) return `${octets / 1024 ** 2}M`;
  if (octets > 0 && octets % 1024 === 0) return `${octets / 1024}k`;
  return String(octets);
}

/** A duration in the largest unit that it fills exactly, as `parseDuration` reads it. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0";
  if (ms % 86_400_000 === 0) return `${ms / 86_400_000}d`;
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  if (ms % 60_000 === 0) return `${ms / 60_000}min`;
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

function within(value: number | null, min: number, max: number): number | null {
  return value !== null && value >= min && value <= max ? value : null;
}

/** The items of a list; empty ones are none. */
function itemsOf(setting: ListSetting, text: string): string[] {
  return text
    .split(setting.separator ?? /[\s,]+/)
    .map((item) => item.replace(/^[\s,]+|[\s,]+$/g, ""))
    .filter((item) => item !== "");
}

/** The value that `text` stands for, or null when the setting does not allow it. */
export function parseSetting(setting: Setting, text: string): ParsedValue | null {
  switch (setting.type) {
    case "boolean":
      return parseBoolean(text);
    case "number": {
      const value = parseDecimal(text.trim());
      if (value !== null && setting.fraction !== true && !Number.isSafeInteger(value)) return null;
      return within(value, setting.min, setting.max);
    }
    case "size":
      return within(parseSize(text), setting.min, setting.max);
    case "duration":
      return within(parseDuration(text, setting.unit), setting.min, setting.max);
    case "choice": {
      const word = text.trim().toLowerCase();
      const meant = (setting.synonyms?.[word] ?? word).toLowerCase();
      return setting.choices.find((choice) => choice.toLowerCase() === meant) ?? null;
    }
    case "secret":
      return text;
    case "string":
      return text === "" || (setting.check?.(text) ?? null) === null ? text : null;
    case "list": {
      const items = itemsOf(setting, text);
      return items.every((item) => (setting.check?.(item) ?? null) === null) ? items : null;
    }
  }
}

/** What the setting allows, in words for an error: `a whole number from 1 to 65535`. */
export function expectation(setting: Setting, text: string): string {
  switch (setting.type) {
    case "boolean":
      return "true or false";
    case "number": {
      const kind = setting.fraction === true ? "a number" : "a whole number";
      if (setting.max === Number.MAX_SAFE_INTEGER) return `${kind}, ${setting.min} or more`;
      return `${kind} from ${setting.min} to ${setting.max}`;
    }
    case "size":
      return `octets from ${formatSize(setting.min)} to ${formatSize(setting.max)}, such as 1358000, 512k or 64M`;
    case "duration":
      return `a time from ${formatDuration(setting.min)} to ${formatDuration(setting.max)}, such as 50ms, 2s or 1min`;
    case "choice":
      return `one of ${setting.choices.join(", ")}`;
    case "secret":
      return "a text";
    case "string":
      return setting.check?.(text) ?? setting.value;
    case "list": {
      const wrong = itemsOf(setting, text).find((item) => setting.check?.(item));
      return setting.check?.(wrong ?? text) ?? setting.value;
    }
  }
}

/** A value as it can be written in `.env`; empty when nothing is set. */
export function formatSetting(setting: Setting, value: ParsedValue): string {
  if (typeof value === "object") return value.join(",");
  if (typeof value !== "number") return String(value);
  if (setting.type === "size") return formatSize(value);
  return setting.type === "duration" ? formatDuration(value) : String(value);
}
