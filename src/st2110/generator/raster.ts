import { type Rational, rational } from "../timing21/rational.ts";
import type { Scan } from "../timing21/schedule.ts";

/** Raster, scan and frame rate of a video format. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly scan: Scan;
  /** Frames a second. */
  readonly rate: Rational;
}

/** Rates above this are of fields where a raster is interlaced: 1080i59.94 has 29.97 frames. */
const MOST_INTERLACED_FRAMES = 48;
const MOST_SIZE = 32_767;
const MOST_RATE = 240;
const SCANS: Readonly<Record<string, Scan>> = { p: "progressive", i: "interlaced", psf: "psf" };

/** `59.94` as 60000/1001: two decimals are taken for a rate over 1.001 where they fit one. */
function parseRate(text: string): Rational | null {
  const fraction = /^(\d{1,6})\/(\d{1,5})$/.exec(text);
  if (fraction) {
    const [num, den] = [Number(fraction[1]), Number(fraction[2])];
    return num > 0 && den > 0 ? rational(num, den) : null;
  }
  if (!/^\d{1,3}(\.\d{1,3})?$/.test(text)) return null;
  const value = Number(text);
  if (Number.isInteger(value)) return value > 0 ? rational(value) : null;
  const whole = Math.ceil(value);
  if (Math.abs((whole * 1000) / 1001 - value) < 0.01) return rational(whole * 1000, 1001);
  return rational(Math.round(value * 1000), 1000);
}

/**
 * `1920x1080p59.94`, `1920x1080i29.97` (or `i59.94`: fields), `1920x1080psf23.98`, `p30000/1001`. Null where the
 * text is none of these.
 */
export function parseRaster(text: string): Raster | null {
  const match = /^(\d{1,5})x(\d{1,5})(psf|p|i)([\d./]+)$/i.exec(text);
  if (match === null) return null;
  const [width, height] = [Number(match[1]), Number(match[2])];
  const scan = SCANS[(match[3] as string).toLowerCase()] as Scan;
  let rate = parseRate(match[4] as string);
  if (rate === null) return null;
  if (scan === "interlaced" && Number(rate.num) / Number(rate.den) >= MOST_INTERLACED_FRAMES) {
    rate = rational(rate.num, rate.den * 2n);
  }
  const perSecond = Number(rate.num) / Number(rate.den);
  if (width < 1 || width > MOST_SIZE || height < 1 || height > MOST_SIZE) return null;
  if (perSecond < 1 || perSecond > MOST_RATE) return null;
  if (scan !== "progressive" && height % 2 !== 0) return null;
  return { width, height, scan, rate };
}
