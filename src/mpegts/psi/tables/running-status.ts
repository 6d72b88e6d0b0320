/** running_status, EN 300 468 table 6. */
export type RunningStatus =
  | "undefined"
  | "not running"
  | "starts in a few seconds"
  | "pausing"
  | "running"
  | "off-air"
  | "reserved";

const NAMES: readonly RunningStatus[] = [
  "undefined",
  "not running",
  "starts in a few seconds",
  "pausing",
  "running",
  "off-air",
];

/** Name of the 3 bits of running_status. */
export function runningStatus(bits: number): RunningStatus {
  return NAMES[bits] ?? "reserved";
}
