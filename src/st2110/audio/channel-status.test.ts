import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  isLinearPcm,
  isProfessional,
  statusCrc,
  statusCrcError,
  statusFrameRateHz,
  statusMode,
  statusRateHz,
  statusText,
  statusWordLength,
} from "./channel-status.ts";

function block(octets: Record<number, number>): Uint8Array {
  const status = new Uint8Array(24);
  for (const [at, octet] of Object.entries(octets)) status[Number(at)] = octet;
  return status;
}

describe("AES3 5: channel status", () => {
  test("CRCC, both examples of the standard", () => {
    expect(statusCrc(block({ 0: 0x3d, 1: 0x02, 4: 0x02 }), 0)).toBe(0x9b);
    expect(statusCrc(block({ 0: 0x01 }), 0)).toBe(0x32);
  });

  test("CRCC is asked of professional blocks that have one", () => {
    expect(statusCrcError(block({ 0: 0x01, 23: 0x32 }), 0)).toBe(false);
    expect(statusCrcError(block({ 0: 0x01, 23: 0x33 }), 0)).toBe(true);
    expect(statusCrcError(block({ 0: 0x01 }), 0)).toBe(false);
    expect(statusCrcError(block({ 0: 0x00, 23: 0x33 }), 0)).toBe(false);
  });

  test("octet 0: use, audio, sampling frequency", () => {
    expect(isProfessional(block({ 0: 1 }), 0)).toBe(true);
    expect(isLinearPcm(block({ 0: 1 }), 0)).toBe(true);
    expect(isLinearPcm(block({ 0: 3 }), 0)).toBe(false);
    expect([0x00, 0x40, 0x80, 0xc0].map((octet) => statusRateHz(block({ 0: octet | 1 }), 0))).toEqual([
      null,
      44_100,
      48_000,
      32_000,
    ]);
  });

  test("octet 4 names rates that octet 0 has no room for", () => {
    expect(statusRateHz(block({ 0: 1, 4: 2 << 3 }), 0)).toBe(96_000);
    expect(statusRateHz(block({ 0: 1, 4: 10 << 3 }), 0)).toBe(88_200);
  });

  test("octet 1: in the modes of double sampling frequency, octet 4 names twice the rate of the frames", () => {
    for (const mode of [14, 1, 9]) {
      expect(statusFrameRateHz(block({ 0: 0x81, 1: mode, 4: 2 << 3 }), 0)).toBe(48_000);
      expect(statusFrameRateHz(block({ 0: 0x81, 1: mode }), 0)).toBe(48_000);
    }
    expect(statusFrameRateHz(block({ 0: 1, 1: 2, 4: 2 << 3 }), 0)).toBe(96_000);
    expect(statusFrameRateHz(block({ 0: 1, 1: 14 }), 0)).toBeNull();
  });

  test("octet 1: mode; octet 2: word length by the use of the auxiliary bits", () => {
    expect([0, 8, 4, 2, 3].map((octet) => statusMode(block({ 1: octet }), 0))).toEqual([
      "not indicated",
      "two-channel",
      "single-channel",
      "stereophonic",
      "reserved",
    ]);
    const lengths = [0, 4, 2, 6, 1, 5, 3].map((length) => [
      statusWordLength(block({ 2: (length << 3) | 4 }), 0),
      statusWordLength(block({ 2: length << 3 }), 0),
    ]);
    expect(lengths).toEqual([
      [null, null],
      [23, 19],
      [22, 18],
      [21, 17],
      [20, 16],
      [24, 20],
      [null, null],
    ]);
  });

  test("origin and destination", () => {
    const status = block({ 6: 0x43, 7: 0x41, 8: 0xcd, 9: 0x31 });
    expect(statusText(status, 0, 6)).toBe("CAM1");
    expect(statusText(status, 0, 10)).toBeNull();
  });

  test("any block can be read", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 30, maxLength: 30 }), fc.nat(6), (octets, off) => {
        expect(statusCrc(octets, off)).toBeLessThan(256);
        expect(statusMode(octets, off)).not.toBe("");
        statusCrcError(octets, off);
        const length = statusWordLength(octets, off) ?? 16;
        expect(length >= 16 && length <= 24).toBe(true);
        expect(statusText(octets, off, 6)).not.toBe("");
      }),
    );
  });
});
