import { afterEach, expect, test } from "bun:test";
import { resetSync } from "@logtape/logtape";
import { EMPTY_REPORT, FAULTY_REPORT } from "../report/fixture.ts";
import type { Report } from "../report/schema.ts";
import type { LivePlan } from "./live-inputs.ts";
import { setUpLogging } from "./logging.ts";
import { SilenceWatch } from "./silence-watch.ts";

afterEach(resetSync);

const HEARD = { destination: "239.1.1.1", port: 5000, source: "" };
const SILENT = { destination: "ff3e::9", port: 5009, source: "" };

/** A watch over `plan`, a clock to set, and what it said. */
function bench(wanted: LivePlan["wanted"], silenceMs = 5000) {
  const lines: string[] = [];
  setUpLogging({ level: "info", format: "text", colour: false, write: (line) => void lines.push(line) });
  let nowMs = 100;
  const watch = new SilenceWatch(silenceMs, { inputs: [], wanted }, () => nowMs);
  return {
    lines,
    at(ms: number, report: Report): void {
      nowMs = 100 + ms;
      watch.look(report);
    },
  };
}

/** FAULTY_REPORT with `packets` in its first stream, which is HEARD. */
function withPackets(packets: number): Report {
  const [stream] = FAULTY_REPORT.streams;
  if (stream === undefined) throw new Error("the sample has lost its stream");
  return { ...FAULTY_REPORT, streams: [{ ...stream, destination: "239.1.1.1:5000", packets }] };
}

test("silence is told once, with what to check, and its end too", () => {
  const { lines, at } = bench([HEARD]);
  at(4999, EMPTY_REPORT);
  expect(lines).toEqual([]);
  at(5000, EMPTY_REPORT);
  at(9000, EMPTY_REPORT);
  expect(lines).toHaveLength(1);
  for (const word of ["No packet for 5 s", "device:", "membership:", "filter:", "permission:"]) {
    expect(lines[0]).toContain(word);
  }
  at(9500, withPackets(10));
  expect(lines[1]).toContain("Packets are coming again.");
  at(14_500, withPackets(10));
  expect(lines[2]).toContain("No packet for 5 s");
});

test("of several sources the one that sends nothing is named, once", () => {
  const { lines, at } = bench([HEARD, SILENT]);
  at(1000, withPackets(10));
  at(6000, withPackets(20));
  at(7000, withPackets(30));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("Nothing has come from [ff3e::9]:5009, unlike from the others.");
});

test("all sources send: nothing to say; a time of 0 asks for silence", () => {
  const heard = bench([HEARD]);
  heard.at(6000, withPackets(10));
  expect(heard.lines).toEqual([]);
  resetSync();
  const never = bench([HEARD, SILENT], 0);
  never.at(60_000, EMPTY_REPORT);
  never.at(61_000, withPackets(10));
  expect(never.lines).toEqual([]);
});
