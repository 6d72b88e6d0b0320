/** An exact number, here mostly of nanoseconds: `num / den`, reduced, `den` above 0. */
export interface Rational {
  readonly num: bigint;
  readonly den: bigint;
}

/** Greatest common divisor; both 0 or more, not both 0. */
function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

/** `num / den` reduced. `den` is not 0. */
export function rational(num: bigint | number, den: bigint | number = 1n): Rational {
  let n = BigInt(num);
  let d = BigInt(den);
  if (d < 0n) {
    n = -n;
    d = -d;
  }
  const common = gcd(n < 0n ? -n : n, d);
  return { num: n / common, den: d / common };
}

/** `a * num / den`. */
export function times(a: Rational, num: bigint | number, den: bigint | number = 1n): Rational {
  return rational(a.num * BigInt(num), a.den * BigInt(den));
}

/** `a + b`. */
export function plus(a: Rational, b: Rational): Rational {
  return rational(a.num * b.den + b.num * a.den, a.den * b.den);
}

/** The largest integer that is not above `a`. */
export function floor(a: Rational): bigint {
  const quotient = a.num / a.den;
  return a.num < 0n && quotient * a.den !== a.num ? quotient - 1n : quotient;
}

/** The nearest float64; the parts may be of any size. */
export function toNumber(a: Rational): number {
  const whole = floor(a);
  return Number(whole) + Number(a.num - whole * a.den) / Number(a.den);
}

/** Least common multiple of the denominators. */
export function commonDenominator(...all: readonly Rational[]): bigint {
  return all.reduce((lcm, { den }) => (lcm / gcd(lcm, den)) * den, 1n);
}
