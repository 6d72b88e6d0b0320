import { type ClockState, clockState } from "../../ffi/libc/clock-state.ts";
import type { SystemReport } from "../report/system-schema.ts";
import { cpuBetween, parseCpuTicks } from "./cpu.ts";
import { DiskMeter } from "./disks.ts";
import { readHost, wallTime } from "./host.ts";
import { InterfaceMeter } from "./interfaces.ts";
import { parseLoad, parseMemory } from "./memory.ts";
import { ProcFile } from "./proc-file.ts";
import { ProcessMeter } from "./threads.ts";

/** What is measured, and where the system tells of it. */
export interface SamplerOptions {
  /** Devices that are captured from. */
  readonly interfaces: readonly string[];
  /** Files and folders on the file systems that are written to. */
  readonly paths: readonly string[];
  /** Where /proc, /sys and /etc stand; `/` but in tests. */
  readonly root?: string;
  /** Stands in for adjtimex in tests. */
  readonly clock?: () => ClockState | null;
}

/** Figures of the machine and of this process. What the system does not tell is null or missing; nothing throws. */
export class SystemSampler {
  readonly #host: SystemReport["host"];
  readonly #stat: ProcFile;
  readonly #memory: ProcFile;
  readonly #load: ProcFile;
  readonly #process: ProcessMeter;
  readonly #interfaces: InterfaceMeter;
  readonly #disks: DiskMeter;
  readonly #clock: () => ClockState | null;
  #ticks: number[] | null = null;
  #atMs: number | null = null;

  constructor({ interfaces, paths, root = "/", clock = clockState }: SamplerOptions) {
    this.#host = readHost(root);
    this.#stat = new ProcFile(`${root}proc/stat`);
    this.#memory = new ProcFile(`${root}proc/meminfo`);
    this.#load = new ProcFile(`${root}proc/loadavg`);
    this.#process = new ProcessMeter(`${root}proc/self`);
    this.#interfaces = new InterfaceMeter(interfaces, root);
    this.#disks = new DiskMeter(paths);
    this.#clock = clock;
  }

  /** The figures now: rates are those since the call before. Free disk space is that of the last answer. */
  sample(nowMs: number = performance.now()): SystemReport {
    const intervalMs = this.#atMs === null ? null : nowMs - this.#atMs;
    const ticks = parseCpuTicks(this.#stat.read());
    const cpu = cpuBetween(this.#ticks, ticks);
    this.#atMs = nowMs;
    this.#ticks = ticks;
    const clock = this.#clock();
    return {
      time: wallTime(Date.now()),
      intervalMs: intervalMs === null || intervalMs <= 0 ? null : Math.round(intervalMs * 1000) / 1000,
      host: this.#host,
      cpu,
      load: parseLoad(this.#load.read()),
      memory: parseMemory(this.#memory.read()),
      process: this.#process.read(intervalMs),
      disks: this.#disks.reports,
      interfaces: this.#interfaces.read(),
      clock: clock === null ? null : { ...clock, status: [...clock.status] },
    };
  }

  /** Asks the file systems for their free space; the next sample has it. */
  refreshDisks(): Promise<void> {
    return this.#disks.refresh();
  }

  /** Gives the descriptors back. */
  close(): void {
    for (const file of [this.#stat, this.#memory, this.#load, this.#process, this.#interfaces]) file.close();
  }
}
