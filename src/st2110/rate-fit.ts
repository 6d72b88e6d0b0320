/** A rate counts as a nominal one when it is this near to it. */
const TOLERANCE = 0.02;
/** Pieces of the time that was looked at; the earliest packet of each is kept. */
const PIECES = 16;
/** Length of a piece at the start; it doubles when all are full. */
const FIRST_PIECE_NS = 5e6;
/** So many pieces are needed to compare the first half with the second. */
const LEAST_PIECES = 4;

/**
 * Which of a few nominal rates a clock has whose timestamps arrive late, but never early: a sender that stands still
 * catches up afterwards, and an interrupt brings several packets at once. By each candidate rate packets have a delay;
 * by the right one the least delay stays where it is, by a wrong one it drifts. No allocation after the constructor.
 */
export class RateFit {
  /** Time from the start to the newest packet, nanoseconds; 0 before there are two. */
  spanNs = 0;
  readonly #ratesHz: readonly number[];
  /** Least delay in each piece, by candidate: `candidate * PIECES + piece`. */
  readonly #leastNs: Float64Array;
  #pieceNs = FIRST_PIECE_NS;
  #startNs = Number.NaN;
  #ticks = 0;

  constructor(ratesHz: readonly number[]) {
    this.#ratesHz = ratesHz;
    this.#leastNs = new Float64Array(ratesHz.length * PIECES);
  }

  /** Begins anew with a packet at `timeNs`, from which on ticks count. */
  start(timeNs: number): void {
    this.#leastNs.fill(Number.POSITIVE_INFINITY);
    this.#pieceNs = FIRST_PIECE_NS;
    this.#startNs = timeNs;
    this.spanNs = 0;
    this.add(0, timeNs);
  }

  /** The timestamp stands `ticks` after the one of the start, in a packet that came at `timeNs`, not before the last. */
  add(ticks: number, timeNs: number): void {
    const sinceNs = timeNs - this.#startNs;
    if (!(sinceNs >= this.spanNs)) return;
    this.spanNs = sinceNs;
    this.#ticks = ticks;
    while (sinceNs >= PIECES * this.#pieceNs) this.#halve();
    const piece = Math.floor(sinceNs / this.#pieceNs);
    const least = this.#leastNs;
    for (let i = 0; i < this.#ratesHz.length; i++) {
      const delayNs = sinceNs - (ticks * 1e9) / (this.#ratesHz[i] as number);
      const at = i * PIECES + piece;
      if (delayNs < (least[at] as number)) least[at] = delayNs;
    }
  }

  /** Ticks a second from the start to the newest packet; null before there is a second one. */
  get measuredHz(): number | null {
    return this.spanNs > 0 ? (this.#ticks * 1e9) / this.spanNs : null;
  }

  /** The nominal rate by ends and by delays alike, within 2 %; null where they differ or none fits. */
  get rateHz(): number | null {
    const byDelay = this.likelyHz;
    const measuredHz = this.measuredHz;
    if (byDelay === null || measuredHz === null) return null;
    return Math.abs(measuredHz - byDelay) <= byDelay * TOLERANCE ? byDelay : null;
  }

  /** The nominal rate by delays alone, which a pause at the end does not hide. */
  get likelyHz(): number | null {
    const pieces = Math.floor(this.spanNs / this.#pieceNs) + 1;
    if (pieces < LEAST_PIECES) return this.#byEnds();
    const half = pieces >> 1;
    const apartNs = (pieces - half) * this.#pieceNs;
    let best: number | null = null;
    let bestDrift = TOLERANCE;
    for (let i = 0; i < this.#ratesHz.length; i++) {
      const first = this.#least(i, 0, half);
      const second = this.#least(i, pieces - half, pieces);
      const drift = Math.abs(second - first) / apartNs;
      if (!(drift <= bestDrift)) continue;
      bestDrift = drift;
      best = this.#ratesHz[i] as number;
    }
    return best;
  }

  #byEnds(): number | null {
    const measuredHz = this.measuredHz;
    if (measuredHz === null) return null;
    return this.#ratesHz.find((rateHz) => Math.abs(measuredHz - rateHz) <= rateHz * TOLERANCE) ?? null;
  }

  #least(candidate: number, from: number, to: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (let piece = from; piece < to; piece++) {
      least = Math.min(least, this.#leastNs[candidate * PIECES + piece] as number);
    }
    return least;
  }

  /** Two pieces become one, so that as many are free again. */
  #halve(): void {
    this.#pieceNs *= 2;
    const least = this.#leastNs;
    for (let first = 0; first < least.length; first += PIECES) {
      for (let piece = 0; piece < PIECES; piece++) {
        const from = first + 2 * piece;
        least[first + piece] =
          2 * piece < PIECES
            ? Math.min(least[from] as number, least[from + 1] as number)
            : Number.POSITIVE_INFINITY;
      }
    }
  }
}
