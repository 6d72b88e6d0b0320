import { expect, test } from "bun:test";
import fc from "fast-check";
import { descriptorAt, findDescriptor } from "./raw-descriptors.ts";
import { descriptor } from "./test-sections.ts";

test("13818-1 2.6: the first descriptor with the tag and enough content", () => {
  const octets = Uint8Array.from([...descriptor(5, 1), ...descriptor(5, 1, 2, 3, 4), ...descriptor(9, 1)]);
  expect(findDescriptor(octets, 0, octets.length, 5)).toBe(0);
  expect(findDescriptor(octets, 0, octets.length, 5, 4)).toBe(3);
  expect(findDescriptor(octets, 0, octets.length, 9)).toBe(9);
  expect(findDescriptor(octets, 0, octets.length, 9, 2)).toBe(-1);
  expect(findDescriptor(octets, 0, octets.length - 1, 9)).toBe(-1);
});

test("any octets: never outside, and what is found lies whole inside", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(255), (octets, tag) => {
      const at = findDescriptor(octets, 0, octets.length, tag);
      if (at >= 0) {
        expect(octets[at]).toBe(tag);
        expect(at + 2 + (octets[at + 1] as number)).toBeLessThanOrEqual(octets.length);
      }
      let walked = 0;
      for (let i = descriptorAt(octets, 0, octets.length); i >= 0; ) {
        walked = i + 2 + (octets[i + 1] as number);
        i = descriptorAt(octets, walked, octets.length);
      }
      expect(walked).toBeLessThanOrEqual(octets.length);
    }),
  );
});
