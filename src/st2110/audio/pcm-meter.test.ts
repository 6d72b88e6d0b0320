import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { channelLevelsSchema } from "../../report/st2110-audio-schema.ts";
import { PcmMeter, type SampleLayout } from "./pcm-meter.ts";

const LAYOUTS: Record<string, SampleLayout> = {
  L16: { channels: 2, stride: 2, skip: 0, octets: 2, windowSamples: 100 },
  L24: { channels: 2, stride: 3, skip: 0, octets: 3, windowSamples: 100 },
  AM824: { channels: 2, stride: 4, skip: 1, octets: 3, windowSamples: 100 },
};

/** Samples of two channels as octets. */
function encode(
  { stride, skip, octets }: SampleLayout,
  samples: readonly (readonly [number, number])[],
): Uint8Array {
  const out = new Uint8Array(samples.length * 2 * stride);
  samples.flat().forEach((value, index) => {
    for (let octet = 0; octet < octets; octet += 1) {
      out[index * stride + skip + octet] = (value >> (8 * (octets - 1 - octet))) & 0xff;
    }
  });
  return out;
}

function levels(layout: SampleLayout, samples: readonly (readonly [number, number])[]) {
  const meter = new PcmMeter(layout);
  const octets = encode(layout, samples);
  meter.add(octets, 0, samples.length);
  expect(meter.samples).toBe(samples.length);
  return meter.report().map((level) => channelLevelsSchema.parse(level));
}

describe.each(Object.entries(LAYOUTS))("%s", (_, layout) => {
  const full = 2 ** (layout.octets * 8 - 1);
  const bits = layout.octets * 8;

  test("peak, RMS and bits in use by channel", () => {
    const samples = Array.from({ length: 250 }, (_, n) => [n % 2 === 0 ? full / 2 : -full / 2, 1] as const);
    const [left, right] = levels(layout, samples);
    expect(left?.peakDbfs).toBeCloseTo(-6.0206, 3);
    expect(left?.rmsDbfs).toBeCloseTo(-6.0206, 3);
    expect(left?.recentRmsDbfs).toBeCloseTo(-6.0206, 3);
    expect(left?.significantBits).toBe(2);
    expect(right?.significantBits).toBe(bits);
    expect(right?.peakDbfs).toBeCloseTo(20 * Math.log10(1 / full), 6);
  });

  test("silence up to now and the longest", () => {
    const samples = Array.from({ length: 100 }, (_, n) => [n < 30 || n >= 90 ? 0 : 5, 0] as const);
    const [left, right] = levels(layout, samples);
    expect(left).toMatchObject({ silent: false, silentMs: 100, longestSilenceMs: 300 });
    expect(right).toMatchObject({
      silent: true,
      silentMs: 1000,
      peakDbfs: null,
      rmsDbfs: null,
      significantBits: 0,
    });
  });

  test("clipping is three samples of full scale in a row", () => {
    const samples = [full - 1, full - 1, 0, full - 1, full - 1, full - 1, full - 1, -full, 3].map(
      (n) => [n, -full] as const,
    );
    const [left, right] = levels(layout, samples);
    expect(left?.clips).toBe(1);
    expect(right).toMatchObject({ clips: 1, peakDbfs: 0 });
  });

  test("any samples: the peak is the largest magnitude, RMS is not above it", () => {
    const value = fc.integer({ min: -full, max: full - 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 300 }), (samples) => {
        levels(layout, samples).forEach((level, channel) => {
          const peak = Math.max(...samples.map((sample) => Math.abs(sample[channel] as number)));
          if (peak === 0) expect(level.peakDbfs).toBeNull();
          else expect(level.peakDbfs).toBeCloseTo(20 * Math.log10(peak / full), 9);
          expect(level.rmsDbfs ?? -999).toBeLessThanOrEqual((level.peakDbfs ?? -999) + 1e-9);
        });
      }),
      { numRuns: 50 },
    );
  });
});
