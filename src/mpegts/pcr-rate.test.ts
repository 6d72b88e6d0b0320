import { expect, test } from "bun:test";
import { PCR_MODULUS, SYSTEM_CLOCK_HZ, TS_PACKET_BITS } from "./packet.ts";
import { PCR_MAX_INTERVAL, PcrRate } from "./pcr-rate.ts";

test("no interval, no rate", () => {
  const rate = new PcrRate();
  expect(rate.bitrateBps).toBeNull();
  rate.interval(5, 5, 10, false);
  rate.interval(0, PCR_MAX_INTERVAL + 1, 10, false);
  rate.interval(10, 9, 10, false);
  expect(rate.bitrateBps).toBeNull();
});

test("packets over ticks, summed", () => {
  const rate = new PcrRate();
  rate.interval(0, 27_000, 10, false);
  rate.interval(27_000, 27_000 * 4, 50, false);
  expect(rate.bitrateBps).toBeCloseTo((60 * TS_PACKET_BITS) / 0.004, 3);
});

test("ISO/IEC 13818-1 2.4.3.5: the PCR wraps after 2^33 * 300", () => {
  const rate = new PcrRate();
  rate.interval(PCR_MODULUS - 1000, 26_000, 10, false);
  expect(rate.bitrateBps).toBeCloseTo((10 * TS_PACKET_BITS * SYSTEM_CLOCK_HZ) / 27_000, 3);
});

test("intervals with lost packets count only where there are no others", () => {
  const rate = new PcrRate();
  rate.interval(0, 27_000, 5, true);
  expect(rate.bitrateBps).toBeCloseTo(5 * TS_PACKET_BITS * 1000, 3);
  rate.interval(0, 27_000, 10, false);
  expect(rate.bitrateBps).toBeCloseTo(10 * TS_PACKET_BITS * 1000, 3);
});
