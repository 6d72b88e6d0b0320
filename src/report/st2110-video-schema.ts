import { z } from "zod";
import { histogramSchema } from "./histogram-schema.ts";

const count = z.int().nonnegative();

/** How often each level of a buffer was seen, ascending. */
export const levelsSchema = z.array(z.strictObject({ level: z.int(), count }));

/** A second of ST 2110-21 measurements (RP 2110-25 windows). */
export const timingSecondSchema = z.strictObject({
  offsetSeconds: z.number().describe("start of the second after the capture's epoch"),
  frames: count,
  cinstPeak: count,
  vrxPeak: z.int().nullable().describe("packets, of the schedule that applies; null when not locked"),
  vrxMin: z.int().nullable(),
  fptMinNs: z.number().nullable(),
  fptMaxNs: z.number().nullable(),
});

/** A virtual receive buffer, in packets. */
export const vrxSchema = z.strictObject({
  peak: z.int().nullable(),
  min: z.int().nullable(),
  mean: z.number().nullable(),
  underflows: count.describe("packets that came after their read time"),
  levels: levelsSchema,
});

/** Whether the stream is of a sender type of ST 2110-21 7.1. */
export const typeVerdictSchema = z.strictObject({
  type: z.enum(["N", "NL", "W"]),
  result: z.enum(["yes", "no", "not measured"]),
  conclusive: z.boolean().describe("false when the capture's timestamps can't prove it"),
  reason: z.string(),
});

/** ST 2110-21: traffic shaping and delivery timing, in the standard's own exact arithmetic. */
export const timing21Schema = z.strictObject({
  timestamps: z.strictObject({
    source: z.string().describe("where the times come from, with their resolution"),
    taiOffsetSeconds: z
      .number()
      .nullable()
      .describe(
        "added to the capture's times to get TAI, found by the RTP timestamps; null: they fit neither",
      ),
    changes: count.describe(
      "times this changed (a clock was set, a sender locked): all of timing began anew",
    ),
  }),
  schedule: z.strictObject({
    packetsPerFrame: count.describe("NP"),
    framePeriodNs: z.number().positive().describe("T"),
    trsGappedNs: z.number().positive(),
    trsLinearNs: z.number().positive(),
    troffsetNs: z.number(),
    cinstMax: z.strictObject({ N: count, NL: count, W: count.nullable() }),
    vrxFull: z.strictObject({ N: count, NL: count, W: count.nullable() }),
  }),
  frames: count.describe("frames measured"),
  verdicts: z.array(typeVerdictSchema),
  cinst: z.strictObject({ peak: count.nullable(), mean: z.number().nullable(), levels: levelsSchema }),
  vrx: z
    .strictObject({ gapped: vrxSchema, linear: vrxSchema })
    .nullable()
    .describe("null when the sender is not locked to the reference clock"),
  fptNs: histogramSchema.nullable().describe("first packet of a frame after N x T"),
  marginNs: histogramSchema.nullable().describe("TROFFSET less FPT"),
  latencyNs: histogramSchema.nullable().describe("first packet of a frame or field after its RTP timestamp"),
  rtpOffsetTicks: levelsSchema
    .nullable()
    .describe("RTP timestamp less the tick of the frame's or field's start"),
  interPacketNs: histogramSchema.describe("between packets of a frame or field"),
  gapNs: histogramSchema.describe("from the last packet of a frame or field to the first of the next"),
  seconds: z.array(timingSecondSchema).optional().describe("only in the last report"),
});

/** The same stream as EBU LIST measures it: to be compared with that tool, not with the standard. */
export const listTimingSchema = z.strictObject({
  fields: count.describe("frames or fields after the first, which is skipped"),
  cinst: z.array(z.tuple([z.int(), z.number()])).describe("level and its percentage"),
  vrx: z.array(z.tuple([z.int(), z.number()])),
  trsNs: z.number(),
  troDefaultNs: z.number(),
  troNs: z.strictObject({ min: z.number(), avg: z.number(), max: z.number() }).nullable(),
  packetTsVsRtpTsNs: z.strictObject({ min: z.number(), avg: z.number(), max: z.number() }).nullable(),
  rtpTsVsNtTicks: z.strictObject({ min: z.number(), avg: z.number(), max: z.number() }).nullable(),
  afterMarkerNs: z.strictObject({ min: z.number(), avg: z.number(), max: z.number() }).nullable(),
});

/** What the packets show of the format; null or `unknown` for what they do not. */
export const videoFormatSchema = z.strictObject({
  width: count.nullable(),
  height: count.nullable(),
  scan: z.enum(["progressive", "interlaced", "psf"]).nullable(),
  rate: z.string().nullable().describe("frames a second, exact: 60000/1001"),
  sampling: z.enum(["4:2:2", "4:4:4", "4:2:0", "KEY", "unknown"]),
  depth: z.int().nullable().describe("bits a sample; 16 may be floating point"),
  candidates: z
    .array(z.strictObject({ sampling: z.enum(["4:2:2", "4:4:4", "4:2:0", "KEY"]), depth: z.int() }))
    .describe("every sampling and depth that these packets may be"),
  colour: z.literal("unknown").describe("RGB or YCbCr, colorimetry: not on the wire, only in an SDP"),
  packing: z.enum(["GPM", "BPM", "unknown"]),
});

/** ST 2110-20 stream. */
export const videoSchema = z.strictObject({
  format: videoFormatSchema,
  packets: count,
  packetsPerFrame: count.nullable(),
  octetsPerFrame: count.nullable().describe("octets of samples"),
  frames: count.describe("frames that ended, the partial first one left out"),
  completeFrames: count.describe("frames without a missing packet, line or sample"),
  lost: count.describe("packets missing in frames"),
  missingLines: count,
  extraLines: count,
  skippedPackets: count.describe("of the first, partial frame"),
  notMeasured: count.describe("packets cut by the snap length before the end of their headers"),
  timing: timing21Schema.nullable().describe("null until the format is known, or without times"),
  list: listTimingSchema.nullable().optional(),
});

/** See `timingSecondSchema`. */
export type TimingSecond = z.infer<typeof timingSecondSchema>;
/** See `vrxSchema`. */
export type VrxReport = z.infer<typeof vrxSchema>;
/** See `timing21Schema`. */
export type Timing21Report = z.infer<typeof timing21Schema>;
/** See `listTimingSchema`. */
export type ListTimingReport = z.infer<typeof listTimingSchema>;
/** See `videoFormatSchema`. */
export type VideoFormatReport = z.infer<typeof videoFormatSchema>;
/** See `videoSchema`. */
export type VideoReport = z.infer<typeof videoSchema>;
