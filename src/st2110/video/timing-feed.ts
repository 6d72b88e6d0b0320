import type { ListTimingReport, Timing21Report } from "../../report/st2110-video-schema.ts";
import { ListTiming } from "../timing21/list-timing.ts";
import { taiOffsetSeconds } from "../timing21/rtp-time.ts";
import { scheduleOf, type TimingFormat } from "../timing21/schedule.ts";
import { Timing21, type TimingOptions, VIDEO_CLOCK_HZ } from "../timing21/timing.ts";

/** What happened: a packet, or one that begins a frame or its second field, or (with no packet) the end of a frame. */
const STEP = { packet: 0, frame: 1, secondField: 2, end: 3, brokenEnd: 4 } as const;

/** Packets that are kept until the format is known: four frames of 8K. */
const MOST_KEPT = 2 ** 18;

/** Frames between looks at whether capture and sender are still of the same clocks. */
const CLOCK_CHECK_FRAMES = 25;

/** How the feed measures. */
export interface FeedOptions extends Omit<TimingOptions, "offsetSeconds" | "changes"> {
  /** Also measure as EBU LIST does. */
  readonly list: boolean;
}

/**
 * Gives packets to the timing analysis. NP and T are only known after a frame or two, and no packet is to go unjudged: until
 * then their times are kept (17 octets each, MOST_KEPT of them).
 */
export class TimingFeed {
  timing: Timing21 | null = null;
  list: ListTiming | null = null;
  readonly #options: FeedOptions;
  #steps = new Uint8Array(1024);
  #times = new Float64Array(1024);
  #lost = new Uint32Array(1024);
  #stamps = new Uint32Array(1024);
  #kept = 0;
  /** Index of the last packet in its frame. */
  #j = -1;
  #packets = 0;
  #offsetSeconds: number | null = null;
  /** What another look has said of it once; undefined when the last look agreed. */
  #otherOffset: number | null | undefined;
  #frames = 0;
  #changes = 0;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** A packet that begins a frame, or its second field; `lost` packets are missing right before. */
  start(second: boolean, rtpTimestamp: number, lost: number, timeNs: number): void {
    this.#take(second ? STEP.secondField : STEP.frame, timeNs, lost, rtpTimestamp);
  }

  /** Any other packet. */
  packet(lost: number, timeNs: number): void {
    const { timing } = this;
    if (timing === null) {
      this.#take(STEP.packet, timeNs, lost, 0);
      return;
    }
    this.#j += lost + 1;
    timing.packet(this.#j, timeNs);
    this.list?.packet(timeNs);
  }

  /** The frame is over. */
  end(complete: boolean): void {
    this.#take(complete ? STEP.end : STEP.brokenEnd, 0, 0, 0);
  }

  /** The format is known: judges what was kept, and from now on at once. */
  begin(format: TimingFormat): void {
    const schedule = scheduleOf(format);
    const { epoch, list } = this.#options;
    this.#offsetSeconds = null;
    for (let i = 0; i < this.#kept; i += 1) {
      if (this.#steps[i] !== STEP.frame) continue;
      this.#offsetSeconds = taiOffsetSeconds(
        epoch,
        this.#times[i] as number,
        this.#stamps[i] as number,
        VIDEO_CLOCK_HZ,
      );
      break;
    }
    this.#packets = format.packets;
    this.timing = new Timing21(schedule, { ...this.#options, offsetSeconds: this.#offsetSeconds });
    this.list = list ? new ListTiming(schedule, epoch) : null;
    const kept = this.#kept;
    this.#kept = 0;
    this.#j = -1;
    for (let i = 0; i < kept; i += 1) {
      this.#judge(
        this.#steps[i] as number,
        this.#times[i] as number,
        this.#lost[i] as number,
        this.#stamps[i] as number,
      );
    }
    this.#steps = new Uint8Array(0);
    this.#times = new Float64Array(0);
    this.#lost = new Uint32Array(0);
    this.#stamps = new Uint32Array(0);
  }

  /** The times start anew. */
  restart(): void {
    this.#kept = 0;
    this.#j = -1;
    this.timing?.restart();
  }

  /** See Timing21; null while the format is not known. */
  report(final: boolean): { timing: Timing21Report | null; list: ListTimingReport | null } {
    return { timing: this.timing?.report(final) ?? null, list: this.list?.report() ?? null };
  }

  /** A frame begins: two looks in a row that say the clocks are others than they were, begin timing anew. */
  #checkClock(timing: Timing21, rtpTimestamp: number, timeNs: number): Timing21 {
    this.#frames += 1;
    if (this.#frames % CLOCK_CHECK_FRAMES !== 0) return timing;
    const found = taiOffsetSeconds(this.#options.epoch, timeNs, rtpTimestamp, VIDEO_CLOCK_HZ);
    const before = this.#otherOffset;
    this.#otherOffset = found === this.#offsetSeconds ? undefined : found;
    if (found === this.#offsetSeconds) this.#options.counters.settle("clock");
    if (found === this.#offsetSeconds || before !== found) return timing;
    this.#offsetSeconds = found;
    this.#otherOffset = undefined;
    this.#changes += 1;
    this.#options.counters.revert("clock");
    const anew = new Timing21(timing.schedule, {
      ...this.#options,
      offsetSeconds: found,
      changes: this.#changes,
    });
    this.timing = anew;
    return anew;
  }

  #take(step: number, timeNs: number, lost: number, rtpTimestamp: number): void {
    if (this.timing !== null) this.#judge(step, timeNs, lost, rtpTimestamp);
    else this.#keep(step, timeNs, lost, rtpTimestamp);
  }

  #keep(step: number, timeNs: number, lost: number, rtpTimestamp: number): void {
    // A format that does not show itself: what was kept is let go, and it begins again with a frame.
    if (this.#kept === MOST_KEPT) this.#kept = 0;
    if (this.#kept === 0 && step !== STEP.frame) return;
    if (this.#kept === this.#steps.length) this.#grow();
    const at = this.#kept;
    this.#steps[at] = step;
    this.#times[at] = timeNs;
    this.#lost[at] = lost;
    this.#stamps[at] = rtpTimestamp;
    this.#kept = at + 1;
  }

  #grow(): void {
    const length = Math.max(1024, this.#steps.length * 2);
    const steps = new Uint8Array(length);
    steps.set(this.#steps);
    const times = new Float64Array(length);
    times.set(this.#times);
    const lost = new Uint32Array(length);
    lost.set(this.#lost);
    const stamps = new Uint32Array(length);
    stamps.set(this.#stamps);
    this.#steps = steps;
    this.#times = times;
    this.#lost = lost;
    this.#stamps = stamps;
  }

  #judge(step: number, timeNs: number, lost: number, rtpTimestamp: number): void {
    let { timing } = this;
    if (timing === null) return;
    if (step === STEP.end || step === STEP.brokenEnd) {
      timing.frameEnd(step === STEP.end);
      return;
    }
    if (step === STEP.frame || step === STEP.secondField) {
      const second = step === STEP.secondField;
      if (!second) timing = this.#checkClock(timing, rtpTimestamp, timeNs);
      // Packets that were lost here are first those that the frame before lacks.
      const missing = second ? 0 : Math.max(0, lost - Math.max(0, this.#packets - 1 - this.#j));
      if (!second) this.#j = missing < this.#packets ? missing - 1 : -1;
      timing.start(second, rtpTimestamp, timeNs, lost === 0);
      this.list?.start(rtpTimestamp, timeNs);
      this.#j += second ? lost + 1 : 1;
    } else {
      this.#j += lost + 1;
    }
    timing.packet(this.#j, timeNs);
    this.list?.packet(timeNs);
  }
}
