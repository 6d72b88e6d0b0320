import { attributesOf, tagOf } from "./tags.ts";

/** Characters that all values together may add: each may hold the one before twice. */
const MAX_ADDED = 32 * 1024 * 1024;
const DEFINE = "EXT-X-DEFINE";
const REFERENCE = /\{\$([A-Za-z0-9_-]+)\}/g;

/** A playlist's text with its variables in place, or why that can't be, a clause. */
export type Substituted =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: string };

/**
 * Puts the values of EXT-X-DEFINE (RFC 8216bis, 4.3 and 4.4.2.3) where addresses and attributes name them, each from
 * its definition on. A text without that tag is given back as it is: RFC 8216 has no variables.
 */
export function withVariables(text: string): Substituted {
  if (!text.includes(`#${DEFINE}`)) return { ok: true, text };
  const values = new Map<string, string>();
  let added = 0;
  let why = "";
  const valueNamed = (_: string, name: string): string => {
    const value = values.get(name);
    if (value === undefined)
      why ||= `it uses the variable ${name}, which it does not define before (EXT-X-DEFINE)`;
    added += value?.length ?? 0;
    if (added > MAX_ADDED) why ||= "its variables (EXT-X-DEFINE) make it too large";
    return why === "" ? (value ?? "") : "";
  };
  const lines: string[] = [];
  for (const written of text.split("\n")) {
    const trimmed = written.trimStart();
    // A title may hold anything, and a comment is nobody's.
    const literal = trimmed.startsWith("#EXTINF") || (trimmed.startsWith("#") && !trimmed.startsWith("#EXT"));
    const line = literal ? written : written.replaceAll(REFERENCE, valueNamed);
    const tag = trimmed.startsWith(`#${DEFINE}`) ? tagOf(line.trim()) : null;
    if (tag?.name === DEFINE) why ||= define(tag.value, values);
    if (why !== "") return { ok: false, why };
    lines.push(line);
  }
  return { ok: true, text: lines.join("\n") };
}

/** Takes a definition; returns what is wrong with it, or nothing. */
function define(list: string, values: Map<string, string>): string {
  const { found } = attributesOf(list);
  if (found.has("IMPORT") || found.has("QUERYPARAM")) {
    return "its variables come from the master playlist or from its own address (EXT-X-DEFINE with IMPORT or QUERYPARAM), which rscap does not read";
  }
  const name = found.get("NAME")?.text;
  const value = found.get("VALUE")?.text;
  if (name === undefined || value === undefined) return "its EXT-X-DEFINE has no NAME or no VALUE";
  if (values.has(name)) return `it defines the variable ${name} twice (EXT-X-DEFINE)`;
  values.set(name, value);
  return "";
}
