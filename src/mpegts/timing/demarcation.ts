/**
 * Where drift ends and jitter begins: the measurement filters of TR 101 290 annex I.
 *
 * What a clock does more slowly than the demarcation frequency is drift (PCR_FO, PCR_DR), what it does faster is
 * jitter (PCR_OJ, PCR_AC). 10 mHz is where the limits of ISO/IEC 13818-1 2.4.2.1 meet: a sine of 500 ns that
 * drifts at most 75 mHz a second has w = sqrt(0.075 / (27e6 * 500e-9)) = 0.0745 rad/s, or 12 mHz.
 */

/** Demarcation frequencies in hertz; MGF4 is the maker's own choice, here for drift over a quarter of an hour. */
export const DEMARCATION_HZ = { MGF1: 0.01, MGF2: 0.1, MGF3: 1, MGF4: 1e-4 } as const;

/** Name of a measurement filter. */
export type MeasurementFilter = keyof typeof DEMARCATION_HZ;

/**
 * Rate in 1/s at which a filter forgets, so that a line which fades at that rate leaves -3 dB of a jitter at the
 * demarcation frequency: its two poles lie at that rate (40 dB a decade, as annex I asks), and
 * w^2 / (w^2 + a^2) = sqrt(1/2) gives a = w * sqrt(sqrt(2) - 1).
 */
export function fadingRate(filter: MeasurementFilter): number {
  return 2 * Math.PI * DEMARCATION_HZ[filter] * Math.sqrt(Math.SQRT2 - 1);
}
