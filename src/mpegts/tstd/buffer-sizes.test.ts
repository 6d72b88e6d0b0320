import { expect, test } from "bun:test";
import { aacBuffers, avcBuffers, hevcBuffers, mpegVideoBuffers } from "./buffer-sizes.ts";

const MAIN_MAIN = {
  profileLevel: 0x48,
  bitRateBps: 4e6,
  vbvBits: 1_835_008,
  lowDelay: false,
  constrained: false,
};

test("13818-1 2.4.2.3: MP@ML leaks TBn at 1.2 times 15 Mbit/s and has 10 000 octets of MBn", () => {
  // BSmux 60 000 bits, BSoh 20 000 bits, and nothing left of VBVmax.
  expect(mpegVideoBuffers(MAIN_MAIN)).toEqual({
    rxBps: 18e6,
    mbOctets: 10_000,
    rbxBps: 15e6,
    ebOctets: 229_376,
    mayUnderflow: false,
  });
});

test("13818-1 2.4.2.3: what the VBV does not use belongs to MBn in Low and Main level", () => {
  const half = mpegVideoBuffers({ ...MAIN_MAIN, vbvBits: 917_504, lowDelay: true });
  expect(half?.mbOctets).toBe(10_000 + 114_688);
  expect(half?.ebOctets).toBe(114_688);
  expect(half?.mayUnderflow).toBe(true);
});

test("13818-1 2.4.2.3: High level has no more than BSmux and BSoh, and leaks at 1.05 times the stream's rate", () => {
  const high = mpegVideoBuffers({ ...MAIN_MAIN, profileLevel: 0x44, bitRateBps: 20e6, vbvBits: 4_000_000 });
  expect(high?.mbOctets).toBeCloseTo((320_000 + 80e6 / 750) / 8, 6);
  expect(high?.rbxBps).toBe(21e6);
  const fast = mpegVideoBuffers({ ...MAIN_MAIN, profileLevel: 0x44, bitRateBps: 79e6 });
  expect(fast?.rbxBps).toBe(80e6);
});

test("13818-1 2.4.2.3: MPEG-1 video only with constrained parameters; unknown levels have no buffers", () => {
  const mpeg1 = { ...MAIN_MAIN, profileLevel: null, vbvBits: 327_680 };
  expect(mpegVideoBuffers(mpeg1)).toBeNull();
  expect(mpegVideoBuffers({ ...mpeg1, constrained: true })?.rbxBps).toBeCloseTo(1.2 * 1_856_000, 3);
  expect(mpegVideoBuffers({ ...MAIN_MAIN, profileLevel: 0x4f })).toBeNull();
});

test("13818-1 2.14.3.1: AVC level 4 has 1200 times MaxBR and MaxCPB", () => {
  expect(avcBuffers({ level: 40, cpbBits: 0, bitRateBps: 0, lowDelay: false })).toEqual({
    rxBps: 28_800_000,
    mbOctets: 16_000, // 96 000 + 32 000 bits
    rbxBps: 24e6,
    ebOctets: 3_750_000,
    mayUnderflow: false,
  });
});

test("13818-1 2.14.3.1: the CPB of the NAL HRD is EBn, MBn has the rest of the level's", () => {
  const hrd = avcBuffers({ level: 40, cpbBits: 2_000_000, bitRateBps: 5e6, lowDelay: false });
  expect(hrd?.ebOctets).toBe(250_000);
  expect(hrd?.mbOctets).toBe(16_000 + 3_500_000);
  // High profile's HRD may be larger than 1200 times the level's.
  const high = avcBuffers({ level: 40, cpbBits: 37_500_000, bitRateBps: 30e6, lowDelay: false });
  expect(high?.ebOctets).toBe(4_687_500);
  expect(high?.rbxBps).toBe(30e6);
  expect(avcBuffers({ level: 77, cpbBits: 0, bitRateBps: 0, lowDelay: false })).toBeNull();
});

test("13818-1 2.14.3.1: BSmux and BSoh are for 2 Mbit/s at least", () => {
  expect(avcBuffers({ level: 10, cpbBits: 0, bitRateBps: 0, lowDelay: false })?.mbOctets).toBeCloseTo(
    (8000 + 2e6 / 750) / 8,
    6,
  );
});

test("13818-1 2.17.2: HEVC by tier and level with 1100 for Main and Main 10", () => {
  expect(hevcBuffers({ profile: 2, highTier: false, level: 153, lowDelay: false })?.rbxBps).toBe(44e6);
  expect(hevcBuffers({ profile: 1, highTier: true, level: 120, lowDelay: false })?.ebOctets).toBe(4_125_000);
  expect(hevcBuffers({ profile: 1, highTier: false, level: 30, lowDelay: false })?.ebOctets).toBe(48_125);
  expect(hevcBuffers({ profile: 4, highTier: false, level: 120, lowDelay: false })).toBeNull();
  expect(hevcBuffers({ profile: 1, highTier: false, level: 121, lowDelay: false })).toBeNull();
});

test("13818-1 2.14.3.1, 2.17.2: EBn may underflow with low_delay_hrd_flag, else it may not", () => {
  const avc = { level: 40, cpbBits: 0, bitRateBps: 0 };
  const hevc = { profile: 1, highTier: false, level: 120 };
  for (const lowDelay of [false, true]) {
    expect(avcBuffers({ ...avc, lowDelay })?.mayUnderflow).toBe(lowDelay);
    expect(hevcBuffers({ ...hevc, lowDelay })?.mayUnderflow).toBe(lowDelay);
  }
});

test("13818-1 2.4.2.3: AAC by channels", () => {
  expect([1, 2, 6, 8, 12, 48].map((channels) => aacBuffers(channels).ebOctets)).toEqual([
    3584, 3584, 8976, 8976, 12_804, 51_216,
  ]);
  expect(aacBuffers(6).rxBps).toBe(5_529_600);
});
