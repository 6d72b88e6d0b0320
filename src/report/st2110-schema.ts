import { z } from "zod";
import { st2110AncillarySchema } from "./st2110-ancillary-schema.ts";
import { audioSchema } from "./st2110-audio-schema.ts";
import { jpegXsSchema } from "./st2110-jpegxs-schema.ts";
import { st2110MetadataSchema } from "./st2110-metadata-schema.ts";
import { st2110TtmlSchema } from "./st2110-ttml-schema.ts";
import { videoSchema } from "./st2110-video-schema.ts";

/** An RTP flow of SMPTE ST 2110, or one that is none. */
export const st2110Schema = z.strictObject({
  kind: z
    .enum(["video20", "audio", "anc", "jpegxs", "ttml", "metadata", "st2022-6", "unknown"])
    .describe("what the flow carries, found by its clock and headers"),
  clockRateHz: z.int().positive().nullable().describe("rate of the RTP clock, estimated"),
  notJudged: z.int().nonnegative().describe("packets before the kind was known that could not be kept"),
  timingNotMeasured: z
    .string()
    .optional()
    .describe("why no timing is measured, where that is so: a stream made of two legs came two ways"),
  video: videoSchema.optional(),
  audio: audioSchema.optional(),
  ancillary: st2110AncillarySchema.optional(),
  jpegxs: jpegXsSchema.optional(),
  ttml: st2110TtmlSchema.optional(),
  metadata: st2110MetadataSchema.optional(),
});

/** See `st2110Schema`. */
export type St2110Report = z.infer<typeof st2110Schema>;
