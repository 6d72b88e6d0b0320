import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judge } from "../fixtures/lib/oracle.ts";
import { BENCH_PIDS, makeCapture } from "./make-capture.ts";

const folder = mkdtempSync(join(tmpdir(), "rscap-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the bench's capture and its transport stream hold the same, faultless packets", () => {
  const { pcap, ts, packets } = makeCapture(500, folder);
  const stream = readFileSync(ts);
  expect(stream.length).toBe(packets * 188);
  expect(statSync(pcap).size).toBe(24 + 500 * (16 + 42 + 1316));
  const savefile = readFileSync(pcap);
  for (let i = 0; i < 500; i++) {
    const at = 24 + i * (16 + 42 + 1316) + 16 + 42;
    expect(savefile.subarray(at, at + 1316).equals(stream.subarray(i * 1316, (i + 1) * 1316))).toBe(true);
  }
  const truth = judge(Array.from({ length: packets }, (_, i) => stream.subarray(i * 188, (i + 1) * 188)));
  expect(truth.errors).toBe(0);
  expect(truth.pids.map(({ pid }) => pid)).toEqual([...BENCH_PIDS].sort((a, b) => a - b));
});

test("a capture that stands there already is not made again", () => {
  const { pcap } = makeCapture(500, folder);
  const { mtimeMs } = statSync(pcap);
  makeCapture(500, folder);
  expect(statSync(pcap).mtimeMs).toBe(mtimeMs);
});
