/** A sampling of ST 2110-20 with its depth: how samples lie in a pgroup (ST 2110-20 6.2). */
export interface SampleLayout {
  readonly octets: number;
  /** Pixels of one row; 4:2:0 has as many of the row below. */
  readonly pixels: number;
  readonly rowStep: 1 | 2;
}

/** The samplings that can be generated. */
export const SAMPLINGS = ["4:2:2", "4:4:4", "4:2:0", "KEY"] as const;
/** See `SAMPLINGS`. */
export type GeneratedSampling = (typeof SAMPLINGS)[number];

/** Components of a pgroup's pixels: Y, Cb, Cr with the pixel they belong to. */
type Component = readonly ["Y" | "Cb" | "Cr", number];

const ORDER: Readonly<Record<GeneratedSampling, { pixels: number; rowStep: 1 | 2; order: Component[] }>> = {
  "4:2:2": {
    pixels: 2,
    rowStep: 1,
    order: [
      ["Cb", 0],
      ["Y", 0],
      ["Cr", 0],
      ["Y", 1],
    ],
  },
  "4:4:4": {
    pixels: 1,
    rowStep: 1,
    order: [
      ["Cb", 0],
      ["Y", 0],
      ["Cr", 0],
    ],
  },
  "4:2:0": {
    pixels: 2,
    rowStep: 2,
    order: [
      ["Y", 0],
      ["Y", 1],
      ["Y", 0],
      ["Y", 1],
      ["Cb", 0],
      ["Cr", 0],
    ],
  },
  KEY: { pixels: 1, rowStep: 1, order: [["Y", 0]] },
};

/** 75 % bars by ITU-R BT.709, 8 bits: white, yellow, cyan, green, magenta, red, blue, black. */
const BARS: readonly Readonly<Record<"Y" | "Cb" | "Cr", number>>[] = [
  { Y: 180, Cb: 128, Cr: 128 },
  { Y: 168, Cb: 44, Cr: 136 },
  { Y: 145, Cb: 147, Cr: 44 },
  { Y: 133, Cb: 63, Cr: 52 },
  { Y: 63, Cb: 193, Cr: 204 },
  { Y: 51, Cb: 109, Cr: 212 },
  { Y: 28, Cb: 212, Cr: 120 },
  { Y: 16, Cb: 128, Cr: 128 },
];

/** The pgroup of a sampling and depth; null where ST 2110-20 has none. */
export function layoutOf(sampling: GeneratedSampling, depth: number): SampleLayout | null {
  if (![8, 10, 12, 16].includes(depth) || (sampling === "4:2:0" && depth === 16)) return null;
  const { pixels, rowStep, order } = ORDER[sampling];
  // As many times the smallest group as fills whole octets.
  let groups = 1;
  while ((groups * order.length * depth) % 8 !== 0) groups += 1;
  return { octets: (groups * order.length * depth) / 8, pixels: groups * pixels, rowStep };
}

/** A row (in 4:2:0 a pair of rows) of colour bars, packed; `width` is a multiple of the pgroup's pixels. */
export function barRow(sampling: GeneratedSampling, depth: number, width: number): Uint8Array {
  const { pixels, order } = ORDER[sampling];
  const row = new Uint8Array(Math.ceil((width / pixels) * order.length * depth) / 8);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let x = 0; x < width; x += pixels) {
    for (const [name, pixel] of order) {
      const bar = BARS[Math.min(7, Math.floor(((x + pixel) * 8) / width))] as (typeof BARS)[number];
      held = (held << depth) | (bar[name] << (depth - 8));
      bits += depth;
      while (bits >= 8) {
        bits -= 8;
        row[at++] = (held >>> bits) & 0xff;
      }
      held &= (1 << bits) - 1;
    }
  }
  return row;
}
