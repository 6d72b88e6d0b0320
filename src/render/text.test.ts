import { describe, expect, test } from "bun:test";
import { CLEAN_STREAM, EMPTY_REPORT, FAULTY_REPORT } from "../report/fixture.ts";
import { MALFORMED_COUNTS, MONITOR_REPORT } from "../report/fixture-monitor.ts";
import type { MonitorCounts } from "../report/mpegts-schema.ts";
import { type MpegtsReport, type Report, reportSchema, type StreamReport } from "../report/schema.ts";
import { renderJson } from "./json.ts";
import { renderText, verdict } from "./text.ts";

const CLEAN: Report = {
  ...FAULTY_REPORT,
  streams: [CLEAN_STREAM],
  findings: [],
  summary: { errors: 0, warnings: 0 },
};

test("the sample reports are reports", () => {
  for (const report of [FAULTY_REPORT, EMPTY_REPORT, CLEAN]) {
    expect(reportSchema.safeParse(report).error).toBeUndefined();
  }
});

describe("text", () => {
  test("sections: input, streams, PIDs, findings with clause, verdict as the last line", () => {
    const text = renderText(FAULTY_REPORT, { columns: 80, colour: false });
    expect(text).toContain("Input       eth1 (ring)");
    expect(text).toContain("5 dropped by the kernel");
    expect(text).toContain("Stream 239.1.1.1-5000-v123  TS/RTP, VLAN 123");
    expect(text).toContain("3 lost");
    expect(text).toContain("15: sync byte not 0x47 (3), transport_error_indicator (12)");
    expect(text).toMatch(/^ +256 +0x0100 +80,000 +4\.553 Mb\/s +4 +7 +2 +80,000 +661$/m);
    expect(text).toContain("ff3e__8000_1-6000  UDP, stopped before the end");
    expect(text).toContain("Published on tcp://127.0.0.1:5556 (pub)");
    expect(text).toContain("ERROR TR 101 290 1.4, 239.1.1.1-5000-v123, PID 256, 4 times");
    expect(text.indexOf("ERROR TR")).toBeLessThan(text.indexOf("WARNING RFC"));
    expect(text.trimEnd().split("\n").at(-1)).toBe(
      "Verdict     1 error, 1 warning (3 streams, 13,346 frames)",
    );
  });

  test.each([[40], [80], [120]])("no line is longer than %p columns, but for words that are", (columns) => {
    const text = renderText(FAULTY_REPORT, { columns, colour: false });
    const long = text.split("\n").filter((line) => line.length > columns);
    if (columns >= 80) expect(long).toEqual([]);
    else expect(long.every((line) => /^(Stream|ERROR|WARNING|Published|Verdict)|:/.test(line))).toBe(true);
  });

  test("without colour no escape, with colour the same words", () => {
    const plain = renderText(FAULTY_REPORT, { columns: 80, colour: false });
    const coloured = renderText(FAULTY_REPORT, { columns: 80, colour: true });
    expect(plain).not.toContain("\x1b");
    expect(coloured).toContain("\x1b[31m");
    expect(Bun.stripANSI(coloured)).toBe(plain);
  });

  test("clean and empty", () => {
    expect(verdict(CLEAN)).toBe("clean");
    const empty = renderText(EMPTY_REPORT, { columns: 80, colour: false });
    expect(empty).toContain("No stream was found.");
    expect(empty).toContain("no times");
    expect(empty).toContain("Left out    nothing");
    expect(empty).toContain("Verdict     clean (0 streams, 0 frames)");
  });

  test("of a transport stream file the octets count, not the pieces it is read in", () => {
    const input = { ...EMPTY_REPORT.input, kind: "ts" as const, packets: 20, bytes: 26_320 };
    const text = renderText({ ...EMPTY_REPORT, input }, { columns: 80, colour: false });
    expect(text).toContain("Read        26.32 kB");
    expect(text).toContain("(0 streams, 26.32 kB)");
    expect(text).not.toMatch(/frame/i);
  });

  test("the same rule on several PIDs is explained once", () => {
    const [, error] = FAULTY_REPORT.findings;
    if (error === undefined) throw new Error("the sample has lost its part");
    const findings = [256, 257, 258].map((pid) => ({ ...error, pid }));
    const text = renderText({ ...FAULTY_REPORT, findings }, { columns: 80, colour: false });
    expect(text.split("The continuity counter was not").length).toBe(2);
    for (const pid of [256, 257, 258]) expect(text).toContain(`PID ${pid}, 4 times`);
  });

  test("a queue that holds back, and what it dropped", () => {
    const published = FAULTY_REPORT.published;
    if (published === undefined) throw new Error("the sample has lost its part");
    const report: Report = {
      ...FAULTY_REPORT,
      published: { ...published, transport: "push", queued: 12, heldBackMs: 1500, dropped: 3 },
      input: { ...FAULTY_REPORT.input, forgottenFlows: 2 },
    };
    const text = renderText(report, { columns: 80, colour: false });
    expect(text).toContain("12 of 1,000 messages queued, held back for 1.5 s");
    expect(text).toContain("3 messages for a full queue");
    expect(text).toContain("2 silent flows taken out of the full flow table");
  });

  test("the conformance monitor: lamps, arrival, rates, clocks, services, within 80 columns", () => {
    const text = renderText(MONITOR_REPORT, { columns: 80, colour: false });
    for (const line of [
      "  TR 101 290  in error: 1 of priority 1, 2 of priority 2, 1 of priority 3",
      "    P1 + 1.1    + 1.2    + 1.3    + 1.3.a  X 1.4    + 1.5    + 1.5.a  + 1.6",
      "       + ok  X error  - not present  ? not measurable",
      "       3.1.b, 3.5.b, 3.6.b, 3.7: not present, no such table in the stream",
      "  Mux rate    mean 4.674 Mb/s, whole seconds from 4.207 Mb/s to 5.375 Mb/s",
      "  Stopped     PID 515",
      "  Buffer      EB of PID 257: 2 overflows, 1 underflow",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    expect(text).toContain('1 "Première <HD> & 24", Example Network');
    expect(text).toMatch(/^ +257 +58,777 .* 661 {2}AVC \(H\.264\)$/m);
    expect(text.split("\n").filter((line) => Bun.stringWidth(line) > 80)).toEqual([]);
    const coloured = renderText(MONITOR_REPORT, { columns: 80, colour: true });
    expect(Bun.stripANSI(coloured)).toBe(text);
  });

  test("what could not be read or kept is told, and only that", () => {
    const [stream] = MONITOR_REPORT.streams;
    const withCounts = (monitor: MonitorCounts): string => {
      const mpegts = { ...stream?.mpegts, monitor } as MpegtsReport;
      return renderText(
        { ...MONITOR_REPORT, streams: [{ ...stream, mpegts } as StreamReport] },
        { columns: 80, colour: false },
      );
    };
    const text = withCounts(MALFORMED_COUNTS).replaceAll(/\s+/g, " ");
    expect(text).toContain(
      "Malformed 6 sections (1 pointer_field, 2 section_length, 3 cut short), 2 table sections inside, 1 PES header",
    );
    expect(text).toContain("Not kept 5 sections, 4 programs or streams, 1,000 PCRs or PES packets");
    const none = withCounts({
      malformedSections: { pointerField: 0, sectionLength: 0, cut: 0, sectionNumber: 0 },
      malformedTables: 0,
      malformedPes: 0,
      tablesNotChecked: 0,
      sectionsIgnored: 9,
      sectionsEvicted: 0,
      referencesNotKept: 0,
      clocksNotMeasured: 0,
      tables: { subTables: 3, octets: 900 },
    });
    expect(none).not.toContain("Malformed");
    expect(none).not.toContain("Not kept");
  });

  test("names from the stream cannot steer the terminal", () => {
    const hostile = "\x1b[2J\u202e";
    const [stream, ...others] = MONITOR_REPORT.streams;
    if (stream?.mpegts === undefined) throw new Error("the sample has lost its part");
    const services = (stream.mpegts.services ?? []).map((service) => ({
      ...service,
      name: hostile,
      provider: hostile,
      components: service.components.map((one) => ({ ...one, codec: hostile, languages: [hostile] })),
    }));
    const pids = stream.mpegts.pids.map((pid) => ({ ...pid, codec: hostile }));
    const report: Report = {
      ...MONITOR_REPORT,
      streams: [{ ...stream, mpegts: { ...stream.mpegts, services, pids } }, ...others],
    };
    const text = renderText(report, { columns: 80, colour: false });
    for (const character of hostile.replace("[2J", "")) expect(text).not.toContain(character);
  });

  test("a file name cannot steer the terminal", () => {
    const report = { ...EMPTY_REPORT, input: { ...EMPTY_REPORT.input, name: "a\x1b[2J.pcap" } };
    expect(renderText(report, { columns: 80, colour: false })).toContain("a?[2J.pcap");
  });
});

test("JSON is exactly one document that the schema accepts", () => {
  const text = renderJson(FAULTY_REPORT);
  expect(text).toEndWith("}\n");
  expect(reportSchema.parse(JSON.parse(text))).toEqual(FAULTY_REPORT);
});
