import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { needsShared, testWith } from "../../../tests/helpers/skip.ts";
import { sharedData } from "../../../tests/shared-data.ts";
import { CLEAN_STREAM, FAULTY_REPORT, FAULTY_STREAM, STOPPED_STREAM } from "../../report/fixture.ts";
import type { Report, StreamReport } from "../../report/schema.ts";
import { type FlatMessage, FlatMessages } from "./flat.ts";
import { type FlatReport, flatReportSchema } from "./flat-input.ts";

const SEED = "seed/kafka-flat.json";
const NOW_MS = 1_760_000_000_000;
const REPORT_MS = Date.parse("2026-03-01T10:00:26.425Z");

function flat(report: unknown): FlatReport {
  return flatReportSchema.parse(JSON.parse(JSON.stringify(report)));
}

/** The message of the first stream of `report`. */
function first(report: unknown, messages = new FlatMessages(), image = ""): FlatMessage {
  const input = flat(report);
  const [stream] = input.streams;
  if (stream === undefined) throw new Error("a report without streams");
  const message = messages.message("studio", input, stream, image === "" ? null : { base64: image }, NOW_MS);
  if (message === null) throw new Error("no transport stream");
  return message;
}

/** The fields of one PID, without what stands before their names. */
function pidOf(message: FlatMessage, pid: number): FlatMessage {
  const prefix = `streams.${pid}.`;
  const own = Object.entries(message).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** The report's faulty stream with what the tables and the rates of PID 256 say, and figures of the machine. */
function rich(change: Partial<StreamReport> = {}): unknown {
  const { mpegts } = FAULTY_STREAM;
  if (mpegts === undefined) throw new Error("the sample has lost its part");
  const rate = { current: 4_500_000.4, mean: 4_553_000, min: 4_400_000, max: 4_700_000 };
  const pids = mpegts.pids.map((pid) =>
    pid.pid === 256 ? { ...pid, kind: "video" as const, codec: "H.264", services: [7], rate } : pid,
  );
  const services = [
    {
      program: 7,
      name: null,
      provider: null,
      type: null,
      pmtPid: 4096,
      pcrPid: 256,
      scrambled: false,
      components: [{ pid: 256, streamType: 27, codec: "H.264", kind: "video" as const, languages: [] }],
      rate,
    },
  ];
  const host = { name: "sun", os: "Debian 12", kernel: "6.1.0", machine: "x86_64", cores: 16 };
  return {
    ...FAULTY_REPORT,
    system: {
      time: FAULTY_REPORT.time,
      host: { ...host, bootTime: "2026-03-01T00:00:00.000000000Z" },
      cpu: { busyPercent: 33.25 },
      load: { one: 4.66, five: 5.16, fifteen: 5.23 },
      memory: { totalBytes: 65 * 1024, usedBytes: 14 * 1024, swapTotalBytes: 3 * 1024, swapUsedBytes: 1024 },
    },
    streams: [{ ...FAULTY_STREAM, ...change, mpegts: { ...mpegts, pids, services } }],
  };
}

describe("the flat message", () => {
  testWith(
    needsShared(SEED),
    "has the keys of the earlier rscap's, all and only those, and values of the same types",
    () => {
      const seed = JSON.parse(readFileSync(sharedData(SEED) ?? "", "utf8")) as FlatMessage;
      for (const report of [FAULTY_REPORT, rich()]) {
        const message = first(report);
        const global = Object.keys(seed).filter((key) => !key.startsWith("streams."));
        expect(Object.keys(message).filter((key) => !key.startsWith("streams."))).toEqual(global.toSorted());
        for (const pid of [0, 256]) {
          const [ours, theirs] = [pidOf(message, pid), pidOf(seed, 0)];
          expect(Object.keys(ours)).toEqual(Object.keys(theirs).toSorted());
          for (const [name, value] of Object.entries(theirs)) expect(typeof ours[name]).toBe(typeof value);
        }
      }
    },
  );

  test("has the report's values", () => {
    const message = first(rich({ network: network(1_250) }));
    expect(message).toMatchObject({
      base64_image: "",
      bitrate_avg_global: 4_963_331,
      cc_errors_global: 4,
      current_cc_errors_global: 4,
      iat_avg_global: 1.25,
      source_ip: "239.1.1.1",
      source_port: 5000,
      timestamp: REPORT_MS,
    });
    expect(pidOf(message, 256)).toMatchObject({
      bitrate: 4_500_000,
      bitrate_avg: 4_553_000,
      bitrate_max: 4_700_000,
      bitrate_min: 4_400_000,
      boot_time: Date.parse("2026-03-01T00:00:00Z") / 1000,
      capture_iat: 1.25,
      core_count: 16,
      count: 80_000,
      cpu_usage: 33.25,
      current_error_count: 4,
      error_count: 4,
      has_image: 0,
      host_name: "sun",
      iat_avg: 26_425 / 80_000,
      kernel_version: "6.1.0",
      last_arrival_time: REPORT_MS,
      load_avg_fifteen: 5.23,
      os_version: "Debian 12",
      packet_count: 80_000,
      pid: 256,
      pmt_pid: 4096,
      program_number: 7,
      rtp_payload_type: 33,
      rtp_payload_type_name: "MP2T",
      source_ip: "239.1.1.1",
      start_time: Date.parse("2026-03-01T10:00:00Z"),
      stream_type: "H.264",
      stream_type_number: 27,
      total_bits: 80_000 * 1504,
      total_memory: 65,
      used_swap: 1,
    });
    expect(pidOf(message, 0)).toMatchObject({ pmt_pid: 65_535, program_number: 0, stream_type: "unknown" });
  });

  test("counts what is new since the message before", () => {
    const messages = new FlatMessages();
    first(FAULTY_REPORT, messages);
    const next: Report = structuredClone(FAULTY_REPORT);
    const mpegts = next.streams[0]?.mpegts;
    const pid = mpegts?.pids[1];
    if (mpegts === undefined || pid === undefined) throw new Error("the sample has lost its part");
    mpegts.continuity.errors += 2;
    pid.continuityErrors += 2;
    pid.packets += 100;
    const message = first(next, messages);
    expect(message.current_cc_errors_global).toBe(2);
    expect(pidOf(message, 256)).toMatchObject({ current_error_count: 2, total_bits_sample: 100 * 1504 });
    // A probe that has started again begins from nought.
    expect(first(FAULTY_REPORT, messages).current_cc_errors_global).toBe(0);
  });

  test("has a picture on the PID of the video", () => {
    const message = first(rich(), new FlatMessages(), "/9j/");
    expect([message.base64_image, pidOf(message, 256).has_image, pidOf(message, 0).has_image]).toEqual([
      "/9j/",
      1,
      0,
    ]);
  });

  test("there is none of what is no transport stream; addresses of IPv6 and times without a clock", () => {
    const report = { ...FAULTY_REPORT, time: "+26.425000000s", streams: [STOPPED_STREAM] };
    const input = flat(report);
    const [stopped] = input.streams;
    if (stopped === undefined) throw new Error("the sample has lost its part");
    expect(new FlatMessages().message("studio", input, stopped, null, NOW_MS)).toBeNull();
    const unclocked = {
      ...report,
      streams: [{ ...CLEAN_STREAM, destination: "[ff3e::1]:6000", firstTime: "+0.1s", lastTime: "+9.1s" }],
    };
    expect(first(unclocked)).toMatchObject({ timestamp: NOW_MS, source_ip: "ff3e::1", source_port: 6000 });
  });

  test("any JSON for a report: a message with all keys and finite values, or none", () => {
    const keys = Object.keys(pidOf(first(FAULTY_REPORT), 0));
    const figure = fc.oneof(fc.double(), fc.integer(), fc.constant(null), fc.string());
    const pid = fc.record({ pid: fc.nat(8191), packets: figure, continuityErrors: figure, rate: fc.json() });
    const mpegts = fc.record({
      pids: fc.array(pid, { maxLength: 4 }),
      continuity: fc.dictionary(fc.string(), figure),
    });
    const stream = fc.record({
      id: fc.string(),
      destination: figure,
      firstTime: figure,
      lastTime: figure,
      mpegts,
    });
    const report = fc.record({
      time: figure,
      streams: fc.array(stream, { maxLength: 3 }),
      system: fc.jsonValue(),
    });
    const messages = new FlatMessages();
    fc.assert(
      fc.property(fc.oneof(report, fc.jsonValue()), (value) => {
        const parsed = flatReportSchema.safeParse(JSON.parse(JSON.stringify(value)));
        for (const each of parsed.data?.streams ?? []) {
          if (parsed.data === undefined) continue;
          const message = messages.message("p", parsed.data, each, null, NOW_MS);
          for (const value of Object.values(message ?? {})) {
            if (typeof value === "number") expect(Number.isFinite(value)).toBe(true);
          }
          for (const { pid } of each.mpegts?.pids ?? []) {
            expect(Object.keys(pidOf(message ?? {}, pid))).toEqual(keys);
          }
        }
      }),
    );
  });
});

/** The arrival of datagrams, this far apart on the mean. */
function network(meanUs: number): NonNullable<StreamReport["network"]> {
  const figures = { min: 1, mean: meanUs, max: 9, p50: 1, p90: 1, p99: 1, p999: 1 };
  const interArrivalUs = { unit: "us", count: 10, ...figures, bins: [] };
  const none = { rtpJitterMs: null, ssrcChanges: 0, partialDatagrams: 0, fec: "none" as const };
  return { interArrivalUs, bursts: [], mdi: null, ...none };
}
