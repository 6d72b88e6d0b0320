import { expect, test } from "bun:test";
import fc from "fast-check";
import { type AudioSyntax, audioFrame, readAudioFrame } from "./audio-frame.ts";

function read(syntax: AudioSyntax, ...octets: number[]) {
  const frame = audioFrame();
  const padded = new Uint8Array(16);
  padded.set(octets, 3);
  return readAudioFrame(syntax, padded, 3, frame) ? frame : null;
}

test("11172-3 2.4.2.3: layer II, 192 kbit/s at 48 kHz is 576 octets in 24 ms", () => {
  expect(read("mpeg", 0xff, 0xfd, 0xa4, 0x00)).toEqual({ length: 576, durationTicks: 648_000, channels: 2 });
});

test("11172-3 2.4.2.3: padding, layer I and III, mono", () => {
  expect(read("mpeg", 0xff, 0xfd, 0xa2, 0xc0)).toEqual({
    length: 627, // 144 * 192000 / 44100 and a padding octet
    durationTicks: (1152 * 27e6) / 44_100,
    channels: 1,
  });
  expect(read("mpeg", 0xff, 0xff, 0xc4, 0x00)?.length).toBe(384); // 12 * 384000 / 48000 slots of 4
  expect(read("mpeg", 0xff, 0xfb, 0x94, 0x00)?.length).toBe(384); // 144 * 128000 / 48000
});

test("13818-3 2.4.2.3: lower sampling frequencies", () => {
  // Layer III, 64 kbit/s at 24 kHz: 72 * 64000 / 24000.
  expect(read("mpeg", 0xff, 0xf3, 0x84, 0x00)).toEqual({ length: 192, durationTicks: 648_000, channels: 2 });
});

test("11172-3 2.4.2.3: free format, reserved values and no syncword are no frame", () => {
  expect(read("mpeg", 0xff, 0xfd, 0x04, 0)).toBeNull();
  expect(read("mpeg", 0xff, 0xfd, 0xf4, 0)).toBeNull();
  expect(read("mpeg", 0xff, 0xfd, 0xac, 0)).toBeNull();
  expect(read("mpeg", 0xff, 0xf9, 0xa4, 0)).toBeNull();
  expect(read("mpeg", 0xfe, 0xfd, 0xa4, 0)).toBeNull();
});

test("13818-7 6.2: ADTS length, sampling frequency and channels", () => {
  // 48 kHz (index 3), channel_configuration 6, 371 octets, one block.
  expect(read("adts", 0xff, 0xf1, 0x4d, 0x80, 371 >> 3, ((371 & 7) << 5) | 0x1f, 0xfc)).toEqual({
    length: 371,
    durationTicks: 576_000,
    channels: 6,
  });
  expect(read("adts", 0xff, 0xf1, 0x4d, 0xc0, 371 >> 3, 0x7f, 0xfc)?.channels).toBe(8);
  expect(read("adts", 0xff, 0xf1, 0x7c, 0x80, 46, 0x7f, 0xfc)).toBeNull();
  expect(read("adts", 0xff, 0xf1, 0x4c, 0x80, 0, 0x1f, 0xfc)).toBeNull();
});

test("14496-3 1.7.2: LOAS says its length only", () => {
  expect(read("loas", 0x56, 0xe1, 0x02)).toEqual({ length: 261, durationTicks: Number.NaN, channels: 0 });
  expect(read("loas", 0x56, 0xc1, 0x02)).toBeNull();
});

test("A/52 5.4.1: AC-3 of 384 kbit/s at 48 kHz is 1536 octets in 32 ms", () => {
  expect(read("ac3", 0x0b, 0x77, 0, 0, 0x1c, 0x40)).toEqual({
    length: 1536,
    durationTicks: 864_000,
    channels: 0,
  });
  expect(read("ac3", 0x0b, 0x77, 0, 0, 0x5d, 0x40)?.length).toBe(1672); // 44.1 kHz, the longer one
  expect(read("ac3", 0x0b, 0x77, 0, 0, 0xdc, 0x40)).toBeNull();
  expect(read("ac3", 0x0b, 0x77, 0, 0, 0x26, 0x40)).toBeNull();
  expect(read("ac3", 0x0b, 0x77, 0, 0, 0x1c, 0x90)).toBeNull();
});

test("A/52 annex E 2.3.1: E-AC-3, of which a dependent substream takes no time", () => {
  expect(read("ac3", 0x0b, 0x77, 0x01, 0xff, 0x30, 0x80)).toEqual({
    length: 1024,
    durationTicks: 864_000,
    channels: 0,
  });
  expect(read("ac3", 0x0b, 0x77, 0x41, 0xff, 0x30, 0x80)?.durationTicks).toBe(0);
  expect(read("ac3", 0x0b, 0x77, 0x01, 0xff, 0xd0, 0x80)?.durationTicks).toBe((1536 * 27e6) / 22_050);
  expect(read("ac3", 0x0b, 0x77, 0xc1, 0xff, 0x30, 0x80)).toBeNull();
});

test("any octets give no frame, or one with a length", () => {
  const frame = audioFrame();
  fc.assert(
    fc.property(
      fc.constantFrom<AudioSyntax>("mpeg", "adts", "loas", "ac3"),
      fc.uint8Array({ minLength: 7, maxLength: 7 }),
      fc.integer({ min: 0, max: 3 }),
      (syntax, octets, lead) => {
        octets.set(
          [
            [0xff, 0xfd],
            [0xff, 0xf1],
            [0x56, 0xe0],
            [0x0b, 0x77],
          ][lead] as number[],
        );
        if (readAudioFrame(syntax, octets, 0, frame)) expect(frame.length).toBeGreaterThan(0);
      },
    ),
  );
});
