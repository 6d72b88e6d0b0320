/** The words that mean on and off, in any case. */
const ON = new Set(["true", "yes", "on", "1"]);
const OFF = new Set(["false", "no", "off", "0"]);

/** True, false, or null when the text is neither. */
export function parseBoolean(text: string): boolean | null {
  const word = text.trim().toLowerCase();
  if (ON.has(word)) return true;
  return OFF.has(word) ? false : null;
}

/** SEND_JSON_HEADER: true means `json`, false means `none`. Any other text is passed on, and refused. */
export function jsonHeaderAlias(text: string): string {
  const on = parseBoolean(text);
  if (on === null) return text;
  return on ? "json" : "none";
}

/** SEND_NULL_PACKETS: the opposite of `--drop-null`. */
export function inverseAlias(text: string): string {
  const on = parseBoolean(text);
  return on === null ? text : String(!on);
}

/**
 * RUST_LOG: `level` or `target=level,…`; the level of rscap, else the general one. Other programs read the
 * same variable, so what we do not understand says nothing to us.
 */
export function rustLogAlias(text: string): string | null {
  let general: string | null = null;
  for (const part of text.toLowerCase().split(",")) {
    const [target = "", level] = part.trim().split("=", 2);
    const word = (level ?? target).trim();
    if (!/^(off|error|warn|info|debug|trace)$/.test(word)) continue;
    const ours = word === "warn" ? "warning" : word;
    if (level === undefined) general = ours;
    else if (target.startsWith("rscap")) return ours;
  }
  return general;
}

/** DEBUG: true means log level `debug`. Many programs read DEBUG, so any other text says nothing to us. */
export function debugAlias(text: string): string | null {
  return parseBoolean(text) === true ? "debug" : null;
}

/**
 * KAFKA_TIMEOUT: there the milliseconds after which a message that had not left was given up, 100 in most files. Less
 * than a second is too short to wait for an answer, and says nothing to us.
 */
export function earlierTimeoutAlias(text: string): string | null {
  return /^\d+$/.test(text.trim()) && Number(text) < 1000 ? null : text;
}

/** True for a value that switches nothing on: a name without effect is then not worth a notice. */
export function isOff(text: string): boolean {
  const word = text.trim();
  return word === "" || parseBoolean(word) === false;
}
