import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { rational } from "../timing21/rational.ts";
import { rateOf, ticksPerPicture } from "./frame-rate.ts";
import { profileName, readPicture, startsPicture } from "./picture.ts";
import { segmentStart } from "./test-packets.ts";

describe("RFC 9134 3.4: picture segments", () => {
  test("boxes and picture header", () => {
    const start = segmentStart(5000);
    expect(startsPicture(start, 0, start.length)).toBe(true);
    expect(readPicture(start, 0, start.length)).toEqual({
      boxOctets: 20,
      codestreamOctets: 4980,
      profile: 0x3a40,
      level: 0x2408,
      width: 1920,
      height: 1080,
      components: 3,
    });
  });

  test("cut anywhere before the end of the header it is not read", () => {
    const start = segmentStart(5000);
    for (let len = 0; len < 48; len += 1) expect(readPicture(start, 0, len)).toBeNull();
    expect(readPicture(start, 0, 48)).not.toBeNull();
  });

  test("profiles by name, else as hex", () => {
    expect([0x3540, 0x4a40, 0x0000].map(profileName)).toEqual(["Main422.10", "High444.12", "0x0000"]);
  });

  test("any octets: no exception, nothing read behind them", () => {
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .uint8Array({ maxLength: 100 })
        .map((end) => Uint8Array.from([...segmentStart(500).subarray(0, 30), ...end])),
    );
    fc.assert(
      fc.property(octets, (input) => {
        const more = new Uint8Array(input.length + 64).fill(0xff);
        more.set(input);
        expect(readPicture(more, 0, input.length)).toEqual(readPicture(input, 0, input.length));
        expect(startsPicture(more, 0, input.length)).toBe(startsPicture(input, 0, input.length));
      }),
    );
  });
});

describe("picture rate by RTP timestamps", () => {
  test("one step tells most rates", () => {
    expect(rateOf(1800, 1)).toEqual(rational(50));
    expect(rateOf(1501, 1)).toEqual(rational(60_000, 1001));
    expect(rateOf(1502, 1)).toEqual(rational(60_000, 1001));
    expect(rateOf(3003, 1)).toEqual(rational(30_000, 1001));
  });

  test("120 and 119.88 take more", () => {
    expect(rateOf(750, 1)).toBeNull();
    expect(rateOf(1501, 2)).toEqual(rational(120_000, 1001));
    expect(rateOf(3000, 4)).toEqual(rational(120));
  });

  test("no rate of television", () => {
    expect(rateOf(1000, 1)).toBeNull();
    expect(rateOf(-1800, 1)).toBeNull();
    expect(ticksPerPicture(rational(60_000, 1001))).toBe(1501.5);
  });
});
