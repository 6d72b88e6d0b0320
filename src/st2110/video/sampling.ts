/** Families of samplings that packets can show; RGB, YCbCr, ICtCp and XYZ of 4:4:4 look the same. */
export type Sampling = "4:2:2" | "4:4:4" | "4:2:0" | "KEY";

/** How a sampling and depth is packed: the pgroup, ST 2110-20 6.2. */
export interface Packing {
  readonly sampling: Sampling;
  /** Bits a sample; 16 is integer or floating point. */
  readonly depth: number;
  /** Octets of a pgroup. */
  readonly octets: number;
  /** Pixels of a row that it spans; in 4:2:0 it spans two rows. */
  readonly pixels: number;
}

function packing(sampling: Sampling, depth: number, octets: number, pixels: number): Packing {
  return { sampling, depth, octets, pixels };
}

/** Every pgroup, the likeliest of equal density first. */
export const PACKINGS: readonly Packing[] = [
  packing("4:2:2", 8, 4, 2),
  packing("4:2:2", 10, 5, 2),
  packing("4:2:2", 12, 6, 2),
  packing("4:2:2", 16, 8, 2),
  packing("4:4:4", 8, 3, 1),
  packing("4:4:4", 10, 15, 4),
  packing("4:4:4", 12, 9, 2),
  packing("4:4:4", 16, 6, 1),
  packing("4:2:0", 8, 6, 2),
  packing("4:2:0", 10, 15, 4),
  packing("4:2:0", 12, 9, 2),
  packing("KEY", 8, 1, 1),
  packing("KEY", 10, 5, 4),
  packing("KEY", 12, 3, 2),
  packing("KEY", 16, 2, 1),
];

/** What segments of rows have shown. */
export interface Evidence {
  /** Octets a pixel of one row: Length of a segment over the distance to the next. */
  readonly octetsPerPixel: number;
  /** Rows from one to the next: 2 in 4:2:0. */
  readonly rowStep: number;
  /** Greatest common divisors of all offsets and all lengths; 0 when all were 0. */
  readonly offsetDivisor: number;
  readonly lengthDivisor: number;
}

/** Samplings and depths that can have made such packets; a pgroup is never split, ST 2110-20 6.2. */
export function packingsFor(evidence: Evidence): Packing[] {
  const { octetsPerPixel, rowStep, offsetDivisor, lengthDivisor } = evidence;
  return PACKINGS.filter(
    ({ sampling, octets, pixels }) =>
      octets === octetsPerPixel * pixels &&
      (sampling === "4:2:0") === (rowStep === 2) &&
      offsetDivisor % pixels === 0 &&
      lengthDivisor % octets === 0,
  );
}

/** Greatest common divisor of two integers of 0 or more. */
export function greatestCommonDivisor(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y > 0) {
    const rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}
