/**
 * Parabola through points, the older the less they weigh: least squares whose weights fade exponentially. It
 * tells how a frequency drifts. 64 octets of state.
 */
export class FadingParabola {
  /** Moments about the newest point: sums of w u^k, and of w x u^k. */
  #s0 = 0;
  #s1 = 0;
  #s2 = 0;
  #s3 = 0;
  #s4 = 0;
  #x0 = 0;
  #x1 = 0;
  #x2 = 0;

  /** Forgets all points. */
  reset(): void {
    this.#s0 = 0;
    this.#s1 = 0;
    this.#s2 = 0;
    this.#s3 = 0;
    this.#s4 = 0;
    this.#x0 = 0;
    this.#x1 = 0;
    this.#x2 = 0;
  }

  /** A point `du` and `dx` from the one before, whose points keep the share `keep` (0 to 1) of their weight. */
  add(du: number, dx: number, keep: number): void {
    const s0 = this.#s0 * keep;
    const s1 = this.#s1 * keep;
    const s2 = this.#s2 * keep;
    const s3 = this.#s3 * keep;
    // About the new point, u is less by du and x by dx: binomials.
    const t0 = this.#x0 * keep - dx * s0;
    const t1 = this.#x1 * keep - dx * s1;
    const t2 = this.#x2 * keep - dx * s2;
    this.#x2 = t2 + du * (du * t0 - 2 * t1);
    this.#x1 = t1 - du * t0;
    this.#x0 = t0;
    this.#s4 = this.#s4 * keep + du * (-4 * s3 + du * (6 * s2 + du * (-4 * s1 + du * s0)));
    this.#s3 = s3 + du * (-3 * s2 + du * (3 * s1 - du * s0));
    this.#s2 = s2 + du * (du * s0 - 2 * s1);
    this.#s1 = s1 - du * s0;
    this.#s0 = s0 + 1;
  }

  /** Second derivative of x by u; NaN while the points do not give one. */
  get curvature(): number {
    const { spread, against, moment } = this.#centred();
    return (2 * (moment - against.u * against.x)) / spread;
  }

  /** Standard error of `curvature` for points that are off by `deviation` (standard) each, not correlated. */
  curvatureError(deviation: number): number {
    return (2 * deviation) / Math.sqrt(this.#centred().spread);
  }

  /**
   * Moments of the square of u once mean and slope are taken out of it: `spread` of itself and `moment` with x
   * less `against.u * against.x`. NaN where less than three points settle them.
   */
  #centred(): { spread: number; moment: number; against: { u: number; x: number } } {
    const mean = this.#s1 / this.#s0;
    const meanX = this.#x0 / this.#s0;
    // Central moments.
    const c2 = this.#s2 - mean * this.#s1;
    const c3 = this.#s3 - 3 * mean * this.#s2 + 2 * mean * mean * this.#s1;
    const c4 = this.#s4 - mean * (4 * this.#s3 - mean * (6 * this.#s2 - 3 * mean * this.#s1));
    const x1 = this.#x1 - mean * this.#x0;
    const x2 = this.#x2 - mean * (2 * this.#x1 - mean * this.#x0);
    const slopeOfSquare = c3 / c2;
    const spread = c4 - (c2 * c2) / this.#s0 - slopeOfSquare * c3;
    return {
      spread: spread > c4 * 1e-9 ? spread : Number.NaN,
      moment: x2 - meanX * c2,
      against: { u: slopeOfSquare, x: x1 },
    };
  }
}
