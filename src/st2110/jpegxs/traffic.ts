import type { FindingCounter } from "../../report/finding.ts";
import type { JxsTrafficReport } from "../../report/st2110-jpegxs-schema.ts";
import type { Epoch } from "../../report/time.ts";
import type { TimestampQuality } from "../analyser.ts";
import { Cinst } from "../timing21/cinst.ts";
import { taiOffsetSeconds } from "../timing21/rtp-time.ts";
import { type Schedule, scheduleOf, type TimingFormat } from "../timing21/schedule.ts";
import type { TimingCounters } from "../timing21/timing-counters.ts";
import { conclusive, qualityText, type SenderType } from "../timing21/verdict.ts";
import { JXS_CLOCK_HZ } from "./frame-rate.ts";

/** What traffic is measured by. */
export interface TrafficOptions {
  readonly epoch: Epoch;
  readonly quality: TimestampQuality;
}

/** The same, and where findings count. */
export interface TrafficInputs extends TrafficOptions {
  readonly counters: TimingCounters;
}

const TYPES: readonly SenderType[] = ["N", "NL", "W"];

/**
 * Traffic shape of compressed video: Cinst of ST 2110-21, which ST 2110-22 takes over with its limits. VRX does not
 * apply, so that a type is only what the network model allows.
 */
export class JxsTraffic {
  readonly #schedule: Schedule;
  readonly #quality: TimestampQuality;
  readonly #cinst: Cinst;
  readonly #name: string;
  readonly #limit: number;
  readonly #over: FindingCounter;

  /** Of a stream of this format whose RTP `timestamp` arrived at `timeNs`. */
  constructor(format: TimingFormat, timestamp: number, timeNs: number, inputs: TrafficInputs) {
    const { epoch, quality, counters } = inputs;
    const schedule = scheduleOf(format);
    const offsetSeconds = offsetOf(timestamp, timeNs, epoch);
    this.#name = nameOf(format, offsetSeconds);
    this.#schedule = schedule;
    this.#quality = quality;
    this.#cinst = new Cinst(schedule.drain, epoch, offsetSeconds);
    this.#limit = Math.max(...TYPES.map((type) => this.#cinstMax(type) ?? 0));
    this.#over = counters.of(conclusive("W", schedule, quality)).cinst;
  }

  /** True when a stream of this format, whose `timestamp` arrived at `timeNs`, is measured in the same way. */
  fits(format: TimingFormat, timestamp: number, timeNs: number, { epoch }: TrafficOptions): boolean {
    return this.#name === nameOf(format, offsetOf(timestamp, timeNs, epoch));
  }

  /** A packet at `timeNs`; NaN measures nothing. */
  packet(timeNs: number): void {
    if (!Number.isNaN(timeNs) && this.#cinst.packet(timeNs) > this.#limit) this.#over.hit(timeNs);
  }

  /** The times start anew. */
  restart(): void {
    this.#cinst.restart();
  }

  /** What was measured. */
  report(): JxsTrafficReport {
    const { levels } = this.#cinst;
    const peak = levels.count === 0 ? null : levels.max;
    return {
      timestamps: qualityText(this.#quality),
      peak,
      mean: levels.mean,
      levels: levels.list().map(({ level, count }) => ({ level, count })),
      types: TYPES.map((type) => {
        const max = this.#cinstMax(type);
        return {
          type,
          cinstMax: max,
          within: peak === null ? null : max !== null && peak <= max,
          conclusive: peak !== null && conclusive(type, this.#schedule, this.#quality),
        };
      }),
    };
  }

  /** CMAX of a type; null where the type is not allowed. */
  #cinstMax(type: SenderType): number | null {
    const { narrow, narrowLinear, wide, wideAllowed } = this.#schedule;
    if (type === "W" && !wideAllowed) return null;
    return { N: narrow, NL: narrowLinear, W: wide }[type].cinstMax;
  }
}

function offsetOf(timestamp: number, timeNs: number, epoch: Epoch): number {
  return taiOffsetSeconds(epoch, timeNs, timestamp, JXS_CLOCK_HZ) ?? 0;
}

function nameOf({ height, scan, rate, packets }: TimingFormat, offsetSeconds: number): string {
  return [height, scan, rate.num, rate.den, packets, offsetSeconds].join(" ");
}
