import { expect, test } from "bun:test";
import type { Variant } from "./playlist.ts";
import { chooseVariant } from "./variant-choice.ts";

const variant = (bandwidthBps: number, width: number, height: number): Variant => ({
  uri: "x",
  bandwidthBps,
  averageBandwidthBps: 0,
  codecs: "",
  width,
  height,
  frameRate: 0,
});
const VARIANTS = [
  variant(1_280_000, 640, 360),
  variant(7_680_000, 1920, 1080),
  variant(2_560_000, 1280, 720),
  variant(65_000, 0, 0),
];

test.each([
  ["highest", 1],
  ["lowest", 3],
  ["1", 0],
  ["4", 3],
  ["1280x720", 2],
  ["3000k", 2],
  ["2.56M", 2],
  ["1280000", 0],
])("%s", (choice, index) => {
  expect(chooseVariant(VARIANTS, choice)).toBe(index);
});

test.each(["5", "320x240", "64k"])("%s is none: the message lists what there is", (choice) => {
  expect(() => chooseVariant(VARIANTS, choice)).toThrow(
    /--hls-variant \(HLS_VARIANT\).*2: 1920x1080, 7680 kb\/s/,
  );
});

test("a master playlist without a variant", () => {
  expect(() => chooseVariant([], "highest")).toThrow("has none");
});
