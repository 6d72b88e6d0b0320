import { z } from "zod";

const count = z.int().nonnegative();
const octet = z.int().min(0).max(255);
const time = z.string().nullable().describe("as all times of the report; null when the input has none");

/** Structure of CEA-608 byte pairs. */
export const cea608Schema = z.strictObject({
  pairs: z.tuple([count, count]).describe("byte pairs marked valid, field 1 and field 2"),
  nullPairs: z.tuple([count, count]).describe("those of them that say nothing"),
  parityErrors: count,
  channels: z.array(z.string()).describe("CC1 to CC4, where control codes came"),
  extendedData: count.describe("byte pairs that begin extended data services (XDS)"),
});

/** See `cea608Schema`. */
export type Cea608Report = z.infer<typeof cea608Schema>;

/** Structure of CEA-708 caption channel packets. */
export const cea708Schema = z.strictObject({
  packets: count,
  errors: count.describe("cut short, too much data, or a sequence number left out"),
  services: z.array(z.strictObject({ service: z.int().min(1).max(63), blocks: count })),
});

/** See `cea708Schema`. */
export type Cea708Report = z.infer<typeof cea708Schema>;

/** One operation of an SCTE 104 message. */
export const scte104OperationSchema = z.strictObject({
  opId: z.int().min(0).max(65535),
  name: z.string(),
  fields: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .describe("names with units; data in hexadecimal where the operation is not taken apart"),
});

/** See `scte104OperationSchema`. */
export type Scte104Operation = z.infer<typeof scte104OperationSchema>;

/** An SCTE 104 message. */
export const scte104MessageSchema = z.strictObject({
  time,
  type: z.enum(["single", "multiple"]),
  messageNumber: octet,
  dpiPidIndex: z.int().min(0).max(65535),
  splicePoint: z.string().nullable().describe("timestamp() in words; null for at once"),
  operations: z.array(scte104OperationSchema),
});

/** See `scte104MessageSchema`. */
export type Scte104Message = z.infer<typeof scte104MessageSchema>;

/** What a sub-stream carries, decoded as far as rscap knows it. */
export const ancDecodedSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("timecode"),
    timecodes: z.array(
      z.strictObject({
        type: z.string().describe("LTC, VITC1, VITC2, or the value of DBB1"),
        packets: count,
        last: z.string().describe("HH:MM:SS:FF, ; before the frames of drop-frame"),
        lastTime: time,
        dropFrame: z.boolean(),
        userBits: z.string().describe("binary groups 8 to 1, hexadecimal"),
        jumps: count.describe("times the time code neither stood still nor went on by a frame"),
        vitcLine: z.int().min(0).max(31).nullable(),
        valid: z.boolean().describe("false when the sender marks it as interpolated or lost"),
      }),
    ),
  }),
  z.strictObject({
    kind: z.literal("afd"),
    packets: count,
    code: z.int().min(0).max(15),
    format: z.string(),
    codedFrame: z.enum(["4:3", "16:9"]),
    bars: z
      .strictObject({
        top: count.nullable(),
        bottom: count.nullable(),
        left: count.nullable(),
        right: count.nullable(),
      })
      .describe("lines or pixels as sent; null for no such bar"),
    changes: count,
  }),
  z.strictObject({
    kind: z.literal("vpid"),
    packets: count,
    value: z.string().describe("four octets, hexadecimal"),
    interface: z.string(),
    transport: z.enum(["progressive", "interlaced"]),
    picture: z.enum(["progressive", "interlaced"]),
    pictureRate: z.string().nullable(),
    sampling: z.string().nullable(),
    depthBits: z.int().nullable(),
    changes: count,
  }),
  z.strictObject({
    kind: z.literal("cdp"),
    packets: count,
    frameRate: z.string().nullable().describe("cdp_frame_rate"),
    ccCount: z.int().min(0).max(31).describe("cc_count of the last packet"),
    captionServiceActive: z.boolean(),
    timeCode: z.string().nullable(),
    sequenceErrors: count,
    languages: z
      .array(z.strictObject({ service: z.int().min(0).max(63), language: z.string() }))
      .describe("of the service information; service 0 is CEA-608"),
    cea608: cea608Schema,
    cea708: cea708Schema,
  }),
  z.strictObject({ kind: z.literal("cea608"), packets: count, cea608: cea608Schema }),
  z.strictObject({
    kind: z.literal("scte104"),
    messages: count,
    duplicates: count.describe("packets marked as a repetition"),
    last: z.array(scte104MessageSchema).describe("the latest 16, oldest first"),
  }),
  z.strictObject({
    kind: z.literal("op47"),
    packets: count,
    teletextPackets: count,
    sequenceErrors: count,
    pages: z.array(z.strictObject({ page: z.string(), headers: count })),
  }),
]);

/** See `ancDecodedSchema`. */
export type AncDecoded = z.infer<typeof ancDecodedSchema>;

/** One place in the picture that packets of a sub-stream name. */
export const ancLocationSchema = z.strictObject({
  line: z.int().min(0).max(2047).describe("Line_Number"),
  lineMeaning: z.string().nullable().describe("what a number of no line stands for"),
  horizontalOffset: z.int().min(0).max(4095).describe("of the last packet"),
  offsetMeaning: z.string().nullable(),
  colorDifference: z.boolean().describe("C: in the colour-difference channel"),
  packets: count,
  first: time,
  last: time,
});

/** ANC data packets with the same DID, SDID and stream number. */
export const ancSubStreamSchema = z.strictObject({
  did: octet,
  sdid: octet.nullable().describe("null for type 1, whose second word counts blocks"),
  streamNumber: z.int().min(0).max(127).nullable().describe("null where S is 0"),
  name: z.string(),
  standard: z.string().nullable(),
  packets: count,
  errors: count.describe("packets with wrong parity, checksum or forbidden values; these are not decoded"),
  first: time,
  last: time,
  dataCount: z.strictObject({ min: octet, max: octet }),
  locations: z.array(ancLocationSchema),
  decoded: ancDecodedSchema.nullable().describe("null where only the octets are known"),
  lastWords: z.string().describe("low 8 bits of the last packet's user words, hexadecimal, the first 64"),
});

/** See `ancSubStreamSchema`. */
export type AncSubStreamReport = z.infer<typeof ancSubStreamSchema>;

/** An ancillary data flow (ST 2110-40). */
export const st2110AncillarySchema = z.strictObject({
  packets: count.describe("RTP packets"),
  keepAlives: count.describe("those of them without ANC data"),
  ancPackets: count,
  cutPackets: count.describe(
    "ANC data packets that the snap length cut: headers seen, the rest not measured",
  ),
  ssrcChanges: count,
  scan: z.enum(["progressive or unspecified", "interlaced or PsF", "mixed", "unknown"]),
  units: count.describe("frames, fields or segments whose beginning was seen"),
  ticksPerUnit: z.number().nullable().describe("mean step of the RTP timestamp, 90 kHz"),
  unitRate: z.string().nullable().describe("frames or fields a second, where ST 2110 has that rate"),
  lastRtpTimestamp: z.int().min(0).max(4294967295).nullable(),
  clock: z
    .enum(["tai", "same", "free-running", "unknown"])
    .describe("RTP against capture time: 37 s apart (TAI and UTC), equal, unrelated, or not measurable"),
  latencyNs: z
    .strictObject({ min: z.number(), mean: z.number(), max: z.number() })
    .nullable()
    .describe("arrival of the first packet of a frame or field after its RTP time"),
  timestamps: z.strictObject({
    source: z.string().describe("where the capture times come from"),
    resolutionNs: z.number().describe("their smallest step"),
  }),
  subStreams: z.array(ancSubStreamSchema),
  unlistedPackets: count.describe("ANC data packets beyond the sub-streams and places that are kept"),
});

/** See `st2110AncillarySchema`. */
export type St2110AncillaryReport = z.infer<typeof st2110AncillarySchema>;
