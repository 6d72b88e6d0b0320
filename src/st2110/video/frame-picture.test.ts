import { describe, expect, test } from "bun:test";
import { bmpOf, likelyMatrix, type Matrix } from "./frame-picture.ts";
import type { Planes } from "./frame-planes.ts";

/** A picture of one colour, 2 x 2, 4:2:2. */
function one(depth: number, y: number, cb: number, cr: number): Planes {
  return {
    y: new Uint16Array(4).fill(y),
    cb: new Uint16Array(2).fill(cb),
    cr: new Uint16Array(2).fill(cr),
    width: 2,
    height: 2,
    chromaWidth: 1,
    chromaHeight: 2,
    depth,
  };
}

/** Red, green and blue of the first pixel of a BMP. */
function colour(bmp: Uint8Array): number[] {
  return [...bmp.subarray(54, 57)].reverse();
}

describe("narrow-range YCbCr to RGB", () => {
  // Code values of saturated colours, from the equations of the recommendations.
  const cases: [Matrix, number, [number, number, number], [number, number, number]][] = [
    ["bt601", 8, [81, 90, 240], [255, 0, 0]],
    ["bt601", 8, [145, 54, 34], [0, 255, 0]],
    ["bt601", 8, [41, 240, 110], [0, 0, 255]],
    ["bt709", 8, [63, 102, 240], [255, 0, 0]],
    ["bt709", 10, [250, 409, 960], [255, 0, 0]],
    ["bt709", 10, [691, 167, 105], [0, 255, 0]],
    ["bt709", 10, [127, 960, 471], [0, 0, 255]],
    ["bt2020", 10, [294, 387, 960], [255, 0, 0]],
    ["bt2020", 10, [658, 189, 100], [0, 255, 0]],
    ["bt709", 10, [940, 512, 512], [255, 255, 255]],
    ["bt709", 10, [64, 512, 512], [0, 0, 0]],
    ["bt709", 12, [2008, 2048, 2048], [128, 128, 128]],
  ];
  test.each(cases)("%s, %d bits: %j is %j", (matrix, depth, [y, cb, cr], expected) => {
    const got = colour(bmpOf(one(depth, y, cb, cr), matrix));
    for (const [i, value] of expected.entries()) expect(Math.abs((got[i] as number) - value)).toBeLessThan(3);
  });

  test("RGB of 4:4:4 stands in the order of the packets", () => {
    const planes = {
      ...one(10, 502, 940, 64),
      chromaWidth: 2,
      cb: new Uint16Array(4).fill(940),
      cr: new Uint16Array(4).fill(64),
    };
    expect(colour(bmpOf(planes, "rgb"))).toEqual([255, 128, 0]);
  });

  test("values beyond the range are cut", () => {
    expect(colour(bmpOf(one(10, 1019, 512, 1019), "bt709"))[0]).toBe(255);
    expect(colour(bmpOf(one(10, 4, 4, 4), "bt709"))).toContain(0);
  });
});

test("standard definition is BT.601, all else BT.709", () => {
  expect([486, 576, 720, 2160].map(likelyMatrix)).toEqual(["bt601", "bt601", "bt709", "bt709"]);
});
