import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { PCR_MODULUS } from "../packet.ts";
import { PtsTrack } from "./pts-track.ts";
import { type PesFields, pesHeader, pesPacket } from "./test-pes.ts";

/** Gives a PES packet that stands in one packet. */
function give(track: PtsTrack, fields: PesFields, clock27 = Number.NaN): boolean {
  return track.packet(pesPacket(pesHeader(fields)), 0, clock27);
}

const MS = 90;

describe("counts, intervals and order of PTS and DTS", () => {
  test("pictures out of their order", () => {
    const track = new PtsTrack(256);
    // I P B B P in the order they are sent, 40 ms each.
    const pts = [80, 200, 120, 160, 240];
    pts.forEach((ms, i) => {
      expect(give(track, { pts: ms * MS, ...(ms * MS === i * 40 * MS ? {} : { dts: i * 40 * MS }) })).toBe(
        true,
      );
    });
    const report = track.report();
    expect(report.pts).toBe(5);
    expect(report.dts).toBe(5);
    expect(report.dtsDisorder).toBe(0);
    expect(report.ptsIntervalMs).toMatchObject({ count: 4, min: -80, mean: 40, max: 120 });
    expect(report.ptsMinusPcrMs).toBeNull();
    expect(report.audioOffsetMs).toBeNull();
  });

  test("33 bits wrap, and nothing happens", () => {
    const track = new PtsTrack(256);
    for (let i = 0; i < 4; i += 1) give(track, { pts: (2 ** 33 - 2 * 3600 + i * 3600) % 2 ** 33 });
    expect(track.report()).toMatchObject({ pts: 4, dts: 0, dtsDisorder: 0 });
    expect(track.report().ptsIntervalMs).toMatchObject({ count: 3, min: 40, max: 40 });
  });

  test("2.7.5: disorder is a DTS that does not increase, or a PTS before its DTS", () => {
    const track = new PtsTrack(256);
    give(track, { pts: 9000, dts: 5400 });
    give(track, { pts: 9000, dts: 5400 });
    expect(track.report().dtsDisorder).toBe(1);
    give(track, { pts: 9000, dts: 5399 });
    expect(track.report().dtsDisorder).toBe(2);
    give(track, { pts: 8999, dts: 9000 });
    expect(track.report().dtsDisorder).toBe(3);
  });

  test("subtitles may say the same time twice", () => {
    const track = new PtsTrack(256);
    give(track, { pts: 9000, streamId: 0xbd });
    give(track, { pts: 9000, streamId: 0xbd });
    expect(track.report().dtsDisorder).toBe(0);
    give(track, { pts: 8999, streamId: 0xbd });
    expect(track.report().dtsDisorder).toBe(1);
  });

  test("after a restart there is nothing before the next", () => {
    const track = new PtsTrack(256);
    give(track, { pts: 900_000 });
    track.restart();
    give(track, { pts: 9000 });
    expect(track.report()).toMatchObject({ pts: 2, dtsDisorder: 0 });
    expect(track.report().ptsIntervalMs.count).toBe(0);
  });
});

describe("PTS against the program clock", () => {
  test("PTS less PCR, over the wrap too", () => {
    const track = new PtsTrack(256);
    give(track, { pts: 90_000 }, 13_500_000);
    expect(track.lead).toBe(45_000);
    give(track, { pts: 9000 }, PCR_MODULUS - 2_700_000);
    expect(track.report().ptsMinusPcrMs).toMatchObject({ count: 2, min: 200, max: 500 });
  });

  test("audio ahead of video, less the turns of the multiplex", () => {
    const video = new PtsTrack(256);
    const audio = new PtsTrack(257);
    give(audio, { pts: 1, streamId: 0xc0 }, 0);
    audio.against(video);
    expect(audio.report().audioOffsetMs).toBeNull();
    // Video is sent 700 ms before its time, audio 200 ms; whenever the one comes after the other.
    for (const [turn, at] of [0, 30, 70].entries()) {
      give(video, { pts: (1000 + turn * 40 + 700) * MS }, (1000 + turn * 40) * 27_000);
      give(
        audio,
        { pts: (1000 + turn * 40 + at + 200) * MS, streamId: 0xc0 },
        (1000 + turn * 40 + at) * 27_000,
      );
      audio.against(video);
    }
    const offset = audio.report().audioOffsetMs;
    expect(offset?.min).toBeCloseTo(-500, 6);
    expect(offset?.mean).toBeCloseTo(-500, 6);
    expect(offset?.max).toBeCloseTo(-500, 6);
  });
});

describe("a header over several packets", () => {
  const header = pesHeader({ pts: 180_000, dts: 90_000 });

  test("is put together, with the clock of its start", () => {
    for (let first = 1; first < 19; first += 1) {
      const track = new PtsTrack(256);
      expect(track.packet(pesPacket(header, first), 0, 27_000_000)).toBe(false);
      // The middle, one octet of it, and the rest.
      expect(track.packet(pesPacket(header.subarray(first), 1, false), 0, 1)).toBe(first === 18);
      if (first < 18)
        expect(track.packet(pesPacket(header.subarray(first + 1), 184, false), 0, 1)).toBe(true);
      expect(track.report()).toMatchObject({ pts: 1, dts: 1 });
      expect(track.lead).toBe(90_000);
    }
  });

  test("does not go on where packets are missing", () => {
    const track = new PtsTrack(256);
    track.packet(pesPacket(header, 10), 0, 0);
    track.lost();
    expect(track.packet(pesPacket(header.subarray(10), 184, false), 0, 0)).toBe(false);
    expect(track.report().pts).toBe(0);
  });

  test("ends where another starts", () => {
    const track = new PtsTrack(256);
    track.packet(pesPacket(header, 10), 0, 0);
    expect(give(track, { pts: 9000 })).toBe(true);
    expect(track.report().pts).toBe(1);
  });
});

test("packets without a time stamp say nothing; broken headers are counted", () => {
  const track = new PtsTrack(256);
  expect(track.packet(pesPacket(pesHeader({}), 184), 0, 0)).toBe(false);
  expect(track.packet(pesPacket(pesHeader({ pts: 1 }), 184, false), 0, 0)).toBe(false);
  expect(track.packet(pesPacket(Uint8Array.of(1, 2, 3, 4)), 0, 0)).toBe(false);
  expect(give(track, { streamId: 0xbe })).toBe(false);
  expect(track.broken).toBe(0);
  const broken = pesHeader({ pts: 1 });
  broken[9] = 0;
  expect(track.packet(pesPacket(broken), 0, 0)).toBe(false);
  expect(track.broken).toBe(1);
  expect(track.report().pts).toBe(0);
});

test("any packets: nothing is thrown, and numbers add up", () => {
  const octets = fc.uint8Array({ minLength: 187, maxLength: 187 });
  const clock = fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 0, max: PCR_MODULUS - 1 }));
  const start = Uint8Array.of(0, 0, 1, 0xe0, 0, 0, 0x80, 0xc0, 10);
  fc.assert(
    fc.property(fc.array(fc.tuple(octets, clock, fc.boolean()), { maxLength: 12 }), (packets) => {
      const track = new PtsTrack(1);
      let stamps = 0;
      for (const [rest, clock27, pes] of packets) {
        const packet = new Uint8Array([0x47, ...rest]);
        if (pes) packet.set([0x40, 0, 0x10, ...start], 1);
        if (track.packet(packet, 0, clock27)) stamps += 1;
      }
      const report = track.report();
      expect(report).toEqual(track.report());
      expect(report.pts).toBe(stamps);
      expect(report.dts).toBeLessThanOrEqual(stamps);
      expect(report.ptsIntervalMs.count).toBe(Math.max(0, stamps - 1));
    }),
  );
});
