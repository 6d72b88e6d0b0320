import { z } from "zod";

/** How two streams of ST 2110 stand to each other in time (RP 2110-25). */
export const acrossSchema = z.strictObject({
  video: z.string().describe("id of the video stream"),
  other: z.string().describe("id of the audio or ancillary stream"),
  kind: z.enum(["audio", "anc"]),
  mediaClock: z
    .enum(["same", "different", "unknown"])
    .describe("whether the RTP timestamps of both count from one origin, to the second"),
  avdlNs: z
    .number()
    .nullable()
    .describe(
      "AVDL: mean latency of audio less that of video; null unless both are locked to the same clock",
    ),
  rrtpOffsetTicks: z
    .int()
    .nullable()
    .describe("RRTPOFFSET: RTP timestamp of video less that of the ancillary data nearest to it, at 90 kHz"),
});

/** See `acrossSchema`. */
export type AcrossReport = z.infer<typeof acrossSchema>;
