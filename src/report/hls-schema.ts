import { z } from "zod";

const count = z.int().nonnegative();

/** The variant of a master playlist that was chosen. */
const variantSchema = z.strictObject({
  number: count.describe("in the playlist's order, from 1"),
  of: count.describe("variants in the playlist"),
  bandwidthBps: count.describe("BANDWIDTH; 0 where it is missing"),
  averageBandwidthBps: count.describe("AVERAGE-BANDWIDTH; 0 where it is missing"),
  resolution: z.string().describe("WIDTHxHEIGHT; empty where it is not told"),
  codecs: z.string(),
});

/** An HLS playlist as input (RFC 8216). */
export const hlsSchema = z.strictObject({
  address: z.string().describe("as it was given, without passwords"),
  playlist: z.string().describe("the media playlist"),
  type: z.enum(["vod", "event", "live"]).describe("vod: complete from the start"),
  ended: z.boolean().describe("EXT-X-ENDLIST: nothing more is to come"),
  variant: variantSchema.nullable().describe("null without a master playlist"),
  renditions: z
    .array(z.string())
    .describe("alternative renditions with playlists of their own; not analysed"),
  targetDurationSeconds: z.number().nonnegative(),
  mediaSequence: count.nullable().describe("number of the segment that was loaded last"),
  segments: z.strictObject({
    loaded: count,
    failed: count.describe("could not be loaded"),
    passedOver: count.describe("left the playlist before they were loaded"),
    gaps: count.describe("marked as missing by EXT-X-GAP"),
    leftOut: count.describe("no transport stream, or could not be decrypted"),
    discontinuities: count.describe("EXT-X-DISCONTINUITY"),
  }),
  foreign: z.string().describe("what the last segment was that was no transport stream; empty for none"),
  bytes: count.describe("octets of transport stream that were loaded"),
  peakBps: z.number().nonnegative().describe("peak segment bit rate, bits per second (4.1)"),
  meanBps: z.number().nonnegative().describe("mean of all segments, bits per second"),
  playlistLoads: count,
  playlistFailures: count,
  retries: count.describe("requests that were made again"),
  redirections: count,
});

/** See `hlsSchema`. */
export type HlsReport = z.infer<typeof hlsSchema>;
