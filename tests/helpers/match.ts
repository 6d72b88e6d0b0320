import type { Json } from "../../fixtures/lib/fixture.ts";

/** Figures that are measured, not counted (bit rates), may differ by this share. */
const RELATIVE_TOLERANCE = 1e-6;

/**
 * Looks for `expected` in `actual`: objects may have more keys than expected; arrays must have the
 * expected elements and no others, in any order. Returns one line for each difference, with its path.
 */
export function differences(actual: unknown, expected: Json, path = "$"): string[] {
  if (expected === null || typeof expected !== "object") return scalar(actual, expected, path);
  if (Array.isArray(expected)) return list(actual, expected, path);
  if (typeof actual !== "object" || actual === null)
    return [`${path}: expected an object, got ${show(actual)}`];
  const found = actual as Record<string, unknown>;
  return Object.entries(expected).flatMap(([key, value]) => differences(found[key], value, `${path}.${key}`));
}

function scalar(actual: unknown, expected: Json, path: string): string[] {
  if (actual === expected) return [];
  if (typeof actual === "number" && typeof expected === "number" && !Number.isInteger(actual)) {
    if (Math.abs(actual - expected) <= Math.abs(expected) * RELATIVE_TOLERANCE) return [];
  }
  return [`${path}: expected ${show(expected)}, got ${show(actual)}`];
}

function list(actual: unknown, expected: Json[], path: string): string[] {
  if (!Array.isArray(actual)) return [`${path}: expected an array, got ${show(actual)}`];
  const left = actual.map((value: unknown, index) => ({ value, index }));
  const out: string[] = [];
  expected.forEach((item, i) => {
    const found = left.findIndex(({ value }) => differences(value, item).length === 0);
    if (found >= 0) {
      left.splice(found, 1);
      return;
    }
    // Nothing fits: say how it differs from the closest that is left.
    const closest = left
      .map(({ value, index }) => differences(value, item, `${path}[${index}]`))
      .sort((a, b) => a.length - b.length)[0];
    out.push(...(closest ?? [`${path}: element ${i} is missing: ${show(item)}`]));
  });
  if (actual.length > expected.length && out.length === 0) {
    for (const { value, index } of left) out.push(`${path}[${index}]: not expected: ${show(value)}`);
  }
  return out;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
