/**
 * The indicators of TR 101 290 on real streams: what a row counts is what the analyser counts beside it, and
 * without times no timer runs out.
 */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { TsAnalyser } from "../../src/mpegts/analyser.ts";
import { profileLimits } from "../../src/mpegts/tr101290/limits.ts";
import { needsShared, testWith } from "../helpers/skip.ts";
import { sharedData } from "../shared-data.ts";

const folder = sharedData("ts");
const streams = folder === null ? [] : readdirSync(folder).filter((name) => name.endsWith(".ts"));
/** Rows that need no times of arrival: those of the T-STD go by the PCRs. */
const TIMELESS = new Set([
  "1.1",
  "1.2",
  "1.3",
  "1.3.a",
  "1.4",
  "1.5",
  "1.5.a",
  "2.1",
  "2.2",
  "2.3",
  "2.3.b",
  "2.6",
  "3.3",
  "3.9",
  "3.10",
]);
const FOREIGN_TABLES = new Set(["3.1", "3.1.a", "3.5", "3.5.a", "3.6", "3.6.a", "3.7", "3.8"]);

function analyse(octets: Uint8Array) {
  const ts = new TsAnalyser({
    stream: 0,
    output: null,
    passIllegal: false,
    dropNull: false,
    release() {},
    clock: "none",
    monitor: { limits: profileLimits("dvb"), decoderModel: true, tables: false, series: false },
  });
  const step = 70 * 188;
  for (let off = 0; off < octets.length; off += step) {
    ts.chunk(octets, off, Math.min(step, octets.length - off), Number.NaN);
    ts.bufferEnd();
  }
  ts.end();
  return ts.report();
}

describe("TR 101 290 on real streams, without times", () => {
  testWith(needsShared("ts"), "there are streams", () => {
    expect(streams.length).toBeGreaterThan(15);
  });

  for (const name of streams) {
    test(name, () => {
      const report = analyse(readFileSync(`${folder}/${name}`));
      const rows = report.tr101290 ?? [];
      const count = (number: string) => rows.find((row) => row.number === number)?.count;
      expect(rows).toHaveLength(34);
      expect(count("1.1")).toBe(report.syncLosses);
      expect(count("1.2")).toBe(report.illegal.syncByte);
      expect(count("1.4")).toBe(report.continuity.errors);
      expect(count("2.1")).toBe(report.illegal.transportError);
      const errors = rows.filter(({ state }) => state === "error");
      expect(errors.filter(({ number }) => !TIMELESS.has(number) && !FOREIGN_TABLES.has(number))).toEqual([]);
      expect(errors.every(({ first, last }) => first === null && last === null)).toBe(true);
    });
  }
});
