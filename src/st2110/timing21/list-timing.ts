import type { ListTimingReport } from "../../report/st2110-video-schema.ts";
import type { Epoch } from "../../report/time.ts";
import { LevelCounts } from "./counts.ts";
import { epochNs } from "./epoch-time.ts";
import { toNumber } from "./rational.ts";
import type { Schedule } from "./schedule.ts";

/** Least, mean and most of a figure. */
class Range {
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    this.#count += 1;
    this.#sum += value;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  report(
    mean: (value: number) => number = (value) => value,
  ): { min: number; avg: number; max: number } | null {
    return this.#count === 0 ? null : { min: this.#min, avg: mean(this.#sum / this.#count), max: this.#max };
  }
}

/** TDRAIN's factor. */
const BETA = 1.1;
const CLOCK_HZ = 90_000;
const WRAP = 2 ** 32;

/**
 * ST 2110-21 as EBU LIST 2.1.0 computes it, so that our figures can be laid beside that tool's. It differs from the
 * standard: the drain starts at the first packet and the packet that comes is not counted; T and N are of fields;
 * VRX begins anew in each field, with reads before the first truncated toward zero; times are float64 of all
 * nanoseconds (steps of 256) or seconds (steps of 238 ns) since 1970; the first field is left out.
 */
export class ListTiming {
  readonly #epoch: Epoch;
  readonly #schedule: Schedule;
  readonly #periodSeconds: number;
  readonly #periodNs: number;
  readonly #stepNs: number;
  readonly #drainNs: number;
  readonly #offsetNs: number;
  readonly #cinst = new LevelCounts();
  readonly #vrx = new LevelCounts();
  readonly #tro = new Range();
  readonly #latency = new Range();
  readonly #ticks = new Range();
  readonly #gap = new Range();
  #firstNs = Number.NaN;
  #lastNs = Number.NaN;
  #level = 0;
  #drained = 0;
  #fields = 0;
  #packet = 0;
  /** First read time of the field. */
  #datumNs = 0;

  constructor(schedule: Schedule, epoch: Epoch) {
    this.#epoch = epoch;
    this.#schedule = schedule;
    const { format } = schedule;
    const fields = format.scan === "progressive" ? 1 : 2;
    this.#periodSeconds = Number(format.rate.den) / (Number(format.rate.num) * fields);
    this.#periodNs = this.#periodSeconds * 1e9;
    this.#stepNs = toNumber(schedule.gappedStep);
    this.#drainNs = toNumber(schedule.period) / format.packets / BETA;
    this.#offsetNs = Math.round(toNumber(schedule.offset));
  }

  /** A frame or field begins at `timeNs`, which is given to `packet` next. */
  start(rtpTimestamp: number, timeNs: number): void {
    if (timeNs >= this.#lastNs) this.#gap.add(timeNs - this.#lastNs);
    this.#fields += 1;
    this.#packet = 0;
    const baseNs = Math.floor(timeNs);
    const sinceNs = epochNs(this.#epoch, 0, baseNs);
    const startNs = Math.trunc(Math.floor(Number(sinceNs) / this.#periodNs) * this.#periodNs);
    const troNs = Number(sinceNs - BigInt(startNs));
    this.#datumNs = baseNs - troNs + this.#offsetNs;
    if (this.#fields === 1) return;
    this.#tro.add(troNs);
    const seconds = Number(sinceNs) / 1e9;
    const startTicks = Math.floor(seconds / this.#periodSeconds) * this.#periodSeconds * CLOCK_HZ;
    // Signed, as both wrap at 2^32.
    const ticks = (rtpTimestamp - (Math.round(startTicks) % WRAP)) | 0;
    this.#ticks.add(ticks);
    this.#latency.add(Math.round((seconds - (startTicks + ticks) / CLOCK_HZ) * 1e9));
  }

  /** Any packet. */
  packet(timeNs: number): void {
    this.#lastNs = timeNs;
    if (Number.isNaN(this.#firstNs)) this.#firstNs = timeNs;
    const drained = Math.floor((timeNs - this.#firstNs) / this.#drainNs);
    this.#level = Math.max(0, this.#level - (drained - this.#drained));
    this.#drained = drained;
    this.#cinst.add(this.#level);
    this.#level += 1;
    this.#packet += 1;
    if (this.#fields < 2) return;
    this.#vrx.add(this.#packet - Math.trunc((timeNs - this.#datumNs) / this.#stepNs + 1));
  }

  /** The figures as that tool names them. */
  report(): ListTimingReport {
    return {
      fields: Math.max(0, this.#fields - 1),
      cinst: percentages(this.#cinst),
      vrx: percentages(this.#vrx),
      trsNs: toNumber(this.#schedule.gappedStep),
      troDefaultNs: this.#offsetNs,
      troNs: this.#tro.report(Math.trunc),
      packetTsVsRtpTsNs: this.#latency.report(),
      rtpTsVsNtTicks: this.#ticks.report(),
      // To ten nanoseconds, as printed there.
      afterMarkerNs: this.#gap.report((mean) => Math.round(mean / 10) * 10),
    };
  }
}

/** That tool counts percentages in float32. */
function percentages(levels: LevelCounts): [number, number][] {
  return levels.list().map(({ level, count }) => [level, Math.fround((count * 100) / levels.count)]);
}
