import type { TimestampQuality } from "../analyser.ts";
import { toNumber } from "./rational.ts";
import type { Schedule } from "./schedule.ts";

/** Sender types of ST 2110-21 7.1: narrow, narrow linear, wide. */
export type SenderType = "N" | "NL" | "W";

/** Whether a stream is of a sender type, and whether the capture's clock can tell. */
export interface TypeVerdict {
  readonly type: SenderType;
  readonly result: "yes" | "no" | "not measured";
  /** False when the capture's timestamps are too coarse or of the wrong place to prove it. */
  readonly conclusive: boolean;
  /** Why, in words. */
  readonly reason: string;
}

/** What was measured of one buffer: null where it can't be. */
export interface Peaks {
  readonly cinst: number | null;
  readonly vrxMin: number | null;
  readonly vrxMax: number | null;
}

/** Uncertainty of times that the kernel or libpcap takes: interrupts of many packets at once. */
const SOFTWARE_UNCERTAINTY_NS = 10_000;
/** Times must be this much finer than the spacing of packets to prove where in a schedule they came. */
const FINER = 10;

/** How far times of this quality may be off, in nanoseconds. */
export function uncertaintyNs(quality: TimestampQuality): number {
  switch (quality.kind) {
    case "hardware":
    case "savefile":
    case "generator":
      return quality.resolutionNs;
    case "kernel":
    case "libpcap":
      return Math.max(quality.resolutionNs, SOFTWARE_UNCERTAINTY_NS);
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** Where times come from, in words: `savefile, 1 us`. */
export function qualityText({ kind, resolutionNs }: TimestampQuality): string {
  const text = resolutionNs >= 1000 ? `${resolutionNs / 1000} us` : `${resolutionNs} ns`;
  return `${kind} timestamps of ${text}`;
}

/** True when the times are fine enough for a verdict about this type. */
export function conclusive(type: SenderType, schedule: Schedule, quality: TimestampQuality): boolean {
  const stepNs = toNumber(type === "N" ? schedule.gappedStep : schedule.linearStep);
  // A wide sender may be off by 16 packets, so times need not tell single ones apart.
  const allowed = type === "W" ? stepNs * schedule.wide.cinstMax : stepNs;
  return uncertaintyNs(quality) * FINER <= allowed;
}

/** The verdict for one sender type. `unlocked` says why VRX does not hold, or is null. */
export function verdict(
  type: SenderType,
  schedule: Schedule,
  peaks: Peaks,
  quality: TimestampQuality,
  unlocked: string | null,
): TypeVerdict {
  const limits = { N: schedule.narrow, NL: schedule.narrowLinear, W: schedule.wide }[type];
  const sure = conclusive(type, schedule, quality);
  const by = `by ${qualityText(quality)}${sure ? "" : ": not conclusive"}`;
  const told = (result: TypeVerdict["result"], reason: string): TypeVerdict => ({
    type,
    result,
    conclusive: sure && result !== "not measured",
    reason,
  });
  if (type === "W" && !schedule.wideAllowed)
    return told("no", "type W is for less than 900,000 packets a second");
  const { cinst, vrxMin, vrxMax } = peaks;
  if (cinst === null) return told("not measured", "no whole frame with times yet");
  if (cinst > limits.cinstMax) return told("no", `Cinst ${cinst} is over CMAX ${limits.cinstMax}, ${by}`);
  if (vrxMin === null || vrxMax === null) return told("not measured", unlocked ?? "no whole frame yet");
  if (vrxMin < 1) return told("no", `packets came after their read time, ${by}`);
  if (vrxMax > limits.vrxFull) return told("no", `VRX ${vrxMax} is over VRXFULL ${limits.vrxFull}, ${by}`);
  return told("yes", by);
}
