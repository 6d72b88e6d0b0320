import { expect, test } from "bun:test";
import { PCR_MODULUS } from "../packet.ts";
import { ProgramClock } from "./program-clock.ts";

test("13818-1 2.4.2.2: packets between two PCRs arrive in even steps, the PCR's own octet at its time", () => {
  const clock = new ProgramClock();
  expect(clock.pcr(1_000_000, 100)).toBe(false);
  expect(clock.pcr(1_000_000 + 188_000, 200)).toBe(true);
  expect(clock.ticksPerPacket).toBe(1880);
  // Octet 10 of packet 100 arrives at 0, its first octet 10 octets of 10 ticks earlier.
  expect(clock.arrival(100)).toBeCloseTo(-100, 9);
  expect(clock.arrival(150)).toBeCloseTo(50 * 1880 - 100, 9);
  expect(clock.arrival(200)).toBeCloseTo(188_000 - 100, 9);
});

test("13818-1 2.4.2.2: PCR and PTS wrap", () => {
  const clock = new ProgramClock();
  clock.pcr(PCR_MODULUS - 27_000, 0);
  expect(clock.pcr(27_000, 10)).toBe(true);
  expect(clock.ticks).toBe(54_000);
  expect(clock.stamp(180)).toBe(54_000 + 27_000);
  expect(clock.stamp(2 ** 33 - 90)).toBe(0);
});

test("PCRs that go back, stand still or are a second apart say nothing of the packets between", () => {
  const clock = new ProgramClock();
  clock.pcr(27e6, 0);
  expect(clock.pcr(26e6, 10)).toBe(false);
  expect(clock.pcr(26e6, 20)).toBe(false);
  expect(clock.pcr(26.5e6, 20)).toBe(false);
  expect(clock.pcr(54e6, 30)).toBe(false);
  expect(clock.pcr(54.1e6, 40)).toBe(true);
  clock.stop();
  expect(clock.running).toBe(false);
  expect(clock.pcr(54.2e6, 50)).toBe(false);
});
