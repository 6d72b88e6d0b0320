/** Sets of segments have at least this many target durations, and at most that many (RFC 8216, 4.1). */
const LEAST_TARGETS = 0.5;
const MOST_TARGETS = 1.5;
/** Durations are sums of decimal fractions. */
const ROUNDING_SECONDS = 1e-6;
/** Segments of one set at most: more would be of no duration at all. */
const MAX_SEGMENTS = 1000;

/**
 * Bit rates of the segments of one playlist: the peak segment bit rate, which is the largest of any
 * consecutive segments that together last from half a target duration to one and a half, and the mean.
 */
export class SegmentRates {
  peakBps = 0;
  #octets = 0;
  #seconds = 0;
  /** The last segments, as far as a set may reach back. */
  readonly #last: { octets: number; seconds: number }[] = [];

  /** Mean of all segments in bits per second; 0 before the first. */
  get meanBps(): number {
    return this.#seconds > 0 ? (this.#octets * 8) / this.#seconds : 0;
  }

  /**
   * Takes the next segment; returns the largest bit rate of the sets that end with it, 0 where there is none.
   * EXTINF counts as its duration (4.3.4.2).
   */
  add(octets: number, seconds: number, targetSeconds: number): number {
    if (!(seconds > 0)) return 0;
    this.#octets += octets;
    this.#seconds += seconds;
    const last = this.#last;
    last.push({ octets, seconds });
    if (last.length > MAX_SEGMENTS) last.shift();
    let sumOctets = 0;
    let sumSeconds = 0;
    let largest = 0;
    for (let i = last.length - 1; i >= 0; i--) {
      const segment = last[i];
      if (segment === undefined) break;
      sumOctets += segment.octets;
      sumSeconds += segment.seconds;
      if (sumSeconds > targetSeconds * MOST_TARGETS + ROUNDING_SECONDS) {
        last.splice(0, i);
        break;
      }
      if (sumSeconds + ROUNDING_SECONDS >= targetSeconds * LEAST_TARGETS) {
        largest = Math.max(largest, (sumOctets * 8) / sumSeconds);
      }
    }
    this.peakBps = Math.max(this.peakBps, largest);
    return largest;
  }

  /** Segments are missing, or the next does not follow: no set reaches across. */
  gap(): void {
    this.#last.length = 0;
  }
}
