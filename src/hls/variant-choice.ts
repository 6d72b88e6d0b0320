import { usageError } from "../report/error.ts";
import type { Variant } from "./playlist.ts";

/** What a choice may be, in words. */
const FORMS = "highest, lowest, a number from 1, WIDTHxHEIGHT, or bits per second such as 3000k";

const NUMBER = /^\d{1,3}$/;
const SIZE = /^(\d+)x(\d+)$/i;
const RATE = /^(\d+(?:\.\d+)?)([kM]?)$/;

/**
 * The variant that `choice` means: `highest` or `lowest` by BANDWIDTH, a number in the playlist's order, a
 * resolution, or the highest of at most a bit rate. Throws a usage error where there is none.
 */
export function chooseVariant(variants: readonly Variant[], choice: string): number {
  const order = [...variants.keys()].sort((a, b) => rateOf(variants, b) - rateOf(variants, a));
  const [highest] = order;
  const lowest = order.at(-1);
  if (highest === undefined || lowest === undefined) throw wrong(variants, choice);
  if (choice === "highest") return highest;
  if (choice === "lowest") return lowest;
  if (NUMBER.test(choice)) {
    const index = Number(choice) - 1;
    if (variants[index] !== undefined) return index;
    throw wrong(variants, choice);
  }
  const size = SIZE.exec(choice);
  const fits = (variant: Variant): boolean =>
    size !== null
      ? variant.width === Number(size[1]) && variant.height === Number(size[2])
      : variant.bandwidthBps <= rateIn(choice);
  const found = order.find((index) => {
    const variant = variants[index];
    return variant !== undefined && fits(variant);
  });
  if (found === undefined) throw wrong(variants, choice);
  return found;
}

function rateOf(variants: readonly Variant[], index: number): number {
  return variants[index]?.bandwidthBps ?? 0;
}

function rateIn(choice: string): number {
  const [, number, unit] = RATE.exec(choice) ?? [];
  return Number(number ?? Number.NaN) * (unit === "k" ? 1e3 : unit === "M" ? 1e6 : 1);
}

function wrong(variants: readonly Variant[], choice: string): Error {
  const list = variants.map(
    ({ bandwidthBps, width, height }, i) =>
      `${i + 1}: ${width > 0 ? `${width}x${height}, ` : ""}${Math.round(bandwidthBps / 1000)} kb/s`,
  );
  return usageError(
    "no-such-variant",
    `--hls-variant (HLS_VARIANT): no variant is "${choice}". Expected ${FORMS}. The playlist has ` +
      `${list.length === 0 ? "none" : list.join("; ")}.`,
  );
}
