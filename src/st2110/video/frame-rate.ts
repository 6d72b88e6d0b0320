import { type Rational, rational } from "../timing21/rational.ts";

/** Ticks of the RTP clock in a second. */
const CLOCK_HZ = 90_000;
/** Rates that are in use, whole and over 1.001. */
const RATES = [24, 25, 30, 48, 50, 60, 72, 96, 100, 120, 144, 200, 240].flatMap((whole) => [
  rational(whole),
  rational(whole * 1000, 1001),
]);
/** Below so many ticks neighbouring rates give the same steps, and one step does not tell. */
export const SHORT_STEP_TICKS = 1000;

/**
 * The rate whose frames (or fields) follow each other by `ticks` of 90 kHz on the mean of `steps` steps; null when no
 * rate in use is as near as timestamps on the floor grid allow.
 */
export function rateOfSteps(ticks: number, steps: number): Rational | null {
  let best: Rational | null = null;
  // Each timestamp is floored, so the sum of any number of steps is less than one tick off.
  let least = 1 / steps;
  for (const rate of RATES) {
    const off = Math.abs(ticks - (CLOCK_HZ * Number(rate.den)) / Number(rate.num));
    if (off < least) {
      best = rate;
      least = off;
    }
  }
  return best;
}

/** `60000/1001`, or `50`. */
export function rateText({ num, den }: Rational): string {
  return den === 1n ? String(num) : `${num}/${den}`;
}
