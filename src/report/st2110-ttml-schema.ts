import { z } from "zod";

const count = z.int().nonnegative();
const time = z.string().nullable().describe("as all times of the report; null when it never happened");

/** A flow of timed text (ST 2110-43, RFC 8759). */
export const st2110TtmlSchema = z.strictObject({
  packets: count,
  documents: count.describe("whole TTML documents"),
  skipped: count.describe(
    "documents not seen whole: cut by the capture's start, by loss or by the snap length",
  ),
  ssrcChanges: count,
  octets: z.strictObject({ min: count, max: count }).nullable().describe("of whole documents"),
  clockRateHz: z
    .number()
    .nullable()
    .describe("RTP clock by arrival times, 1000 unless the SDP says otherwise"),
  firstDocument: time,
  lastDocument: time,
  language: z.string().nullable().describe("xml:lang of the last document's root"),
  lastText: z.string().describe("the last document's first 256 characters"),
});

/** See `st2110TtmlSchema`. */
export type St2110TtmlReport = z.infer<typeof st2110TtmlSchema>;
