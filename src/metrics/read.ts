/**
 * Careful looks into documents that may come from the network: whatever is not what it should be reads as missing.
 */

/** Longest label; stream ids and device names are far shorter. */
const LONGEST_TEXT = 200;

/** Reads one figure of a part of a report; NaN where there is none. */
export type Reader = (source: unknown) => number;

/** What stands at `path`, names with dots between, in `source`; undefined where the way ends before. */
export function at(source: unknown, path: readonly string[]): unknown {
  let here: unknown = source;
  for (const name of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, name)) return undefined;
    here = (here as Record<string, unknown>)[name];
  }
  return here;
}

/** A number, or 0 and 1 for false and true; NaN for anything else. */
export function number(value: unknown): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" ? value : Number.NaN;
}

/** A reader of the figure at `path`, times `scale`. */
export function figure(path: string, scale = 1): Reader {
  const names = path.split(".");
  return (source) => number(at(source, names)) * scale;
}

/** A reader of the number of elements of the list at `path`. */
export function lengthOf(path: string): Reader {
  const names = path.split(".");
  return (source) => {
    const value = at(source, names);
    return Array.isArray(value) ? value.length : Number.NaN;
  };
}

/** The elements of the list at `path`; none where there is no list. */
export function list(source: unknown, path: string): readonly unknown[] {
  const value = at(source, path.split("."));
  return Array.isArray(value) ? value : [];
}

/** The text at `path`, cut to a sane length; empty where there is none. Numbers become text. */
export function text(source: unknown, path: string): string {
  const value = at(source, path.split("."));
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value.slice(0, LONGEST_TEXT) : "";
}
