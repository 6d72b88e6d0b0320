import { z } from "zod";
import { histogramSchema } from "./histogram-schema.ts";

const count = z.int().nonnegative();
const skewClass = z
  .enum(["A", "B", "C", "D"])
  .nullable()
  .describe("narrowest class of ST 2022-7 whose receivers bear it; null for none, or before the first pair");

/** One leg of a redundant pair. */
export const redundancyLegSchema = z.strictObject({
  packets: count,
  octets: count,
  lost: count.describe("missing, or late, between the leg's first and last packet"),
  only: count.describe("came on this leg alone"),
  duplicates: count.describe("came twice on this leg"),
  late: count.describe("came after the merging window had moved on"),
  early: count.describe("from before the first packet of the pair"),
  unplaced: count.describe("numbers that fit nowhere, as the first after a restart"),
  silent: z.boolean(),
});

/** A redundant pair of RTP streams (ST 2022-7), and what merging them gives. */
export const redundancySchema = z.strictObject({
  legs: z.tuple([redundancyLegSchema, redundancyLegSchema]),
  both: count.describe("packets that came on both legs"),
  lostInBoth: count.describe("packets that came on neither"),
  merged: count.describe("packets of the merged stream"),
  payloadDiffers: count,
  headerDiffers: count,
  compared: count.describe("pairs whose payloads were compared"),
  comparedInFull: z
    .boolean()
    .describe("false when a snap length cut payloads: then only what is there was compared"),
  restarts: count,
  skewNs: histogramSchema.describe("second leg minus first, above zero where the second is later"),
  skewClass: skewClass,
  recentSkewNs: z.number().nullable().describe("largest since the last report, with its sign"),
  recentSkewClass: skewClass,
  bitrate: z.number().nullable().describe("bits a second of RTP of one leg, which class C depends on"),
  windowNs: z.number().describe("how long the copy of a packet is waited for before it is missing"),
  timestampSource: z.string().describe("where the capture times come from; the skew is worth no more"),
  timestampResolutionNs: z.number(),
});

/** The pair and the streams that are its legs. */
export const redundantPairSchema = redundancySchema.extend({
  streams: z.tuple([z.string(), z.string()]).describe("ids of the first leg and of the second"),
  pairedBy: z
    .enum(["sdp", "content"])
    .describe("what makes them legs: a description, or copies of the same packets on both"),
  mergedStream: z
    .string()
    .nullable()
    .describe("id in this report of the stream that they make; null where they are not merged"),
  passedOnAs: z
    .string()
    .nullable()
    .describe(
      "id that it is published and written as: that of the leg whose stream it goes on with, or its own",
    ),
});

/** See `redundantPairSchema`. */
export type RedundantPairReport = z.infer<typeof redundantPairSchema>;
/** See `redundancySchema`. */
export type RedundancyReport = z.infer<typeof redundancySchema>;
/** See `redundancyLegSchema`. */
export type RedundancyLegReport = z.infer<typeof redundancyLegSchema>;
