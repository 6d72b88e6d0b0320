import type { FrameLayout } from "./frame.ts";
import type { Packing } from "./sampling.ts";

/** Samples of a frame, one plane a component; `KEY` has the first alone. Y, Cb, Cr, or what stands in their places. */
export interface Planes {
  readonly y: Uint16Array;
  readonly cb: Uint16Array;
  readonly cr: Uint16Array;
  readonly width: number;
  readonly height: number;
  readonly chromaWidth: number;
  readonly chromaHeight: number;
  /** Bits a sample. */
  readonly depth: number;
}

/** Component and place of each sample of a pgroup, in order: plane 0 Y, 1 Cb, 2 Cr; x and y from the pgroup's first. */
type Sample = readonly [plane: 0 | 1 | 2, x: number, y: number];

/** ST 2110-20 6.2.2 to 6.2.5. */
function samplesOf({ sampling, pixels }: Packing): Sample[] {
  const of = (count: number, make: (i: number) => Sample[]): Sample[] =>
    Array.from({ length: count }, (_, i) => make(i)).flat();
  switch (sampling) {
    case "4:2:2":
      return of(pixels / 2, (i) => [
        [1, i, 0],
        [0, 2 * i, 0],
        [2, i, 0],
        [0, 2 * i + 1, 0],
      ]);
    case "4:4:4":
      return of(pixels, (i) => [
        [1, i, 0],
        [0, i, 0],
        [2, i, 0],
      ]);
    case "4:2:0":
      return of(pixels / 2, (i) => [
        [0, 2 * i, 0],
        [0, 2 * i + 1, 0],
        [0, 2 * i, 1],
        [0, 2 * i + 1, 1],
        [1, i, 0],
        [2, i, 0],
      ]);
    case "KEY":
      return of(pixels, (i) => [[0, i, 0]]);
  }
}

/** Unpacks frames of one layout into planes that are reused. */
export class PlaneReader {
  readonly planes: Planes;
  readonly #layout: FrameLayout;
  /** Per sample of a pgroup: its plane, and where it goes from the pgroup's first of that plane. */
  readonly #plane: Uint8Array;
  readonly #to: Uint32Array;
  readonly #chromaPerGroup: number;
  readonly #rowsPerRow: number;

  constructor(layout: FrameLayout) {
    this.#layout = layout;
    const { packing, width, height } = layout;
    const { sampling, pixels, depth } = packing;
    const chromaWidth = sampling === "KEY" ? 0 : sampling === "4:4:4" ? width : width / 2;
    const chromaHeight = sampling === "KEY" ? 0 : sampling === "4:2:0" ? height / 2 : height;
    this.planes = {
      y: new Uint16Array(width * height),
      cb: new Uint16Array(chromaWidth * chromaHeight),
      cr: new Uint16Array(chromaWidth * chromaHeight),
      width,
      height,
      chromaWidth,
      chromaHeight,
      depth,
    };
    const samples = samplesOf(packing);
    this.#plane = Uint8Array.from(samples, ([plane]) => plane);
    this.#to = Uint32Array.from(samples, ([plane, x, y]) => x + y * (plane === 0 ? width : chromaWidth));
    this.#chromaPerGroup = sampling === "4:4:4" ? pixels : pixels / 2;
    this.#rowsPerRow = sampling === "4:2:0" ? 2 : 1;
  }

  /** Unpacks `frame`; the planes are valid until the next call. */
  read(frame: Uint8Array): Planes {
    const { rowOctets, rows, packing, width } = this.#layout;
    const { chromaWidth } = this.planes;
    for (let row = 0; row < rows; row += 1) {
      const from = row * rowOctets;
      const yAt = row * this.#rowsPerRow * width;
      const chromaAt = row * chromaWidth;
      if (packing.sampling === "4:2:2" && packing.depth === 10) this.#row422p10(frame, from, yAt, chromaAt);
      else this.#row(frame, from, yAt, chromaAt);
    }
    return this.planes;
  }

  #row(frame: Uint8Array, from: number, yAt: number, chromaAt: number): void {
    const { y, cb, cr, depth } = this.planes;
    const { pixels } = this.#layout.packing;
    const end = from + this.#layout.rowOctets;
    const plane = this.#plane;
    const to = this.#to;
    const count = plane.length;
    const mask = 2 ** depth - 1;
    let luma = yAt;
    let chroma = chromaAt;
    let bits = 0;
    let held = 0;
    let i = 0;
    // A pgroup is whole octets, so that with its last sample no bit is left over.
    for (let at = from; at < end || held > 0; ) {
      while (held < depth) {
        // Less than a sample is left over, 15 bits at most, and two octets more fit 31.
        bits = ((bits << 8) | (frame[at++] as number)) & 0x7fffffff;
        held += 8;
      }
      held -= depth;
      const value = (bits >>> held) & mask;
      const place = to[i] as number;
      if (plane[i] === 0) y[luma + place] = value;
      else if (plane[i] === 1) cb[chroma + place] = value;
      else cr[chroma + place] = value;
      i += 1;
      if (i < count) continue;
      i = 0;
      luma += pixels;
      chroma += this.#chromaPerGroup;
    }
  }

  /** By far the most usual packing: four samples in five octets. */
  #row422p10(frame: Uint8Array, from: number, yAt: number, chromaAt: number): void {
    const { y, cb, cr } = this.planes;
    const end = from + this.#layout.rowOctets;
    let luma = yAt;
    let chroma = chromaAt;
    for (let at = from; at < end; at += 5) {
      const b = frame[at + 1] as number;
      const c = frame[at + 2] as number;
      const d = frame[at + 3] as number;
      cb[chroma] = ((frame[at] as number) << 2) | (b >>> 6);
      y[luma] = ((b & 0x3f) << 4) | (c >>> 4);
      cr[chroma] = ((c & 0x0f) << 6) | (d >>> 2);
      y[luma + 1] = ((d & 0x03) << 8) | (frame[at + 4] as number);
      luma += 2;
      chroma += 1;
    }
  }
}
