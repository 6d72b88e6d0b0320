import type { ProfileReport } from "../../report/st2110-audio-schema.ts";
import type { Alignment } from "./alignment.ts";

/** What the profiles look at; null where it was not measured. */
export interface ProfileMeasures {
  readonly packetTimeNs: number;
  /** Arrival less RTP time. */
  readonly delta: { readonly minNs: number; readonly meanNs: number; readonly maxNs: number } | null;
  readonly intervalMeanNs: number | null;
  readonly intervalMaxNs: number | null;
}

const MAX_DELTA_2020_NS = 1_000_000;
const MEAN_DELTA_2022_NS = 2_500_000;
const MAX_DELTA_2022_PACKET_TIMES = 20;
const MEAN_INTERVAL_MIN = 0.99;
const MEAN_INTERVAL_MAX = 1.01;
const MAX_INTERVAL_PACKET_TIMES = 17;

/** The audio criteria of the JT-NM Tested programmes of 2020 and 2022. */
export function judgeProfiles(measures: ProfileMeasures, alignment: Alignment): ProfileReport[] {
  return [
    profile("JT-NM 2020", jtnm2020(measures), alignment),
    profile("JT-NM 2022", jtnm2022(measures), alignment),
  ];
}

/** What failed, and whether everything could be measured. */
interface Judged {
  readonly failed: string[];
  readonly complete: boolean;
}

function profile(name: ProfileReport["profile"], judged: Judged, alignment: Alignment): ProfileReport {
  const reasons = [...judged.failed];
  if (!judged.complete) reasons.push(UNMEASURED[alignment]);
  const verdict = judged.failed.length > 0 ? "fail" : judged.complete ? "pass" : "not measured";
  return { profile: name, verdict, reasons };
}

const UNMEASURED: Record<Alignment, string> = {
  tai: "too few packets to measure",
  utc: "too few packets to measure",
  "free-running": "the RTP clock is not aligned to TAI: arrival less RTP time is no latency",
  unknown: "arrival can't be compared with RTP time without a wall clock",
};

function jtnm2020({ delta }: ProfileMeasures): Judged {
  const failed: string[] = [];
  if (delta !== null && delta.minNs < 0) failed.push("a packet came before its RTP time");
  if (delta !== null && delta.maxNs > MAX_DELTA_2020_NS) failed.push("delta over 1000 us");
  return { failed, complete: delta !== null };
}

function jtnm2022({ delta, packetTimeNs, intervalMeanNs, intervalMaxNs }: ProfileMeasures): Judged {
  const failed: string[] = [];
  if (delta !== null) {
    if (delta.minNs < 0) failed.push("a packet came before its RTP time");
    if (delta.meanNs > MEAN_DELTA_2022_NS) failed.push("mean delta over 2500 us");
    if (delta.maxNs > MAX_DELTA_2022_PACKET_TIMES * packetTimeNs) failed.push("delta over 20 packet times");
  }
  if (intervalMeanNs !== null && intervalMaxNs !== null) {
    const mean = intervalMeanNs / packetTimeNs;
    if (mean < MEAN_INTERVAL_MIN || mean > MEAN_INTERVAL_MAX) {
      failed.push("mean packet interval not within 1 % of the packet time");
    }
    if (intervalMaxNs > MAX_INTERVAL_PACKET_TIMES * packetTimeNs)
      failed.push("packet interval over 17 packet times");
  }
  return { failed, complete: delta !== null && intervalMeanNs !== null };
}
