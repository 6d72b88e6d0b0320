/** Ticks of the system clock a second (ISO/IEC 13818-1, 2.4.2.1). */
export const SYSTEM_CLOCK_HZ = 27_000_000;
/** Nanoseconds of one such tick, 37.037. */
export const NS_PER_TICK = 1000 / 27;
/** A PCR counts 33 bits of 90 kHz, 300 ticks each, then starts again (2.4.3.5). */
const PCR_MODULUS = 2 ** 33 * 300;
/** A step larger than this, forward or (by the modulus) backward, is no passing of time but a new time base. */
const MAX_STEP_TICKS = SYSTEM_CLOCK_HZ;
/** Bits of an arrival_time_stamp in a TP_extra_header. */
const ARRIVAL_MODULUS = 2 ** 30;

/**
 * Time by position in a file without times: the PCRs of one PID tell the time at the packets that carry
 * them, and between two of them every octet takes as long (13818-1, 2.4.2.2). Time starts at 0 with
 * the first octet and never goes back; a new time base is bridged at the rate known last.
 */
export class PcrClock {
  /** The PID whose PCRs are used: the first to show two, or its successor; -1 until then. */
  pid = -1;
  /** Positions below this have their final time. */
  known = 0;
  readonly #firstPosition = new Float64Array(8192).fill(Number.NaN);
  readonly #firstTicks = new Float64Array(8192);
  #newTimeBase = false;
  #lastPosition = 0;
  #lastPcr = 0;
  #lastTicks = 0;
  /** The line that times are read from: `#lineTicks` at `#linePosition`, `#rate` ticks an octet. */
  #linePosition = 0;
  #lineTicks = 0;
  #rate = 0;
  /** Ticks an octet of the last interval that could be measured. */
  #measuredRate = 0;
  #extrapolated = 0;

  /** A packet of `pid` has set discontinuity_indicator: its next PCR counts in a new time base. */
  discontinuity(pid: number): void {
    this.#firstPosition[pid] = Number.NaN;
    if (pid === this.pid) this.#newTimeBase = true;
  }

  /** A PCR of `pid`, in 27 MHz ticks, in the packet at `position`; positions ascend. */
  pcr(pid: number, position: number, ticks: number): void {
    if (pid === this.pid) this.#advance(position, ticks);
    else if (this.pid === -1 || this.#isSilent(position)) this.#choose(pid, position, ticks);
  }

  /** Whether the chosen PID has shown no PCR for as long as a step may take: another one then takes over. */
  #isSilent(position: number): boolean {
    return (position - this.#lastPosition) * this.#measuredRate > MAX_STEP_TICKS;
  }

  #choose(pid: number, position: number, ticks: number): void {
    const before = this.#firstPosition[pid] as number;
    const step = difference(ticks, this.#firstTicks[pid] as number, PCR_MODULUS);
    this.#firstPosition[pid] = position;
    this.#firstTicks[pid] = ticks;
    if (Number.isNaN(before) || step === 0 || step > MAX_STEP_TICKS) return;
    const isFirst = this.pid === -1;
    const rate = step / (position - before);
    if (isFirst) this.#rate = rate;
    const atBefore = isFirst
      ? before * rate
      : this.#lastTicks + (before - this.#lastPosition) * this.#measuredRate;
    this.pid = pid;
    this.#measuredRate = rate;
    this.#moveOn(position, ticks, atBefore + step);
  }

  #advance(position: number, ticks: number): void {
    const step = difference(ticks, this.#lastPcr, PCR_MODULUS);
    // The same value again is a repeated packet: it tells nothing of the time between.
    if (step === 0 && !this.#newTimeBase) return;
    const octets = position - this.#lastPosition;
    const measured = !this.#newTimeBase && step <= MAX_STEP_TICKS;
    if (measured) this.#measuredRate = step / octets;
    this.#moveOn(position, ticks, this.#lastTicks + (measured ? step : octets * this.#measuredRate));
  }

  /** Draws the line on to `position`, where it is `now`, from where times were given out already. */
  #moveOn(position: number, pcr: number, now: number): void {
    const from = Math.max(this.#lastPosition, this.#extrapolated);
    if (position > from) {
      const fromTicks = from === this.#lastPosition ? this.#lastTicks : this.#ticksAt(from);
      this.#linePosition = from;
      this.#lineTicks = fromTicks;
      this.#lastTicks = Math.max(now, fromTicks);
      this.#rate = (this.#lastTicks - fromTicks) / (position - from);
      this.known = position;
    } else {
      this.#lastTicks = now;
    }
    this.#lastPosition = position;
    this.#lastPcr = pcr;
    this.#newTimeBase = false;
  }

  /** No further PCR before `position`: times up to there follow at the rate measured last. */
  extrapolate(position: number): void {
    if (this.pid === -1 || position <= this.known) return;
    if (this.#extrapolated <= this.#lastPosition) {
      this.#linePosition = this.#lastPosition;
      this.#lineTicks = this.#lastTicks;
      this.#rate = this.#measuredRate;
    }
    this.#extrapolated = position;
    this.known = position;
  }

  #ticksAt(position: number): number {
    return this.#lineTicks + (position - this.#linePosition) * this.#rate;
  }

  /** Nanoseconds after the first octet at `position`, which must be below `known` and ascend. */
  timeNs(position: number): number {
    return this.#ticksAt(position) * NS_PER_TICK;
  }
}

/**
 * Time by the arrival_time_stamp of a 192-octet packet: 30 bits of 27 MHz, so it starts again every 39.8 s.
 * Time starts at 0 and never goes back; a step of more than half of that is taken for a cut, and bridged by
 * the step before.
 */
export class ArrivalClock {
  #last = Number.NaN;
  #ticks = 0;
  #step = 0;

  /** Nanoseconds after the first packet, for one whose TP_extra_header is `header` (32 bits). */
  timeNs(header: number): number {
    const stamp = header % ARRIVAL_MODULUS;
    if (!Number.isNaN(this.#last)) {
      const step = difference(stamp, this.#last, ARRIVAL_MODULUS);
      if (step < ARRIVAL_MODULUS / 2) this.#step = step;
      this.#ticks += this.#step;
    }
    this.#last = stamp;
    return this.#ticks * NS_PER_TICK;
  }

  /** The time given last, for octets between packets. */
  get lastNs(): number {
    return this.#ticks * NS_PER_TICK;
  }
}

function difference(now: number, before: number, modulus: number): number {
  return (((now - before) % modulus) + modulus) % modulus;
}
