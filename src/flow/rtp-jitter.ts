/** Clock of the RTP timestamps of MPEG-TS (RFC 3551 table 5, MP2T). */
const MP2T_CLOCK_HZ = 90_000;

const NS_PER_SECOND = 1e9;

/**
 * Interarrival jitter of RTP packets (RFC 3550 6.4.1 and A.8), in the order of arrival: the mean deviation of the
 * transit time (arrival less timestamp) from a packet to the next, J += (|D| - J) / 16.
 *
 * A new SSRC has timestamps of its own: counted, and the jitter starts at zero. A time that is NaN measures
 * nothing; after one that goes backwards the next packet is compared with none.
 */
export class RtpJitter {
  /** Times that another SSRC took over. */
  ssrcChanges = 0;
  readonly #nsPerTick: number;
  #jitterTicks = 0;
  #compared = false;
  /** Arrival and timestamp of the packet before; NaN for none to compare with. */
  #lastNs = Number.NaN;
  #lastTimestamp = 0;
  #ssrc = -1;

  constructor(clockHz: number = MP2T_CLOCK_HZ) {
    this.#nsPerTick = NS_PER_SECOND / clockHz;
  }

  /** A packet with these header fields has arrived at `timeNs`. */
  packet(timestamp: number, ssrc: number, timeNs: number): void {
    if (ssrc !== this.#ssrc) this.#newSource(ssrc);
    const stepNs = timeNs - this.#lastNs;
    if (stepNs >= 0) {
      // The timestamp wraps at 32 bits, and so does the difference: -2^31 to 2^31 - 1.
      const deviation = Math.abs(stepNs / this.#nsPerTick - ((timestamp - this.#lastTimestamp) | 0));
      this.#jitterTicks += (deviation - this.#jitterTicks) / 16;
      this.#compared = true;
    } else if (Number.isNaN(timeNs)) {
      return;
    }
    this.#lastNs = timeNs;
    this.#lastTimestamp = timestamp;
  }

  /** The input starts again: the next packet is compared with none. */
  gap(): void {
    this.#lastNs = Number.NaN;
  }

  /** The jitter now, in milliseconds; null before there were two packets to compare. */
  get jitterMs(): number | null {
    return this.#compared ? (this.#jitterTicks * this.#nsPerTick) / 1e6 : null;
  }

  #newSource(ssrc: number): void {
    if (this.#ssrc !== -1) this.ssrcChanges += 1;
    this.#ssrc = ssrc;
    this.#jitterTicks = 0;
    this.#compared = false;
    this.#lastNs = Number.NaN;
  }
}
