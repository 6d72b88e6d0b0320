import type { Planes } from "./frame-planes.ts";

/** Colours that samples may stand for; `rgb` where 4:4:4 samples are no YCbCr. */
export type Matrix = "bt601" | "bt709" | "bt2020" | "rgb";

/** Kr and Kb of each matrix (BT.601-7, BT.709-6, BT.2020-2 non-constant luminance). */
const WEIGHTS: Record<Exclude<Matrix, "rgb">, readonly [kr: number, kb: number]> = {
  bt601: [0.299, 0.114],
  bt709: [0.2126, 0.0722],
  bt2020: [0.2627, 0.0593],
};

const SD_LINES = 576;
const BMP_HEADER = 54;

/** The matrix that a picture of so many lines most likely has. */
export function likelyMatrix(height: number): Matrix {
  return height <= SD_LINES ? "bt601" : "bt709";
}

/**
 * A frame of narrow-range samples as a BMP picture of 24 bits a pixel, upside up: what `Bun.Image` reads. Colour
 * samples between others are repeated, not filtered.
 */
export function bmpOf(planes: Planes, matrix: Matrix): Uint8Array {
  const { width, height } = planes;
  const stride = (width * 3 + 3) & ~3;
  const bmp = new Uint8Array(BMP_HEADER + stride * height);
  const view = new DataView(bmp.buffer);
  view.setUint16(0, 0x424d);
  view.setUint32(2, bmp.length, true);
  view.setUint32(10, BMP_HEADER, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  view.setUint32(34, stride * height, true);
  for (let line = 0; line < height; line += 1) {
    const at = BMP_HEADER + (height - 1 - line) * stride;
    if (matrix === "rgb") rgbLine(planes, line, bmp, at);
    else ycbcrLine(planes, line, matrix, bmp, at);
  }
  return bmp;
}

function ycbcrLine(
  planes: Planes,
  line: number,
  matrix: Exclude<Matrix, "rgb">,
  to: Uint8Array,
  at: number,
): void {
  const { y, cb, cr, width, height, chromaWidth, chromaHeight, depth } = planes;
  const [kr, kb] = WEIGHTS[matrix];
  const kg = 1 - kr - kb;
  const scale = 2 ** (depth - 8);
  const chroma = chromaHeight === 0 ? -1 : Math.floor((line * chromaHeight) / height) * chromaWidth;
  const shift = chromaWidth === width ? 0 : 1;
  for (let x = 0; x < width; x += 1) {
    const luma = (((y[line * width + x] as number) / scale - 16) * 255) / 219;
    const place = chroma + (x >> shift);
    const blue = chroma < 0 ? 0 : (((cb[place] as number) / scale - 128) * 255) / 224;
    const red = chroma < 0 ? 0 : (((cr[place] as number) / scale - 128) * 255) / 224;
    const r = luma + 2 * (1 - kr) * red;
    const b = luma + 2 * (1 - kb) * blue;
    const out = at + x * 3;
    to[out] = octet(b);
    to[out + 1] = octet((luma - kr * r - kb * b) / kg);
    to[out + 2] = octet(r);
  }
}

/** R, G and B stand where Cb, Y and Cr would (ST 2110-20 6.2.3). */
function rgbLine(planes: Planes, line: number, to: Uint8Array, at: number): void {
  const { y, cb, cr, width, depth } = planes;
  const scale = 2 ** (depth - 8);
  const full = (sample: number): number => octet(((sample / scale - 16) * 255) / 219);
  for (let x = 0; x < width; x += 1) {
    const place = line * width + x;
    const out = at + x * 3;
    to[out] = full(cr[place] as number);
    to[out + 1] = full(y[place] as number);
    to[out + 2] = full(cb[place] as number);
  }
}

function octet(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value);
}
