import { z } from "zod";
import { histogramSchema } from "./histogram-schema.ts";

const count = z.int().nonnegative();
const decibels = z.number().nullable();

/** Levels of one channel of linear PCM. */
export const channelLevelsSchema = z.strictObject({
  channel: z.int().positive().describe("from 1, in the order of the payload"),
  peakDbfs: decibels.describe("largest sample against full scale; null for nothing but zeros"),
  rmsDbfs: decibels.describe("a sine of full scale has -3.01"),
  recentPeakDbfs: decibels.describe("of the last whole second; null before it, or for nothing but zeros"),
  recentRmsDbfs: decibels,
  significantBits: z
    .int()
    .min(0)
    .max(24)
    .describe("down to the lowest bit that was ever 1: 20 for L20 in L24"),
  silent: z.boolean().describe("every sample so far was 0"),
  silentMs: z.number().nonnegative().describe("samples of 0 in a row up to now"),
  longestSilenceMs: z.number().nonnegative(),
  clips: count.describe("times that three or more samples in a row were full scale"),
});

/** See `channelLevelsSchema`. */
export type ChannelLevels = z.infer<typeof channelLevelsSchema>;

/** The channel status of one AES3 subframe sequence (AES3 5). */
export const channelStatusSchema = z.strictObject({
  channel: z.int().positive(),
  blocks: count.describe("whole blocks of 192 bits"),
  professional: z.boolean(),
  linearPcm: z.boolean().describe("false: the samples are data, e.g. Dolby E"),
  sampleRateHz: z.int().positive().nullable().describe("null where it is not indicated"),
  wordLengthBits: z.int().nullable().describe("null where it is not indicated"),
  mode: z.string().nullable().describe("channel mode; null for consumer use"),
  origin: z.string().nullable().describe("channel origin, four characters; null where there is none"),
  destination: z.string().nullable(),
  crcErrors: count,
  invalidSamples: count.describe("subframes with the validity bit set"),
});

/** See `channelStatusSchema`. */
export type ChannelStatusReport = z.infer<typeof channelStatusSchema>;

/** A set of criteria and whether a stream meets it. */
export const profileSchema = z.strictObject({
  profile: z.enum(["JT-NM 2020", "JT-NM 2022"]),
  verdict: z.enum(["pass", "fail", "not measured"]),
  reasons: z.array(z.string()),
});

/** See `profileSchema`. */
export type ProfileReport = z.infer<typeof profileSchema>;

/** Arrival of audio against its RTP timestamps. */
export const audioTimingSchema = z.strictObject({
  timestampSource: z.string().describe("what took the times: hardware, kernel, savefile, …"),
  timestampResolutionNs: z.number().nonnegative(),
  packetIntervalNs: histogramSchema.describe("PIT: between packets that follow each other in the sequence"),
  tsDf: z.strictObject({
    windows: count.describe("whole windows of 200 ms"),
    maxNs: z.number().nullable().describe("timestamped delay factor, the running window included"),
    meanNs: z.number().nullable().describe("over whole windows"),
    runningNs: z.number().nullable().describe("of the window that is not over yet"),
    windowsWithinOnePacketTime: count,
    windowsBeyondWide: count.describe("over 17 packet times"),
    sender: z.enum(["narrow", "wide", "beyond wide", "not measured"]),
    conclusive: z
      .boolean()
      .describe("false where the timestamps are too coarse or not exact enough to say so"),
    seriesNs: z.array(z.number()).optional().describe("the last 600 windows; only in a final report"),
  }),
  clock: z.strictObject({
    alignment: z
      .enum(["tai", "utc", "free-running", "unknown"])
      .describe("RTP clock in TAI and the capture in TAI, or in UTC (37 s apart), or not aligned at all"),
    offsetSeconds: z
      .number()
      .nullable()
      .describe("capture clock less RTP time; nearest in the timestamp's cycle"),
    jumps: count.describe("times that the RTP or the capture's clock jumped by over 100 ms"),
    delta: z
      .strictObject({ minNs: z.number(), meanNs: z.number(), maxNs: z.number() })
      .nullable()
      .describe("arrival less RTP time since the last jump: latency; null where the clock is not aligned"),
  }),
  profiles: z.array(profileSchema),
});

/** See `audioTimingSchema`. */
export type AudioTimingReport = z.infer<typeof audioTimingSchema>;

/** One audio stream of ST 2110-30 or -31. */
export const audioSchema = z.strictObject({
  packets: count,
  undecided: count.describe("packets held back until the format is known"),
  payloadType: z.int().min(0).max(127).nullable(),
  ssrc: count.nullable(),
  format: z
    .strictObject({
      standard: z.enum(["ST 2110-30", "ST 2110-31"]).nullable(),
      encoding: z.enum(["L16", "L24", "AM824"]).nullable(),
      encodingBasis: z
        .enum(["given", "size", "structure", "content", "default"])
        .nullable()
        .describe("content and default are guesses: nothing on the wire says L16 or L24"),
      significantBits: z.int().nullable().describe("bits in use over all channels; null where not metered"),
      sampleRateHz: z.int().positive().nullable(),
      channels: count,
      samplesPerPacket: count,
      packetTimeUs: z.number().nullable(),
      payloadOctets: count,
      level: z.string().nullable().describe("lowest conformance level that covers it; null for none"),
    })
    .nullable(),
  timing: audioTimingSchema.nullable(),
  unmetered: count.describe("packets whose samples were not looked at because the snap length cut them"),
  levels: z.array(channelLevelsSchema),
  channelStatus: z.array(channelStatusSchema),
});

/** See `audioSchema`. */
export type AudioReport = z.infer<typeof audioSchema>;
