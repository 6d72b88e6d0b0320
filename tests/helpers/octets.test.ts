import { expect, test } from "bun:test";
import { octetDifference, tsPackets } from "./octets.ts";

test("the first difference is named by offset and packet", () => {
  const octets = new Uint8Array(400);
  expect(octetDifference(octets, octets.slice())).toBeNull();
  const other = octets.slice();
  other[190] = 1;
  expect(octetDifference(octets, other)).toBe(
    "400 octets, expected 400; first difference at 190 (TS packet 1)",
  );
  expect(octetDifference(octets.subarray(1), octets)).toContain("399 octets, expected 400");
  expect(octetDifference(undefined, octets)).toBe("nothing there; expected 400 octets");
});

test("a partial packet at the end is kept", () => {
  expect(tsPackets(new Uint8Array(400)).map(({ length }) => length)).toEqual([188, 188, 24]);
});
