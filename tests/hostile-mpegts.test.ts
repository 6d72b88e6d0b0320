/**
 * Structures with hostile lengths and numbers through the whole pipeline, from the captured frame to the report: findings,
 * no exception, and a bound on memory.
 */
import { heapStats } from "bun:jsc";
import { describe, expect, test } from "bun:test";
import { capturedStream } from "../fixtures/cases/indicators/case.ts";
import { changed } from "../fixtures/lib/fixture.ts";
import { NULL_PID, psiSection, smallMux } from "../fixtures/lib/mux.ts";
import { pidOf } from "../fixtures/lib/oracle.ts";
import { Random } from "../fixtures/lib/random.ts";
import {
  numberedSection,
  type Payload,
  SI_PIDS,
  type SiOptions,
  sectionPackets,
  shortSection,
  siStream,
} from "../fixtures/lib/si-mux.ts";
import { MOST_STORE_BYTES } from "../src/mpegts/psi/store.ts";
import { analyse, tsPacket } from "../src/mpegts/test-packets.ts";
import { profileLimits } from "../src/mpegts/tr101290/limits.ts";
import { reportSchema } from "../src/report/schema.ts";
import { indicatorsOf, reportOf, tripped } from "./indicators/monitor.ts";

const SECONDS = 3;
/** Most that one stream may take, whatever it sends; see ARCHITECTURE.md. */
const MOST_STREAM_BYTES = 160 * 1024 * 1024;
const MONITOR = { limits: profileLimits("dvb"), decoderModel: true } as const;
const PCR_WRAP = 2 ** 33 * 300;

/** The clean stream with more in it, from one second on. */
function withMore(...payloads: readonly Payload[]): SiOptions {
  return { seconds: SECONDS, items: { more: { at: 1000, make: () => payloads } } };
}

/** Findings, tripped rows and the only stream of the clean stream with `options`. */
function judged(options: SiOptions) {
  const report = reportSchema.parse(reportOf(capturedStream(siStream(options))));
  const mpegts = report.streams[0]?.mpegts;
  if (mpegts === undefined) throw new Error("no transport stream");
  return {
    findings: Object.fromEntries(report.findings.map(({ code, count }) => [code, count])),
    rows: tripped(indicatorsOf(report)),
    mpegts,
    counts: mpegts.monitor,
  };
}

/** A payload that starts a section, given octet for octet. */
const raw = (pid: number, ...octets: readonly number[]): Payload => ({
  pid,
  start: true,
  content: Uint8Array.from(octets),
  section: true,
});
const table = (pid: number, section: Uint8Array): Payload[] => sectionPackets(pid, section);

describe("ISO/IEC 13818-1 2.4.4: sections with hostile lengths", () => {
  const { pat, pmt, sdt, eit } = SI_PIDS;
  test.each([
    ["pointer_field beyond the packet", [raw(pat, 184, 0x00, 0xb0)], "pointerField"],
    ["section_length above 1021 in a PAT", [raw(pat, 0, 0x00, 0xb3, 0xfe)], "sectionLength"],
    ["section_length 4095 in an EIT", [raw(eit, 0, 0x4e, 0xbf, 0xff)], "sectionLength"],
    ["section_length too short for the long form", [raw(pmt, 0, 0x02, 0xb0, 0x08, 0, 1)], "sectionLength"],
    ["section_length 0", [raw(sdt, 0, 0x42, 0xb0, 0x00)], "sectionLength"],
    ["a section that ends where the next starts", [raw(pat, 0, 0x00, 0xb3, 0xfd, 0, 1)], "cut"],
    [
      "section_number above last_section_number",
      table(sdt, numberedSection(0x46, 9, [0, 1, 0xff], 2, 1)),
      "sectionNumber",
    ],
  ] as const)("%s", (_about, payloads, fault) => {
    const { findings, rows, counts } = judged(withMore(...payloads));
    expect(findings).toEqual({ "ts-section-syntax": 1 });
    expect(counts?.malformedSections).toEqual({
      ...{ pointerField: 0, sectionLength: 0, cut: 0, sectionNumber: 0 },
      [fault]: 1,
    });
    expect(rows).toEqual({});
  });

  test("sections that never end: each is cut by the next, and none is kept", () => {
    const starts = Array.from({ length: 100 }, () => raw(eit, 0, 0x4e, 0xbf, 0xfd, 0, 1));
    const { findings, counts } = judged(withMore(...starts));
    expect(counts?.malformedSections.cut).toBe(100);
    expect(findings["ts-section-syntax"]).toBe(100);
  });

  test("a wrong CRC_32 is 2.2, and nothing of it is read", () => {
    const section = psiSection(0x02, 7, 0, [0xe1, 0x01, 0xff, 0xff]);
    const { findings, rows, counts } = judged(withMore(...table(pmt, changed(section, [8, 0x55]))));
    expect(rows).toEqual({ "2.2": 1 });
    expect(findings).toEqual({ "tr101290-2-2": 1 });
    expect(counts?.malformedTables).toBe(0);
  });
});

describe("ISO/IEC 13818-1 2.6: lengths that lie inside a section with a right CRC_32", () => {
  const { pmt, nit, sdt, eit, tdt } = SI_PIDS;
  const event = [0, 1, 0xee, 0x71, 0, 0, 0, 0, 0, 0];
  test.each([
    ["program_info_length", pmt, psiSection(0x02, 7, 0, [0xe1, 0x01, 0xff, 0xff])],
    ["ES_info_length", pmt, psiSection(0x02, 7, 0, [0xe1, 0x01, 0xf0, 0, 0x1b, 0xe1, 0x01, 0xff, 0xff])],
    ["descriptor_length", pmt, psiSection(0x02, 7, 0, [0xe1, 0x01, 0xf0, 3, 0x09, 0xff, 0])],
    ["a descriptor shorter than its fields", pmt, psiSection(0x02, 7, 0, [0xe1, 0x01, 0xf0, 3, 0x09, 1, 0])],
    ["network_descriptors_length", nit, psiSection(0x41, 9, 0, [0xff, 0xff, 0, 0])],
    ["transport_stream_loop_length", nit, psiSection(0x41, 9, 0, [0xf0, 0, 0xff, 0xff, 1, 2])],
    ["descriptors_loop_length of an SDT", sdt, psiSection(0x46, 9, 0, [0, 1, 0xff, 0, 1, 0xff, 0x8f, 0xff])],
    [
      "service_name_length",
      sdt,
      psiSection(0x46, 9, 0, [0, 1, 0xff, 0, 1, 0xff, 0x80, 5, 0x48, 3, 1, 200, 65]),
    ],
    [
      "descriptors_loop_length of an EIT",
      eit,
      psiSection(0x50, 9, 0, [0, 1, 0, 1, 0, 0x50, ...event, 0x0f, 0xff]),
    ],
    ["a TDT without its time", tdt, shortSection(0x70, [0xee])],
  ] as const)("%s", (_about, pid, section) => {
    const { findings, rows, counts } = judged(withMore(...table(pid, section)));
    expect(findings).toEqual({ "ts-table-syntax": 1 });
    expect(counts?.malformedTables).toBe(1);
    expect(rows).toEqual({});
  });
});

describe("ISO/IEC 13818-1 2.4.3: adaptation fields and PES headers", () => {
  test("adaptation_field_length out of bounds: illegal, and not read", () => {
    const { packets, packetNs } = siStream({ seconds: SECONDS });
    let left = 5;
    const hostile = packets.map((packet) => {
      if (pidOf(packet) !== NULL_PID || left === 0) return packet;
      left -= 1;
      return tsPacket({ pid: NULL_PID, control: 3, fieldLength: [183, 184, 200, 254, 255][left] as number });
    });
    const report = reportOf(capturedStream({ packets: hostile, packetNs }));
    expect(report.streams[0]?.mpegts?.illegal.adaptationLength).toBe(5);
    expect(report.findings.map(({ code, count }) => [code, count])).toEqual([["ts-adaptation-length", 5]]);
  });

  test("PES headers that lie about their length", () => {
    const pes = (...octets: number[]): Payload => ({
      pid: SI_PIDS.audio,
      start: true,
      content: Uint8Array.from([0, 0, 1, 0xc0, 0xff, 0xff, ...octets]),
    });
    const { findings } = judged(
      withMore(pes(0x80, 0xc0, 4, 0x31, 0, 1), pes(0x00, 0x80, 255), pes(0x80, 0x40, 9)),
    );
    expect(findings["ts-pes-syntax"]).toBe(3);
  });
});

describe("more than any stream has", () => {
  test("a PMT of 1000 entries in five sections: all are there; one of 816 in a section of 4093 is too long", () => {
    const entries = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => [
        0x06,
        0xe0 | ((0x300 + from + i) >> 8),
        (0x300 + from + i) & 0xff,
        0xf0,
        0,
      ]).flat();
    const head = [0xe1, 0x01, 0xf0, 0];
    const sections = Array.from({ length: 5 }, (_, i) =>
      numberedSection(0x02, 2, [...head, ...entries(i * 200, 200)], i, 4),
    );
    const pat = psiSection(0x00, 1, 1, [0, 0, 0xe0, 0x10, 0, 1, 0xe1, 0x00, 0, 2, 0xe0, 0x90]);
    const { mpegts, rows, counts } = judged({
      seconds: SECONDS,
      // Enough room for 30 packets between two PCRs.
      packetNs: 1_000_000,
      items: {
        pat: { at: 1, every: 200, make: () => table(SI_PIDS.pat, pat) },
        more: { at: 210, every: 400, make: () => sections.flatMap((section) => table(0x90, section)) },
      },
    });
    expect(mpegts.services?.map(({ program, components }) => [program, components.length])).toEqual([
      [1, 2],
      [2, 1000],
    ]);
    expect(counts).toMatchObject({ malformedTables: 0, referencesNotKept: 0 });
    expect(rows).toEqual({});

    const long = psiSection(0x02, 1, 0, [...head, ...entries(0, 816)]);
    const { findings, mpegts: after } = judged(withMore(...table(SI_PIDS.pmt, long)));
    expect(findings["ts-section-syntax"]).toBe(1);
    expect(after.services?.[0]?.components).toHaveLength(2);
  });

  test("all 8192 PIDs at once, each starting a section or a PES packet: every one is counted, once", () => {
    const { packets, packetNs } = siStream({ seconds: SECONDS });
    const every = Array.from({ length: 8192 }, (_, pid) =>
      changed(tsPacket({ pid, fill: 0 }), [1, 0x40 | (pid >> 8)]),
    );
    const all = [...packets, ...every, ...every.map((packet) => changed(packet, [3, 0x11]))];
    const report = reportSchema.parse(reportOf(capturedStream({ packets: all, packetNs: packetNs / 40 }, 7)));
    const mpegts = report.streams[0]?.mpegts;
    expect(mpegts?.pids).toHaveLength(8192);
    expect(mpegts?.pids.reduce((sum, pid) => sum + pid.packets, 0)).toBe(all.length);
    expect(mpegts?.pids.every(({ packets: count }) => count >= 2)).toBe(true);
  });

  test(`the worst that a stream can send takes less than ${MOST_STREAM_BYTES / 1024 / 1024} MB`, () => {
    const used = () => {
      Bun.gc(true);
      const { heapSize, extraMemorySize } = heapStats();
      return heapSize + extraMemorySize;
    };
    const packets = worstStream();
    const before = used();
    const { ts } = analyse({ monitor: { ...MONITOR, tables: true, series: true }, output: null });
    packets.forEach((packet, i) => {
      ts.datagram(packet, 0, packet.length, i * 100_000);
    });
    ts.bufferEnd();
    const taken = used() - before;
    expect(taken).toBeLessThan(MOST_STREAM_BYTES);
    // More than the tables alone: it was still there when it was measured.
    expect(taken).toBeGreaterThan(MOST_STORE_BYTES / 2);
    const counts = ts.report().monitor;
    expect(counts?.tables.octets).toBeLessThanOrEqual(MOST_STORE_BYTES);
    expect(counts?.clocksNotMeasured).toBeGreaterThan(0);
    expect(counts?.referencesNotKept).toBeGreaterThan(0);
  }, 60_000);
});

/** Every PID is the PMT of a program, a clock and a stream; tables without end; sections that wait for their end. */
function worstStream(): Uint8Array[] {
  const random = new Random(9);
  const counters = new Uint8Array(8192);
  const packets: Uint8Array[] = [];
  const send = (payload: Payload): void => {
    const cc = counters[payload.pid] as number;
    counters[payload.pid] = (cc + 1) & 15;
    const packet = tsPacket({ pid: payload.pid, cc, fill: 0xff });
    if (payload.start) packet[1] = (packet[1] as number) | 0x40;
    packet.set(payload.content ?? [], 4);
    packets.push(packet);
  };
  for (let number = 0; number < 40; number += 1) {
    const body = Array.from({ length: 250 }, (_, i) => {
      const program = 1 + number * 250 + i;
      const pid = 0x20 + (program % 8000);
      return [program >> 8, program & 0xff, 0xe0 | (pid >> 8), pid & 0xff];
    }).flat();
    for (const payload of sectionPackets(0, numberedSection(0x00, 1, body, number, 39))) send(payload);
  }
  for (let pid = 0x20; pid < 8191; pid += 1) {
    const streams = Array.from({ length: 6 }, () => {
      const other = 0x20 + random.below(8000);
      return [0x1b, 0xe0 | (other >> 8), other & 0xff, 0xf0, 0];
    }).flat();
    const section = psiSection(0x02, 1 + ((pid - 0x20 + 7999) % 8000), 0, [
      0xe0 | (pid >> 8),
      pid & 0xff,
      0xf0,
      0,
      ...streams,
    ]);
    for (const payload of sectionPackets(pid, section)) send(payload);
  }
  for (let i = 0; i < 2; i += 1) {
    for (let pid = 0x20; pid < 8191; pid += 1) {
      const cc = counters[pid] as number;
      packets.push(tsPacket({ pid, cc: (cc + 15) & 15, control: 2, pcr: packets.length * 2700 }));
    }
  }
  for (let service = 0; service < 12_000; service += 1) {
    const body = [0, 1, 0, 1, 0, 0x50, ...random.bytes(140)];
    for (const payload of sectionPackets(0x12, psiSection(0x50 + (service & 15), service, 0, body)))
      send(payload);
  }
  for (let pid = 0x20; pid < 8191; pid += 1) send(raw(pid, 0, 0x4e, 0xbf, 0xfd, ...random.bytes(170)));
  return packets;
}

describe("time", () => {
  const WRAPPING = { firstPcr: PCR_WRAP - 2 * 27_000_000 };
  const facts = (options: { firstPcr?: number }) => {
    const packets = smallMux(5, options).packets(5000);
    const { mpegts } = reportOf(capturedStream({ packets, packetNs: 1_000_000 })).streams[0] ?? {};
    return {
      rows: tripped(mpegts?.tr101290 ?? []),
      pcr: mpegts?.pcr?.map(({ count, intervalMs, discontinuities, bitrate }) => ({
        count,
        most: Math.round(intervalMs.max ?? 0),
        discontinuities,
        bitrate: Math.round(bitrate ?? 0),
      })),
      pts: mpegts?.pts?.map(({ pid, pts, ptsIntervalMs, ptsMinusPcrMs, dtsDisorder }) => ({
        ...{ pid, pts, dtsDisorder },
        most: Math.round(ptsIntervalMs.max ?? 0),
        lead: Math.round(ptsMinusPcrMs?.max ?? 0),
      })),
    };
  };

  test("ISO/IEC 13818-1 2.4.3.5: PCR and PTS wrap, and it makes no difference", () => {
    expect(facts(WRAPPING)).toEqual(facts({}));
    expect(facts(WRAPPING).pcr).toMatchObject([{ discontinuities: { signalled: 0, unsignalled: 0 } }]);
  });

  for (const [about, backMs] of [
    ["an hour", 3_600_000],
    ["half a second", 500],
  ] as const) {
    test(`the capture's time goes back by ${about}: all is counted, and no pause is made of it`, () => {
      const frames = capturedStream(siStream({ seconds: 6 }));
      const half = frames.length >> 1;
      const back = frames.map((frame, i) =>
        i < half ? frame : { ...frame, timeNs: frame.timeNs - backMs * 1e6 + 4e12 },
      );
      const start = frames.map((frame, i) =>
        i < half ? { ...frame, timeNs: frame.timeNs + 4e12 } : (back[i] ?? frame),
      );
      const report = reportSchema.parse(reportOf(start));
      const mpegts = report.streams[0]?.mpegts;
      expect(mpegts?.packets).toBe(frames.length);
      const rows = tripped(mpegts?.tr101290 ?? []);
      expect(rows).toEqual({});
    });
  }
});
