import { z } from "zod";

/** A session description that was given, and where its media were found. */
export const sdpSchema = z.strictObject({
  file: z.string(),
  media: z.array(
    z.strictObject({
      format: z.enum([
        "st2110-20",
        "st2110-22",
        "st2110-30",
        "st2110-31",
        "st2110-40",
        "st2110-41",
        "st2022-6",
        "mpegts",
        "other",
      ]),
      destination: z.string().nullable().describe("address and port; null where they can't be read"),
      stream: z.string().nullable().describe("id of the stream that it is; null when it did not come"),
    }),
  ),
});

/** See `sdpSchema`. */
export type SdpReport = z.infer<typeof sdpSchema>;
