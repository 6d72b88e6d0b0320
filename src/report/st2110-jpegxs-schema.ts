import { z } from "zod";

const count = z.int().nonnegative();

/** Cinst of compressed video against the sender types of ST 2110-21. */
export const jxsTrafficSchema = z.strictObject({
  timestamps: z.string().describe("where the times come from, with their resolution"),
  peak: count.nullable().describe("packets in the bucket, the arriving one included"),
  mean: z.number().nullable(),
  levels: z.array(z.strictObject({ level: z.int(), count })),
  types: z.array(
    z.strictObject({
      type: z.enum(["N", "NL", "W"]),
      cinstMax: count.nullable().describe("CMAX; null where the type is not allowed"),
      within: z.boolean().nullable(),
      conclusive: z.boolean().describe("false where the timestamps are too coarse to say so"),
    }),
  ),
});

/** See `jxsTrafficSchema`. */
export type JxsTrafficReport = z.infer<typeof jxsTrafficSchema>;

/** One JPEG XS stream of ST 2110-22 (RFC 9134). A picture is a frame, or a field of an interlaced one. */
export const jpegXsSchema = z.strictObject({
  packets: count,
  payloadType: z.int().min(0).max(127).nullable(),
  ssrc: count.nullable(),
  transmission: z.enum(["sequential", "out of order"]).nullable(),
  packetization: z.enum(["codestream", "slice"]).nullable(),
  scan: z.enum(["progressive", "interlaced"]).nullable(),
  frameCounter: z.enum(["frames", "fields"]).nullable().describe("what F counts; null until it is known"),
  pictures: count.describe("whole frames or fields"),
  partial: count.describe("frames or fields of which packets are missing, or that began before the capture"),
  packetsPerPicture: count.nullable().describe("of the first whole one"),
  octetsPerPicture: count.nullable().describe("picture segment: boxes and codestream"),
  packetOctets: count.describe("largest piece of a picture segment in one packet"),
  pictureRate: z.string().nullable().describe("frames or fields a second by the timestamps, e.g. 60000/1001"),
  bitrateBps: z.number().nullable().describe("octets of picture segments"),
  networkBitrateBps: z.number().nullable().describe("with RTP, UDP and IPv4 headers, as b=AS counts"),
  picture: z
    .strictObject({
      profile: z.string().describe("by name, or Ppih as hex"),
      level: z.string().describe("Plev as hex"),
      width: count,
      height: count.describe("of the field when interlaced"),
      components: count,
      codestreamOctets: count.describe("Lcod; 0 for a variable rate"),
    })
    .nullable()
    .describe("by the picture header of the codestream"),
  traffic: jxsTrafficSchema.nullable().describe("from the second picture on; null until the rate is known"),
});

/** See `jpegXsSchema`. */
export type JpegXsReport = z.infer<typeof jpegXsSchema>;
