import { z } from "zod";
import { histogramSchema } from "./histogram-schema.ts";

const count = z.int().nonnegative();
const pid = z.int().min(0).max(8191);
const time = z.string().nullable().describe("as all times of the report; null when it never happened");

/** One row of the table of TR 101 290. */
export const indicatorSchema = z.strictObject({
  number: z.string().describe("e.g. 1.3.a"),
  name: z.string().describe("e.g. PAT_error_2"),
  priority: z.int().min(1).max(3),
  scope: z.enum(["ts", "service", "pid"]),
  clause: z.string(),
  state: z.enum(["ok", "error", "not measurable", "not present"]),
  reason: z.string().optional().describe("why it is not measurable, or not present"),
  count: count,
  first: time,
  last: time,
  lastPid: pid.nullable(),
  text: z.string().describe("what the indicator means, in a sentence"),
});

/** Bit rates over windows of a second, and over the whole time. */
export const rateSchema = z.strictObject({
  current: z.number().nonnegative().nullable().describe("bits per second over the last whole second"),
  mean: z.number().nonnegative().nullable().describe("bits per second over the whole time"),
  min: z.number().nonnegative().nullable().describe("lowest second"),
  max: z.number().nonnegative().nullable().describe("highest second"),
});

/** An elementary stream of a service. */
export const componentSchema = z.strictObject({
  pid,
  streamType: z.int().min(0).max(255),
  codec: z.string(),
  kind: z.enum(["video", "audio", "subtitle", "data", "other"]),
  languages: z.array(z.string()),
});

/** A service (program). */
export const serviceSchema = z.strictObject({
  program: z.int().min(0).max(65535).describe("program_number, the same as service_id"),
  name: z.string().nullable(),
  provider: z.string().nullable(),
  type: z.string().nullable().describe("service_type in words"),
  pmtPid: pid,
  pcrPid: pid.nullable(),
  scrambled: z.boolean(),
  components: z.array(componentSchema),
  rate: rateSchema,
});

/** The clock of a program, by the PCRs of one PID. */
export const pcrSchema = z.strictObject({
  pid,
  count,
  intervalMs: histogramSchema,
  discontinuities: z.strictObject({ signalled: count, unsignalled: count }),
  bitrate: z.number().nonnegative().nullable().describe("of the whole stream, by this clock"),
  jitterNs: histogramSchema
    .nullable()
    .describe("arrival against the clock, network included; null without arrival times"),
  driftPpm: z.number().nullable().describe("clock against arrival times, by regression"),
  accuracy: z.strictObject({
    method: z
      .enum(["arrival times", "constant bit rate", "not measurable"])
      .describe("what the PCRs are compared with, TR 101 290 annex I"),
    reason: z.string().optional().describe("why it is not measurable"),
    frequencyOffsetHz: z.number().nullable().describe("PCR_FO, of 27 MHz"),
    driftRateMhzPerS: z.number().nullable().describe("PCR_DR, millihertz a second"),
    overallJitterNs: z.number().nullable().describe("PCR_OJ, largest"),
    accuracyNs: histogramSchema.nullable().describe("PCR_AC"),
  }),
});

/** Time stamps of one elementary stream. */
export const ptsSchema = z.strictObject({
  pid,
  pts: count,
  dts: count,
  ptsIntervalMs: histogramSchema,
  ptsMinusPcrMs: histogramSchema.nullable(),
  dtsDisorder: count.describe("DTS that did not increase, or PTS before its DTS"),
  audioOffsetMs: z
    .strictObject({ min: z.number(), mean: z.number(), max: z.number() })
    .nullable()
    .describe(
      "audio PES only: its PTS lead over the video of the same service, less what multiplexing explains",
    ),
});

/** One buffer of the T-STD, ISO/IEC 13818-1 2.4.2. */
export const bufferSchema = z.strictObject({
  pid: pid.nullable().describe("null for the system buffers"),
  buffer: z.enum(["TB", "MB", "EB", "B", "TBsys", "Bsys"]),
  sizeOctets: count,
  peakOctets: z.number().nonnegative(),
  overflows: count,
  underflows: count,
  modelled: z.boolean(),
  reason: z.string().optional().describe("why it is not modelled"),
});

/** A sub-table as received last; `content` is the table's own tree. */
export const tableSchema = z.strictObject({
  pid,
  tableId: z.int().min(0).max(255),
  name: z.string(),
  extension: z.int().min(0).max(65535).nullable().describe("table_id_extension"),
  version: z.int().min(0).max(31).nullable(),
  current: z.boolean(),
  sections: count,
  content: z.json(),
});

/** One series of the bit rate over time. */
export const seriesSchema = z.strictObject({
  stepSeconds: z.number().positive(),
  startOffsetSeconds: z.number().describe("start of the first step after the stream's first time"),
  total: z.array(z.number().nonnegative()).describe("bits per second"),
  pids: z.array(z.strictObject({ pid, bitrate: z.array(z.number().nonnegative()) })),
});

/** Bit rates by what the packets carry. */
export const ratesSchema = z.strictObject({
  total: rateSchema,
  byType: z.strictObject({
    video: rateSchema,
    audio: rateSchema,
    data: rateSchema,
    si: rateSchema,
    null: rateSchema,
    other: rateSchema,
  }),
  stoppedPids: z.array(pid).describe("seen before, not for the user period"),
  series: seriesSchema.nullable(),
});

/** Arrival of the datagrams. */
export const networkSchema = z.strictObject({
  interArrivalUs: histogramSchema,
  bursts: z.array(
    z.strictObject({
      windowMs: z.number().positive(),
      maxOctets: count,
      maxBitrate: z.number().nonnegative(),
    }),
  ),
  mdi: z
    .strictObject({
      mediaRate: z.number().nonnegative().describe("bits per second that the delay factor is for"),
      delayFactorMs: z.strictObject({ current: z.number(), mean: z.number(), max: z.number() }),
      mediaLossRate: z
        .strictObject({ current: z.number(), mean: z.number(), max: z.number() })
        .describe("TS packets a second"),
    })
    .nullable()
    .describe("RFC 4445; null for streams whose rate is not known"),
  rtpJitterMs: z.number().nonnegative().nullable().describe("RFC 3550 6.4.1; null without RTP"),
  ssrcChanges: count,
  partialDatagrams: count.describe("datagrams that are not a whole number of TS packets"),
  fec: z.enum(["none", "ST 2022-1 column", "ST 2022-1 row"]),
});

/** What the monitor could not read, and what was more than it keeps: all zero for a sound stream of usual size. */
export const monitorSchema = z.strictObject({
  malformedSections: z
    .strictObject({
      pointerField: count.describe("pointer_field leads out of the packet"),
      sectionLength: count.describe("section_length below or above what the syntax allows"),
      cut: count.describe("a section that ends before its section_length says"),
      sectionNumber: count.describe("section_number above last_section_number"),
    })
    .describe("sections that break the syntax (ISO/IEC 13818-1 2.4.4); they are not read"),
  malformedTables: count.describe(
    "sections with lengths of loops, descriptors or fields that do not fit (ISO/IEC 13818-1 2.6)",
  ),
  malformedPes: count.describe("PES packets whose header breaks the syntax (ISO/IEC 13818-1 2.4.3.6)"),
  tablesNotChecked: count.describe("changed sections beyond those that are decoded to find malformed ones"),
  sectionsIgnored: count.describe("sections of no table that is kept: stuffing, DSM-CC, ECM, EMM, private"),
  sectionsEvicted: count.describe("sections thrown out because the tables were more than are kept"),
  referencesNotKept: count.describe("programs, streams and PMT sections beyond those that are followed"),
  clocksNotMeasured: count.describe("PCRs and PES packets of PIDs beyond those whose clocks are measured"),
  tables: z.strictObject({ subTables: count, octets: count }).describe("what is kept now"),
});

/** See `monitorSchema`. */
export type MonitorCounts = z.infer<typeof monitorSchema>;
/** See `indicatorSchema`. */
export type IndicatorReport = z.infer<typeof indicatorSchema>;
/** See `rateSchema`. */
export type RateReport = z.infer<typeof rateSchema>;
/** See `componentSchema`. */
export type ComponentReport = z.infer<typeof componentSchema>;
/** See `serviceSchema`. */
export type ServiceReport = z.infer<typeof serviceSchema>;
/** See `pcrSchema`. */
export type PcrReport = z.infer<typeof pcrSchema>;
/** See `ptsSchema`. */
export type PtsReport = z.infer<typeof ptsSchema>;
/** See `bufferSchema`. */
export type BufferReport = z.infer<typeof bufferSchema>;
/** See `tableSchema`. */
export type TableReport = z.infer<typeof tableSchema>;
/** See `seriesSchema`. */
export type SeriesReport = z.infer<typeof seriesSchema>;
/** See `ratesSchema`. */
export type RatesReport = z.infer<typeof ratesSchema>;
/** See `networkSchema`. */
export type NetworkReport = z.infer<typeof networkSchema>;
