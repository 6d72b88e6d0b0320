import { describe, expect, test } from "bun:test";
import { clientProgressLine, fileProgressLine } from "./progress.ts";

const file = { name: "a.pcap", doneOctets: 250, totalOctets: 1000, packets: 1234, elapsedMs: 10_000 };
const client = { target: "capture.ts", packets: 7000, bytes: 1_316_000, bitrate: 5e6, streams: 1, gaps: 0 };

describe("progress of a file", () => {
  test("bar, part, frames and the time that is left", () => {
    expect(fileProgressLine(file, 80)).toBe(
      "[######..................]  25 %  1,234 frames  30 s left  a.pcap",
    );
    expect(fileProgressLine({ ...file, doneOctets: 1000 }, 80)).toBe(
      "[########################] 100 %  1,234 frames  a.pcap",
    );
    expect(fileProgressLine({ ...file, doneOctets: 0 }, 80)).toContain("  0 %");
    expect(fileProgressLine({ ...file, doneOctets: 2000 }, 80)).toContain("100 %");
  });

  test("without a known length, and on a narrow terminal", () => {
    expect(fileProgressLine({ ...file, name: "-", totalOctets: 0 }, 80)).toBe("-  250 B  1,234 frames");
    expect(fileProgressLine(file, 50)).toBe(" 25 %  1,234 frames  30 s left  a.pcap");
    for (let columns = 1; columns < 90; columns++) {
      expect(Bun.stringWidth(fileProgressLine(file, columns))).toBeLessThanOrEqual(columns);
    }
  });
});

describe("progress of a client", () => {
  test("what is written, how fast, and whether anything is missing", () => {
    expect(clientProgressLine(client, 80)).toBe(
      "capture.ts  5.000 Mb/s  1.316 MB  7,000 TS packets  1 stream  no gap",
    );
    expect(clientProgressLine({ ...client, gaps: 3, bitrate: null }, 80)).toContain("3 messages missing");
    expect(Bun.stringWidth(clientProgressLine(client, 20))).toBe(20);
  });
});
