import { readdirSync, readFileSync } from "node:fs";
import { spawn } from "bun";
import { rscapCommand } from "../../tests/helpers/run.ts";

/** What one run of a program cost. */
export interface Cost {
  readonly wallSeconds: number;
  /** User and system time of all its threads and children. */
  readonly cpuSeconds: number;
  /** Most resident memory, octets. */
  readonly maxRssBytes: number;
  readonly stdout: string;
}

/** Runs a program to its successful end and returns what it cost. */
export async function measure(command: readonly string[]): Promise<Cost> {
  const startMs = performance.now();
  const child = spawn([...command], { stdout: "pipe", stderr: "pipe", stdin: "ignore" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const wallSeconds = (performance.now() - startMs) / 1000;
  if (child.exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${child.exitCode}: ${stderr}`);
  const usage = child.resourceUsage();
  return {
    wallSeconds,
    cpuSeconds: Number(usage?.cpuTime.total ?? 0n) / 1e6,
    maxRssBytes: usage?.maxRSS ?? 0,
    stdout,
  };
}

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Clock ticks a second in /proc (USER_HZ), 100 on every Linux that matters. */
const USER_HZ = 100;

/** User and system seconds of a stat file (proc(5), fields 14 and 15). */
function statSeconds(path: string): number {
  const stat = readFileSync(path, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / USER_HZ;
}

/** User and system seconds that a process and all its threads have used so far. */
export function processCpuSeconds(pid: number): number {
  return statSeconds(`/proc/${pid}/stat`);
}

/** The same by thread name; threads of one name are added up. */
export function threadCpuSeconds(pid: number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    const name = readFileSync(`${folder}/comm`, "utf8").trim();
    sums.set(name, (sums.get(name) ?? 0) + statSeconds(`${folder}/stat`));
  }
  return sums;
}

/** Resident memory of a process, octets (proc(5), VmRSS). */
export function processRssBytes(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib ?? 0) * 1024;
}

/** Which rscap is measured, in words. */
export function whichRscap(): string {
  return process.env.RSCAP_BIN ? `executable ${process.env.RSCAP_BIN}` : `source (${rscapCommand().at(-1)})`;
}
