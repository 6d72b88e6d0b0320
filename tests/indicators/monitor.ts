import type { CapturedFrame } from "../../fixtures/lib/savefile.ts";
import { emptyStats, FrameBatch } from "../../src/capture/batch.ts";
import { Pipeline } from "../../src/flow/pipeline.ts";
import { type Profile, profileLimits } from "../../src/mpegts/tr101290/limits.ts";
import { LINKTYPE } from "../../src/net/linktype.ts";
import type { IndicatorReport } from "../../src/report/mpegts-schema.ts";
import type { Report } from "../../src/report/schema.ts";
import { NO_WALL_CLOCK } from "../../src/report/time.ts";

/** Frames of a batch: several, so that batches end anywhere. */
const BATCH_FRAMES = 64;
const BUFFER_BYTES = BATCH_FRAMES * 2048;

/** The report of the pipeline over these Ethernet frames, as of the last one, with times from the first. */
export function reportOf(frames: readonly CapturedFrame[], profile: Profile = "dvb"): Report {
  const pipeline = new Pipeline({
    output: null,
    passIllegal: false,
    dropNull: false,
    reorderPackets: 64,
    reorderNs: 50e6,
    maxFlows: 16,
    clock: "arrival",
    epoch: () => ({ seconds: 1_700_000_000, nanoseconds: 0, wallClock: true }),
    timestamps: { kind: "savefile", resolutionNs: 1000 },
    monitor: { limits: profileLimits(profile), decoderModel: true, tables: false, series: false },
    inputName: "indicators",
    wanted: () => true,
    version: "test",
    windowNs: 1e9,
    firstStream: 0,
  });
  const batch = new FrameBatch(BATCH_FRAMES);
  batch.buf = new Uint8Array(new ArrayBuffer(BUFFER_BYTES));
  for (let from = 0; from < frames.length; from += BATCH_FRAMES) {
    const some = frames.slice(from, from + BATCH_FRAMES);
    let offset = 0;
    some.forEach(({ frame, timeNs }, i) => {
      batch.buf.set(frame, offset);
      batch.offset[i] = offset;
      batch.capturedLength[i] = frame.length;
      batch.wireLength[i] = frame.length;
      batch.timeNs[i] = timeNs;
      batch.linkType[i] = LINKTYPE.ethernet;
      offset += frame.length;
    });
    batch.count = some.length;
    pipeline.batch(batch);
  }
  const lastNs = pipeline.lastNs;
  pipeline.end();
  const input = { kind: "pcap", name: "indicators", timestampSource: "test", epoch: NO_WALL_CLOCK } as const;
  return pipeline.report({ ...input, stats: emptyStats() }, lastNs, true);
}

/** The rows of TR 101 290 of a report's one stream. */
export function indicatorsOf(report: Report): IndicatorReport[] {
  const rows = report.streams[0]?.mpegts?.tr101290;
  if (report.streams.length !== 1 || rows === undefined) throw new Error("the report has no indicators");
  return rows;
}

/** Numbers of the rows that have an error, with their counts. */
export function tripped(rows: readonly IndicatorReport[]): Record<string, number> {
  return Object.fromEntries(
    rows.filter(({ state }) => state === "error").map(({ number, count }) => [number, count]),
  );
}
