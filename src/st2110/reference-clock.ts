import { type Finding, FindingCounter, type Rule } from "../report/finding.ts";
import type { PtpReport } from "../report/ptp-schema.ts";
import type { St2110Report } from "../report/st2110-schema.ts";
import type { Epoch } from "../report/time.ts";
import { TAI_UTC_SECONDS } from "./analyser.ts";

const NOT_PTP_TIME: Rule = {
  code: "st2110-timestamps-not-ptp",
  clause: "ST 2110-10 7.4",
  severity: "warning",
  text: "The RTP timestamps are 37 s from PTP's time on this network: the sender counts UTC as TAI, or corrects what needs no correction.",
};

/** How the RTP timestamps of a stream stand to the capture's clock. */
export interface Alignment {
  /** Seconds from the capture's clock to that of the timestamps; null: they are of no clock that is known. */
  readonly offsetSeconds: number | null;
  /** Mean latency against it. */
  readonly latencyNs: number | null;
}

/** What a stream's analyser found of its clock; null where nothing is known. */
export function alignmentOf({ video, audio, ancillary }: St2110Report): Alignment | null {
  if (video?.timing) {
    const { timestamps, latencyNs } = video.timing;
    return { offsetSeconds: timestamps.taiOffsetSeconds, latencyNs: latencyNs?.mean ?? null };
  }
  if (audio?.timing) {
    const { alignment, delta } = audio.timing.clock;
    if (alignment === "unknown") return null;
    const offsetSeconds = alignment === "utc" ? TAI_UTC_SECONDS : alignment === "tai" ? 0 : null;
    return { offsetSeconds, latencyNs: delta?.meanNs ?? null };
  }
  if (ancillary === undefined || ancillary.clock === "unknown") return null;
  const offsetSeconds = ancillary.clock === "tai" ? TAI_UTC_SECONDS : ancillary.clock === "same" ? 0 : null;
  return { offsetSeconds, latencyNs: ancillary.latencyNs?.mean ?? null };
}

/** Seconds from the capture's clock to PTP's, by all domains that tell; null where they do not, or not alike. */
export function ptpOffsetSeconds(ptp: PtpReport): number | null {
  const offsets = new Set(
    ptp.domains.flatMap(({ timescale }) => {
      if (timescale === "capture in UTC, PTP in TAI") return [TAI_UTC_SECONDS];
      return timescale === "capture in PTP time" ? [0] : [];
    }),
  );
  const [only] = offsets;
  return offsets.size === 1 && only !== undefined ? only : null;
}

/** The finding that the timestamps of a stream are of UTC where PTP's are of TAI, or the reverse; null when not. */
export function notPtpTime(id: string, report: St2110Report, ptp: PtpReport, epoch: Epoch): Finding | null {
  const byPtp = ptpOffsetSeconds(ptp);
  const seconds = alignmentOf(report)?.offsetSeconds ?? null;
  if (byPtp === null || seconds === null || byPtp === seconds) return null;
  const counter = new FindingCounter(NOT_PTP_TIME);
  counter.hit(Number.NaN);
  return counter.toFinding(id, epoch);
}
