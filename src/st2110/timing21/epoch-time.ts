import type { Epoch } from "../../report/time.ts";

/** Whole nanoseconds since 1970 of the moment `baseNs` (an integer) after `epoch`, `offsetSeconds` added to it. */
export function epochNs(epoch: Epoch, offsetSeconds: number, baseNs: number): bigint {
  return BigInt(epoch.seconds + offsetSeconds) * 1_000_000_000n + BigInt(epoch.nanoseconds) + BigInt(baseNs);
}
