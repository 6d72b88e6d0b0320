import { readdirSync } from "node:fs";
import type { ProcessReport } from "../report/system-schema.ts";
import { kibLine } from "./memory.ts";
import { ProcFile } from "./proc-file.ts";

/** Threads that are looked at; those of the runtime are a dozen. */
const MOST_THREADS = 64;

/** USER_HZ, in which the kernel tells programs of CPU time: the same on every machine that Bun runs on. */
const TICKS_PER_SECOND = 100;

/** Columns of /proc/PID/stat counted from the state, which follows the name (proc(5) counts it as 3). */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** Name and CPU time of one thread; null where `text` is no /proc/PID/stat. The name may hold anything. */
export function parseThreadStat(text: string | null): { name: string; cpuSeconds: number } | null {
  const match = /^\d+ \(([\s\S]*)\) (\S [-\d ]+)\s*$/.exec(text ?? "");
  if (match === null) return null;
  const fields = (match[2] ?? "").split(" ");
  const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]);
  return Number.isNaN(ticks) ? null : { name: match[1] ?? "", cpuSeconds: ticks / TICKS_PER_SECOND };
}

/** This process: its CPU time, thread by thread, and its memory. */
export class ProcessMeter {
  readonly #root: string;
  readonly #status: ProcFile;
  readonly #stat: ProcFile;
  readonly #threads = new Map<string, ProcFile>();
  #before = new Map<string, number>();
  #totalBefore: number | null = null;

  /** `root` is where the process stands, /proc/self but in tests. */
  constructor(root = "/proc/self") {
    this.#root = root;
    this.#status = new ProcFile(`${root}/status`);
    this.#stat = new ProcFile(`${root}/stat`);
  }

  /** The figures now; `intervalMs` has passed since those before, null at the first. */
  read(intervalMs: number | null): ProcessReport {
    const status = this.#status.read();
    const total = parseThreadStat(this.#stat.read())?.cpuSeconds ?? runtimeCpuSeconds();
    const report: ProcessReport = {
      pid: process.pid,
      cpuPercent: percentOfCore(this.#totalBefore, total, intervalMs),
      cpuSeconds: total,
      residentBytes: kibLine(status, "VmRSS"),
      peakResidentBytes: kibLine(status, "VmHWM"),
      threads: this.#readThreads(intervalMs),
    };
    this.#totalBefore = total;
    return report;
  }

  /** Gives the descriptors back. */
  close(): void {
    for (const file of [this.#status, this.#stat, ...this.#threads.values()]) file.close();
    this.#threads.clear();
  }

  #readThreads(intervalMs: number | null): ProcessReport["threads"] {
    this.#followThreads();
    const byName = new Map<string, { count: number; cpuSeconds: number; spent: number }>();
    const seconds = new Map<string, number>();
    for (const [id, file] of this.#threads) {
      const stat = parseThreadStat(file.read());
      if (stat === null) continue;
      seconds.set(id, stat.cpuSeconds);
      const sum = byName.get(stat.name) ?? { count: 0, cpuSeconds: 0, spent: 0 };
      sum.count++;
      sum.cpuSeconds += stat.cpuSeconds;
      sum.spent += stat.cpuSeconds - (this.#before.get(id) ?? 0);
      byName.set(stat.name, sum);
    }
    this.#before = seconds;
    return [...byName].map(([name, { count, cpuSeconds, spent }]) => ({
      name,
      count,
      cpuPercent: percentOfCore(0, Math.max(0, spent), intervalMs),
      cpuSeconds: Math.round(cpuSeconds * TICKS_PER_SECOND) / TICKS_PER_SECOND,
    }));
  }

  /** Opens the files of threads that are new, closes those of threads that have ended. */
  #followThreads(): void {
    let ids: string[];
    try {
      ids = readdirSync(`${this.#root}/task`).slice(0, MOST_THREADS);
    } catch {
      ids = [];
    }
    const here = new Set(ids);
    for (const [id, file] of this.#threads) {
      if (here.has(id)) continue;
      file.close();
      this.#threads.delete(id);
    }
    for (const id of ids) {
      if (!this.#threads.has(id)) this.#threads.set(id, new ProcFile(`${this.#root}/task/${id}/stat`));
    }
  }
}

/** What the runtime counts by itself, where /proc does not tell. */
function runtimeCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU time as a share of one core; null without an earlier figure. */
function percentOfCore(before: number | null, now: number, intervalMs: number | null): number | null {
  if (before === null || intervalMs === null || intervalMs <= 0) return null;
  return Math.max(0, Math.round(((now - before) / intervalMs) * 1e7) / 100);
}
