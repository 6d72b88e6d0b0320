/**
 * Straight line through points, the older the less they weigh: least squares whose weights fade exponentially.
 *
 * It is a filter too. For points evenly spaced and weights that fade by `keep` each step, what `add` returns is
 * the input through H(z) = keep^2 (1 - 1/z)^2 / (1 - keep/z)^2: a high pass of second order with both poles at
 * `keep`. Unlike that recursion it needs no time to settle and may have any spacing. 48 octets of state.
 */
export class FadingLine {
  /** Moments about the newest point: sums of w, w u, w u^2, w x, w u x. */
  #n = 0;
  #u = 0;
  #uu = 0;
  #x = 0;
  #ux = 0;

  /** Forgets all points. */
  reset(): void {
    this.#n = 0;
    this.#u = 0;
    this.#uu = 0;
    this.#x = 0;
    this.#ux = 0;
  }

  /**
   * A point `du` and `dx` from the one before, whose points keep the share `keep` (0 to 1) of their weight.
   * Returns how far the point is off the line through all points with it, in the unit of x.
   */
  add(du: number, dx: number, keep: number): number {
    const n = this.#n * keep;
    const u = this.#u * keep;
    const x = this.#x * keep;
    // The same moments about the new point; its own is all zeros but for the weight.
    this.#ux = this.#ux * keep - dx * u - du * x + n * du * dx;
    this.#uu = this.#uu * keep - 2 * du * u + n * du * du;
    this.#u = u - n * du;
    this.#x = x - n * dx;
    this.#n = n + 1;
    return this.#residual();
  }

  /** How far a point `du` and `dx` from the newest is off the line; nothing is changed. NaN without points. */
  deviation(du: number, dx: number): number {
    return dx - this.slope * du + this.#residual();
  }

  /** Slope; 0 while the points do not give one. */
  get slope(): number {
    const spread = this.#n * this.#uu - this.#u * this.#u;
    // What is left of the spread after rounding must not pass for one.
    return spread > this.#n * this.#uu * 1e-12 ? (this.#n * this.#ux - this.#u * this.#x) / spread : 0;
  }

  /** Weighted sum of (u - mean)^2, which says how well the points settle the slope. */
  get spread(): number {
    return this.#n > 0 ? this.#uu - (this.#u * this.#u) / this.#n : 0;
  }

  /** Of the newest point, which is the origin. */
  #residual(): number {
    return (this.slope * this.#u - this.#x) / this.#n;
  }
}
