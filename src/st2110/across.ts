import type { AcrossReport } from "../report/st2110-across-schema.ts";
import type { St2110Report } from "../report/st2110-schema.ts";
import type { RecentTimestamps } from "./recent-timestamps.ts";
import { alignmentOf } from "./reference-clock.ts";

/** One stream, as it is compared with others. */
export interface StreamTimes {
  readonly id: string;
  readonly report: St2110Report;
  readonly recent: RecentTimestamps;
}

/** Pairs that are compared; the number grows with the square of the streams. */
const MOST_PAIRS = 256;
/** Rate of the RTP clock of video and of ancillary data. */
const CLOCK_HZ = 90_000;

/** Each video stream against each audio and each ancillary stream (RP 2110-25: AVDL and RRTPOFFSET). */
export function acrossStreams(streams: readonly StreamTimes[]): AcrossReport[] {
  const videos = streams.filter(({ report: { kind } }) => kind === "video20" || kind === "jpegxs");
  const others = streams.filter(({ report: { kind } }) => kind === "audio" || kind === "anc");
  const made: AcrossReport[] = [];
  for (const video of videos) {
    for (const other of others) {
      if (made.length === MOST_PAIRS) return made;
      made.push(other.report.kind === "audio" ? withAudio(video, other) : withAncillary(video, other));
    }
  }
  return made;
}

function withAudio(video: StreamTimes, audio: StreamTimes): AcrossReport {
  const ofVideo = alignmentOf(video.report);
  const ofAudio = alignmentOf(audio.report);
  const known = ofVideo !== null && ofAudio !== null;
  const locked = known && ofVideo.offsetSeconds !== null && ofAudio.offsetSeconds !== null;
  const same = locked && ofVideo.offsetSeconds === ofAudio.offsetSeconds;
  const neither = known && ofVideo.offsetSeconds === null && ofAudio.offsetSeconds === null;
  const delays = same && ofVideo.latencyNs !== null && ofAudio.latencyNs !== null;
  return {
    video: video.id,
    other: audio.id,
    kind: "audio",
    // Two that run free may run alike: their rates differ, so nothing tells.
    mediaClock: !known || neither ? "unknown" : same ? "same" : "different",
    avdlNs: delays ? (ofAudio.latencyNs as number) - (ofVideo.latencyNs as number) : null,
    rrtpOffsetTicks: null,
  };
}

function withAncillary(video: StreamTimes, ancillary: StreamTimes): AcrossReport {
  const mediaClock = sameOrigin(video.recent, ancillary.recent);
  return {
    video: video.id,
    other: ancillary.id,
    kind: "anc",
    mediaClock,
    avdlNs: null,
    rrtpOffsetTicks: mediaClock === "same" ? nearestOffset(video.recent, ancillary.recent) : null,
  };
}

/** Whether two flows of one clock rate count from the same origin, by when their timestamps came. */
function sameOrigin(a: RecentTimestamps, b: RecentTimestamps): AcrossReport["mediaClock"] {
  if (a.count === 0 || b.count === 0) return "unknown";
  const apart = (a.timestamp(0) - b.timestamp(0)) | 0;
  const apartNs = a.timeNs(0) - b.timeNs(0);
  if (Number.isNaN(apartNs)) return "unknown";
  // Within the 32 bits of the timestamps, 13 hours, whatever time lies between the two packets.
  const offTicks = (apart - Math.round((apartNs * CLOCK_HZ) / 1e9)) | 0;
  return Math.abs(offTicks) < CLOCK_HZ ? "same" : "different";
}

/** The least of the differences between the last timestamps of both, the newest where there are several. */
function nearestOffset(video: RecentTimestamps, ancillary: RecentTimestamps): number | null {
  let nearest: number | null = null;
  for (let i = 0; i < ancillary.count; i++) {
    for (let j = 0; j < video.count; j++) {
      const apart = (video.timestamp(j) - ancillary.timestamp(i)) | 0;
      if (nearest === null || Math.abs(apart) < Math.abs(nearest)) nearest = apart;
    }
  }
  return nearest;
}
