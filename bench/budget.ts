/**
 * What a TS packet may cost, file by file, and what it does: `bun bench/budget.ts [--datagrams N] [--runs N]`.
 *
 * The whole pipeline (savefile, headers, flow, analyser with all its measurements, report) runs over a capture in one
 * thread, in turn with ffprobe over the same packets. Then it runs under the profiler, and each file's own time is
 * set against its budget. All budgets together are 142 ns, which is 7 million packets a second. A table to look at:
 * nothing fails. Other work on the machine shows in all rows alike: compare with ffprobe's.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { BudgetRun } from "./lib/budget-run.ts";
import { measure, median } from "./lib/measure.ts";
import { type Budget, byBudget, NATIVE, selfTimes } from "./lib/profile.ts";
import { table } from "./lib/table.ts";
import { BENCH_CACHE, type BenchCapture, makeCapture } from "./make-capture.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url).href);
const RUNNER = `${ROOT}bench/lib/budget-run.ts`;

/** Runs before those that count: the code is not compiled yet. */
const WARM_UP = 1;

const BUDGETS: readonly Budget[] = [
  { name: "capture: savefile, batches", paths: ["src/capture/"], nsPerPacket: 8 },
  { name: "net: headers", paths: ["src/net/"], nsPerPacket: 4 },
  { name: "flow: table, detection, pipeline", paths: ["src/flow/"], nsPerPacket: 12 },
  {
    name: "network: arrival, MDI, jitter",
    paths: ["arrival.ts", "mdi.ts", "rtp-jitter.ts", "network.ts", "fec2022.ts"]
      .map((file) => `src/flow/${file}`)
      .concat("src/report/histogram.ts"),
    nsPerPacket: 5,
  },
  { name: "mpegts: judge", paths: ["src/mpegts/judge.ts"], nsPerPacket: 15 },
  { name: "mpegts: monitor", paths: ["src/mpegts/monitor.ts"], nsPerPacket: 5 },
  { name: "mpegts: framing and the rest", paths: ["src/mpegts/"], nsPerPacket: 4 },
  { name: "mpegts/psi: sections, tables", paths: ["src/mpegts/psi/"], nsPerPacket: 6 },
  { name: "mpegts/tr101290: indicators", paths: ["src/mpegts/tr101290/"], nsPerPacket: 15 },
  { name: "mpegts/timing: PCR, PTS", paths: ["src/mpegts/timing/"], nsPerPacket: 6 },
  { name: "mpegts/tstd: buffers", paths: ["src/mpegts/tstd/"], nsPerPacket: 10 },
  { name: "mpegts/rates", paths: ["src/mpegts/rates/"], nsPerPacket: 3 },
  { name: "all other files", paths: [""], nsPerPacket: 4 },
  { name: "reading the file, runtime, compiler", paths: [NATIVE], nsPerPacket: 45 },
];

/** Runs the pipeline over the capture in a process of its own. */
async function pipeline(capture: BenchCapture, times: number, flags: string[] = []): Promise<BudgetRun[]> {
  const { stdout } = await measure([
    process.execPath,
    ...flags,
    RUNNER,
    capture.pcap,
    String(WARM_UP + times),
  ]);
  const runs: BudgetRun[] = JSON.parse(stdout);
  for (const { packets } of runs) {
    if (packets !== capture.packets) throw new Error(`${packets} TS packets counted of ${capture.packets}`);
  }
  return runs;
}

/** The pipeline and ffprobe in turn: M packets a second, each the median of its runs. */
async function whole(capture: BenchCapture, rounds: number): Promise<string> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const ffprobe = ["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets"];
  for (let round = 0; round < rounds; round++) {
    ours.push(...(await pipeline(capture, 2)).slice(WARM_UP).map(({ ns }) => ns));
    if (Bun.which("ffprobe") !== null) {
      theirs.push((await measure([...ffprobe, "-of", "csv", capture.ts])).wallSeconds * 1e9);
    }
  }
  const row = (name: string, ns: readonly number[]): string[] => {
    const each = median(ns) / capture.packets;
    return [name, each.toFixed(1), (1000 / each).toFixed(2)];
  };
  const rows = [row("rscap, whole pipeline, savefile", ours)];
  if (theirs.length > 0) rows.push(row("ffprobe -count_packets, .ts file", theirs));
  const title = `### ${capture.packets} TS packets, in turn, median of ${rounds}`;
  return table(title, ["tool", "ns a packet", "M TS packets/s"], rows);
}

/** Each file's own time against its budget. */
async function files(capture: BenchCapture, runs: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "rscap-budget-"));
  try {
    const flags = ["--cpu-prof", "--cpu-prof-interval=250", `--cpu-prof-dir=${folder}`, "--cpu-prof-name=it"];
    const counted = await pipeline(capture, runs, flags);
    const times = selfTimes(await Bun.file(join(folder, "it")).json(), ROOT);
    const packets = counted.reduce((sum, run) => sum + run.packets, 0);
    const spent = byBudget(times, BUDGETS);
    const ns = (name: string): number => ((spent.get(name) ?? 0) * 1000) / packets;
    const rows = BUDGETS.map(({ name, nsPerPacket }) => [
      name,
      ns(name).toFixed(1),
      String(nsPerPacket),
      ns(name) > nsPerPacket ? "OVER" : "",
    ]);
    const all = [...spent.keys()].reduce((sum, name) => sum + ns(name), 0);
    const budget = BUDGETS.reduce((sum, { nsPerPacket }) => sum + nsPerPacket, 0);
    rows.push(["all", all.toFixed(1), String(budget), all > budget ? "OVER" : ""]);
    const title = `### Own time by files, ns a TS packet, ${counted.length} runs under the profiler, start included`;
    return table(title, ["files", "spent", "budget", ""], rows);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { values } = parseArgs({
  options: { datagrams: { type: "string", default: "600000" }, runs: { type: "string", default: "5" } },
});
const capture = makeCapture(Number(values.datagrams), BENCH_CACHE);
process.stdout.write(`${await whole(capture, Number(values.runs))}\n`);
process.stdout.write(`${await files(capture, Number(values.runs))}\n`);
