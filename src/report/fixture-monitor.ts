import { FAULTY_REPORT, FAULTY_STREAM } from "./fixture.ts";
import { Histogram } from "./histogram.ts";
import type { HistogramReport } from "./histogram-schema.ts";
import type { IndicatorReport, MonitorCounts, RateReport } from "./mpegts-schema.ts";
import type { MpegtsReport, Report, StreamReport } from "./schema.ts";

/** Number, name and priority of each row of TR 101 290, as a report has them. */
const ROWS: readonly (readonly [string, string])[] = [
  ["1.1", "TS_sync_loss"],
  ["1.2", "Sync_byte_error"],
  ["1.3", "PAT_error"],
  ["1.3.a", "PAT_error_2"],
  ["1.4", "Continuity_count_error"],
  ["1.5", "PMT_error"],
  ["1.5.a", "PMT_error_2"],
  ["1.6", "PID_error"],
  ["2.1", "Transport_error"],
  ["2.2", "CRC_error"],
  ["2.3", "PCR_error"],
  ["2.3.a", "PCR_repetition_error"],
  ["2.3.b", "PCR_discontinuity_indicator_error"],
  ["2.4", "PCR_accuracy_error"],
  ["2.5", "PTS_error"],
  ["2.6", "CAT_error"],
  ["3.1", "NIT_error"],
  ["3.1.a", "NIT_actual_error"],
  ["3.1.b", "NIT_other_error"],
  ["3.2", "SI_repetition_error"],
  ["3.3", "Buffer_error"],
  ["3.4", "Unreferenced_PID"],
  ["3.4.a", "Unreferenced_PID_2"],
  ["3.5", "SDT_error"],
  ["3.5.a", "SDT_actual_error"],
  ["3.5.b", "SDT_other_error"],
  ["3.6", "EIT_error"],
  ["3.6.a", "EIT_actual_error"],
  ["3.6.b", "EIT_other_error"],
  ["3.6.c", "EIT_PF_error"],
  ["3.7", "RST_error"],
  ["3.8", "TDT_error"],
  ["3.9", "Empty_buffer_error"],
  ["3.10", "Data_delay_error"],
];

const ERRORS: Readonly<Record<string, number>> = { "1.4": 4, "2.3": 3, "2.3.a": 3, "3.4": 1 };
const ABSENT: readonly string[] = ["3.1.b", "3.5.b", "3.6.b", "3.7"];

function indicator(number: string, name: string): IndicatorReport {
  const count = ERRORS[number] ?? 0;
  const row: IndicatorReport = {
    number,
    name,
    priority: Number(number[0]),
    scope: number.startsWith("2") ? "pid" : "ts",
    clause: `TR 101 290 ${number}`,
    state: count > 0 ? "error" : "ok",
    count,
    first: count > 0 ? "2026-03-01T10:00:03.100000000Z" : null,
    last: count > 0 ? "2026-03-01T10:00:20.500000000Z" : null,
    lastPid: count > 0 ? 256 : null,
    text: `What ${name} means, in a sentence.`,
  };
  if (ABSENT.includes(number)) return { ...row, state: "not present", reason: "no such table in the stream" };
  if (number !== "2.4") return row;
  return { ...row, state: "not measurable", reason: "arrival times are not good enough" };
}

/** Every row, with errors in each priority, one not measurable and some not present. */
export const INDICATORS: readonly IndicatorReport[] = ROWS.map(([number, name]) => indicator(number, name));

/** A distribution of `count` values around `middle`, the same at each run. */
function distribution(unit: string, count: number, middle: number, spread: number): HistogramReport {
  const histogram = new Histogram(unit);
  let seed = 12_345;
  const next = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return seed / 0x8000_0000;
  };
  for (let i = 0; i < count; i++) {
    const bell = (next() + next() + next() + next() - 2) / 2;
    histogram.add(middle + bell * spread * (i % 97 === 0 ? 4 : 1));
  }
  return histogram.toReport();
}

function rate(mean: number): RateReport {
  return { current: mean * 1.01, mean, min: mean * 0.9, max: mean * 1.15 };
}

const SECONDS = 26;
const PID_RATES: readonly (readonly [number, number])[] = [
  [0, 15_000],
  [17, 3000],
  [256, 60_000],
  [257, 3_400_000],
  [258, 256_000],
  [259, 192_000],
  [260, 48_000],
  [512, 40_000],
  [513, 30_000],
  [514, 20_000],
  [515, 10_000],
  [8191, 600_000],
];

function seriesOf(mean: number, phase: number): number[] {
  return Array.from({ length: SECONDS }, (_, i) =>
    mean > 1_000_000 ? mean * (1 + 0.18 * Math.sin(i / 3 + phase)) : mean,
  );
}

const SERIES = PID_RATES.map(([pid, mean]) => ({ pid, bitrate: seriesOf(mean, pid) }));

const MPEGTS: MpegtsReport = {
  ...(FAULTY_STREAM.mpegts as MpegtsReport),
  pids: PID_RATES.map(([pid, mean]) => ({
    pid,
    packets: Math.round((mean * SECONDS) / 1504),
    bitrate: mean,
    continuityErrors: pid === 257 ? 4 : 0,
    missing: pid === 257 ? 7 : 0,
    duplicates: 0,
    scrambled: 0,
    pcrs: pid === 257 ? 661 : 0,
    kind: pid === 257 ? "video" : pid === 258 || pid === 259 ? "audio" : pid === 8191 ? "null" : "si",
    codec: pid === 257 ? "AVC (H.264)" : pid === 258 ? "AAC (ADTS)" : null,
    services: pid >= 257 && pid < 8191 ? [1] : [],
    rate: rate(mean),
    stopped: pid === 515,
  })),
  tr101290: [...INDICATORS],
  services: [
    {
      program: 1,
      name: "Première <HD> & 24",
      provider: "Example Network",
      type: "digital television",
      pmtPid: 256,
      pcrPid: 257,
      scrambled: false,
      components: [
        { pid: 257, streamType: 0x1b, codec: "AVC (H.264)", kind: "video", languages: [] },
        { pid: 258, streamType: 0x0f, codec: "AAC (ADTS)", kind: "audio", languages: ["fra"] },
        { pid: 260, streamType: 0x06, codec: "DVB subtitles", kind: "subtitle", languages: ["fra", "deu"] },
      ],
      rate: rate(3_900_000),
    },
  ],
  rates: {
    total: rate(4_674_000),
    byType: {
      video: rate(3_400_000),
      audio: rate(448_000),
      data: rate(148_000),
      si: rate(78_000),
      null: rate(600_000),
      other: { current: 0, mean: 0, min: 0, max: 0 },
    },
    stoppedPids: [515],
    series: {
      stepSeconds: 1,
      startOffsetSeconds: 0,
      total: Array.from({ length: SECONDS }, (_, i) =>
        SERIES.reduce((sum, { bitrate }) => sum + (bitrate[i] as number), 0),
      ),
      pids: SERIES,
    },
  },
  pcr: [
    {
      pid: 257,
      count: 661,
      intervalMs: distribution("ms", 660, 40, 3),
      discontinuities: { signalled: 1, unsignalled: 0 },
      bitrate: 4_674_120,
      jitterNs: distribution("ns", 660, 0, 80_000),
      driftPpm: -1.25,
      accuracy: {
        method: "constant bit rate",
        frequencyOffsetHz: -33.75,
        driftRateMhzPerS: 0.4,
        overallJitterNs: 412,
        accuracyNs: distribution("ns", 660, 0, 300),
      },
    },
  ],
  pts: [
    {
      pid: 257,
      pts: 660,
      dts: 440,
      ptsIntervalMs: distribution("ms", 659, 40, 0),
      ptsMinusPcrMs: distribution("ms", 660, 700, 60),
      dtsDisorder: 1,
      audioOffsetMs: null,
    },
    {
      pid: 258,
      pts: 412,
      dts: 0,
      ptsIntervalMs: distribution("ms", 411, 64, 0),
      ptsMinusPcrMs: null,
      dtsDisorder: 0,
      audioOffsetMs: { min: -12, mean: -8.5, max: -3 },
    },
  ],
  buffers: [
    { pid: 257, buffer: "TB", sizeOctets: 512, peakOctets: 376, overflows: 0, underflows: 0, modelled: true },
    {
      pid: 257,
      buffer: "EB",
      sizeOctets: 1_250_000,
      peakOctets: 1_240_000,
      overflows: 2,
      underflows: 1,
      modelled: true,
    },
    {
      pid: null,
      buffer: "Bsys",
      sizeOctets: 1536,
      peakOctets: 0,
      overflows: 0,
      underflows: 0,
      modelled: false,
      reason: "no system information",
    },
  ],
  tables: [
    {
      pid: 0,
      tableId: 0,
      name: "PAT",
      extension: 1,
      version: 3,
      current: true,
      sections: 1,
      content: {
        transport_stream_id: 1,
        programs: [
          { program_number: 0, network_PID: 16 },
          { program_number: 1, program_map_PID: 256 },
        ],
      },
    },
    {
      pid: 17,
      tableId: 0x42,
      name: "SDT actual",
      extension: 1,
      version: 0,
      current: true,
      sections: 1,
      content: {
        original_network_id: 8442,
        services: [
          {
            service_id: 1,
            running_status: 4,
            free_CA_mode: false,
            descriptors: [
              {
                tag: 72,
                name: "service_descriptor",
                service_name: "<script>alert(1)</script>",
                provider: null,
              },
            ],
          },
        ],
      },
    },
  ],
};

/** A stream in which all that can be malformed or too much is. */
export const MALFORMED_COUNTS: MonitorCounts = {
  malformedSections: { pointerField: 1, sectionLength: 2, cut: 3, sectionNumber: 0 },
  malformedTables: 2,
  malformedPes: 1,
  tablesNotChecked: 0,
  sectionsIgnored: 12,
  sectionsEvicted: 5,
  referencesNotKept: 4,
  clocksNotMeasured: 1000,
  tables: { subTables: 7, octets: 1900 },
};

/** A stream with everything that the conformance monitor reports. */
export const MONITORED_STREAM: StreamReport = {
  ...FAULTY_STREAM,
  mpegts: MPEGTS,
  network: {
    interArrivalUs: distribution("us", 12_344, 2140, 600),
    bursts: [
      { windowMs: 1, maxOctets: 13_160, maxBitrate: 105_280_000 },
      { windowMs: 10, maxOctets: 14_476, maxBitrate: 11_580_800 },
      { windowMs: 100, maxOctets: 71_064, maxBitrate: 5_685_120 },
    ],
    mdi: {
      mediaRate: 4_674_000,
      delayFactorMs: { current: 3.2, mean: 2.9, max: 17.5 },
      mediaLossRate: { current: 0, mean: 0.8, max: 21 },
    },
    rtpJitterMs: 0.21,
    ssrcChanges: 0,
    partialDatagrams: 0,
    fec: "none",
  },
};

/** A report with that stream beside others. */
export const MONITOR_REPORT: Report = {
  ...FAULTY_REPORT,
  streams: [MONITORED_STREAM, ...FAULTY_REPORT.streams.slice(1)],
};
