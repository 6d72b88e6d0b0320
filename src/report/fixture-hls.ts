import type { HlsReport } from "./hls-schema.ts";

/** A playlist with something in each place. */
export const HLS_REPORT: HlsReport = {
  address: "https://host/m.m3u8",
  playlist: "https://host/x.m3u8",
  type: "live",
  ended: false,
  variant: {
    number: 2,
    of: 3,
    bandwidthBps: 3e6,
    averageBandwidthBps: 2e6,
    resolution: "1280x720",
    codecs: "avc1.64001f",
  },
  renditions: ["AUDIO English", "SUBTITLES Deutsch"],
  targetDurationSeconds: 6,
  mediaSequence: 2680,
  segments: { loaded: 12, failed: 1, passedOver: 2, gaps: 3, leftOut: 4, discontinuities: 1 },
  foreign: "fragmented MP4",
  bytes: 5e6,
  peakBps: 2.5e6,
  meanBps: 1.9e6,
  playlistLoads: 20,
  playlistFailures: 1,
  retries: 2,
  redirections: 1,
};
