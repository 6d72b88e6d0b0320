import { describe, expect, test } from "bun:test";
import {
  CLEAN_STREAM,
  EMPTY_REPORT,
  FAULTY_REPORT,
  FAULTY_STREAM,
  STOPPED_STREAM,
} from "../report/fixture.ts";
import { MONITOR_REPORT } from "../report/fixture-monitor.ts";
import type { Report } from "../report/schema.ts";
import { liveLines, streamLogLine } from "./live.ts";
import { streamState } from "./stream-facts.ts";
import { renderText } from "./text.ts";

const terminal = { columns: 80, rows: 24, colour: false };

describe("live view", () => {
  test("head with kernel drops, titles, one line a stream", () => {
    expect(liveLines(FAULTY_REPORT, terminal)).toEqual([
      "eth1 (ring)  13,346 frames  kernel drops 5  1 subscriber",
      "stream                      kind     bit rate 123  cont.   lost illegal state",
      "239.1.1.1-5000-v123         TS/RTP 4.963 Mb/s          4      3      15 errors",
      "239.1.1.2-5000              TS/UDP 10.00 Mb/s          0      -       0 ok",
      "ff3e__8000_1-6000           UDP         0 b/s          -      -       - stopped",
    ]);
  });

  test("connections that were refused stand in the head", () => {
    const { published } = FAULTY_REPORT;
    if (published === undefined) throw new Error("the fixture publishes");
    const report: Report = { ...FAULTY_REPORT, published: { ...published, failedConnections: 3 } };
    expect(liveLines(report, terminal)[0]).toEndWith("  1 subscriber  3 refused");
    expect(renderText(report, { columns: 80, colour: false })).toContain(
      "Refused     3 connections, in the handshake",
    );
  });

  test("short names leave room for the packets", () => {
    const lines = liveLines({ ...FAULTY_REPORT, streams: [CLEAN_STREAM] }, terminal);
    expect(lines[1]).toBe("stream            kind     bit rate 123   packets  cont.   lost illegal state");
    expect(lines[2]).toBe("239.1.1.2-5000    TS/UDP 10.00 Mb/s         1,000      0      -       0 ok");
  });

  test("a lamp for each priority, and where there is room for each indicator", () => {
    const roomy = liveLines(MONITOR_REPORT, terminal);
    expect(roomy[2]).toContain(" XXX ");
    expect(roomy[3]).toBe("    P1 + 1.1    + 1.2    + 1.3    + 1.3.a  X 1.4    + 1.5    + 1.5.a  + 1.6");
    expect(roomy.length).toBeLessThan(terminal.rows);
    const tight = liveLines(MONITOR_REPORT, { ...terminal, rows: 11 });
    expect(tight).toHaveLength(5);
    expect(tight[2]).toContain(" XXX ");
    const coloured = liveLines(MONITOR_REPORT, { ...terminal, colour: true });
    expect(coloured[3]).toContain("\x1b[31mX 1.4\x1b[39m");
    expect(coloured.map((line) => Bun.stripANSI(line))).toEqual(roomy);
    for (let columns = 34; columns <= 120; columns++) {
      for (const line of liveLines(MONITOR_REPORT, { ...terminal, columns, rows: 60 })) {
        expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  test("a narrow terminal loses the least important columns first", () => {
    const titles = (columns: number): string => liveLines(FAULTY_REPORT, { ...terminal, columns })[1] ?? "";
    expect(titles(75)).not.toContain("packets");
    expect(titles(75)).toContain("illegal");
    expect(titles(60)).not.toContain("kind");
    expect(titles(34)).not.toContain("cont.");
    expect(titles(34)).toContain("state");
  });

  test("no line is wider than the terminal, down to 34 columns", () => {
    for (let columns = 34; columns <= 200; columns++) {
      for (const line of liveLines(FAULTY_REPORT, { ...terminal, columns })) {
        expect(Bun.stringWidth(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  test("of more streams than rows those in trouble are shown, the others counted", () => {
    const clean = Array.from({ length: 50 }, (_, i) => ({ ...CLEAN_STREAM, id: `239.1.2.${i}-5000` }));
    const report: Report = { ...FAULTY_REPORT, streams: [...clean, FAULTY_STREAM, STOPPED_STREAM] };
    const lines = liveLines(report, { ...terminal, rows: 10 });
    expect(lines).toHaveLength(10);
    expect(lines[2]).toContain(FAULTY_STREAM.id);
    expect(lines[3]).toContain(STOPPED_STREAM.id);
    expect(lines[9]).toBe("and 45 more streams, 0 of them not ok");
  });

  test("a figure too wide for its column loses digits, not its neighbours", () => {
    const stream = { ...CLEAN_STREAM, packets: 123_456_789_012 };
    const lines = liveLines({ ...FAULTY_REPORT, streams: [stream] }, terminal);
    expect(lines[2]).toContain("123456M");
    expect(Bun.stringWidth(lines[2] ?? "")).toBeLessThanOrEqual(80);
  });

  test("colour marks what is bad", () => {
    const lines = liveLines(FAULTY_REPORT, { ...terminal, colour: true });
    expect(lines[0]).toStartWith("\x1b[31m");
    expect(lines[3]).toContain("\x1b[32mok");
    expect(lines.map((line) => Bun.stripANSI(line))).toEqual(liveLines(FAULTY_REPORT, terminal));
  });

  test("before the first packet it says that it waits", () => {
    expect(liveLines(EMPTY_REPORT, terminal).at(-1)).toBe("waiting for the first packet");
    const waitingFor = ["239.1.1.9:5009", "239.1.1.8:5008"];
    const silent = "nothing yet from 239.1.1.9:5009, 239.1.1.8:5008";
    expect(liveLines(EMPTY_REPORT, { ...terminal, waitingFor }).at(-1)).toBe(silent);
    expect(liveLines(FAULTY_REPORT, { ...terminal, waitingFor }).at(-1)).toBe(silent);
  });

  test("with push the head shows the queue", () => {
    const published = FAULTY_REPORT.published;
    if (published === undefined) throw new Error("the sample has lost its part");
    const report: Report = { ...FAULTY_REPORT, published: { ...published, transport: "push", queued: 7 } };
    expect(liveLines(report, terminal)[0]).toContain("queue 7 of 1,000");
  });
});

test("the log line of a stream", () => {
  expect(streamLogLine(FAULTY_REPORT, FAULTY_STREAM)).toBe(
    "239.1.1.1-5000-v123 TS/RTP 4.963 Mb/s, 12,345 packets, continuity errors 4, illegal 15, lost 3, kernel drops 5: errors",
  );
  expect(streamLogLine(FAULTY_REPORT, STOPPED_STREAM)).toContain(
    "UDP 0 b/s, 1 packet, kernel drops 5: stopped",
  );
});

test("the state is the worst that is true; a file that ends has not stopped", () => {
  const warning: Report = {
    ...FAULTY_REPORT,
    findings: FAULTY_REPORT.findings.filter((finding) => finding.severity === "warning"),
  };
  expect(streamState(warning, FAULTY_STREAM)).toBe("warnings");
  expect(streamState(FAULTY_REPORT, CLEAN_STREAM)).toBe("ok");
  expect(streamState(FAULTY_REPORT, { ...CLEAN_STREAM, active: false })).toBe("stopped");
  expect(streamState(FAULTY_REPORT, { ...CLEAN_STREAM, active: false, transport: "file" })).toBe("ok");
});
