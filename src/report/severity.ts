/** How much a finding matters: `error` breaks decoding or loses data, `warning` may, `info` only tells. */
export type Severity = "error" | "warning" | "info";

/** Severities from least to most, for comparisons such as `--fail-on`. */
const SEVERITY_ORDER: readonly Severity[] = ["info", "warning", "error"];

/** True when `severity` is at or above `threshold`. */
export function atLeast(severity: Severity, threshold: Severity): boolean {
  return SEVERITY_ORDER.indexOf(severity) >= SEVERITY_ORDER.indexOf(threshold);
}
