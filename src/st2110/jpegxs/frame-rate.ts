import { type Rational, rational } from "../timing21/rational.ts";

/** Frame and field rates of television, exact. */
const RATES: readonly Rational[] = [
  rational(24_000, 1001),
  rational(24),
  rational(25),
  rational(30_000, 1001),
  rational(30),
  rational(48_000, 1001),
  rational(48),
  rational(50),
  rational(60_000, 1001),
  rational(60),
  rational(100),
  rational(120_000, 1001),
  rational(120),
];

/** Clock of the RTP timestamps of compressed video (RFC 9134 4.2). */
export const JXS_CLOCK_HZ = 90_000;

/** Ticks of the RTP clock from one picture to the next at `rate` pictures a second; rarely a whole number. */
export function ticksPerPicture(rate: Rational): number {
  return (JXS_CLOCK_HZ * Number(rate.den)) / Number(rate.num);
}

/**
 * The one rate at which `steps` pictures in a row take `ticks` of the RTP clock, which is rounded down to whole ticks;
 * null when none or more than one fits.
 */
export function rateOf(ticks: number, steps: number): Rational | null {
  const fitting = RATES.filter((rate) => Math.abs(ticks - steps * ticksPerPicture(rate)) < 1);
  return fitting.length === 1 ? (fitting[0] as Rational) : null;
}
