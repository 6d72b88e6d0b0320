import { z } from "zod";

const count = z.int().nonnegative();
const time = z.string().nullable().describe("as all times of the report; null when the input has none");

/** A flow of fast metadata (ST 2110-41). */
export const st2110MetadataSchema = z.strictObject({
  packets: count,
  ssrcChanges: count,
  items: z.array(
    z.strictObject({
      type: z.int().min(0).max(0x3fffff).describe("Data Item Type"),
      items: count,
      kBit: count.describe("items with the K bit"),
      octets: z.strictObject({ min: count, max: count }),
      first: time,
      last: time,
      lastData: z.string().describe("the last item's first 64 octets, hexadecimal"),
    }),
  ),
  cutItems: count.describe("items that the snap length cut: counted nowhere else"),
  unlistedItems: count.describe("items of more types than are kept"),
});

/** See `st2110MetadataSchema`. */
export type St2110MetadataReport = z.infer<typeof st2110MetadataSchema>;
