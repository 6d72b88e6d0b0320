import { describe, expect, test } from "bun:test";
import { readOne } from "./descriptors/test-descriptors.ts";
import { PidMap } from "./pid-map.ts";
import { hasStillPictures } from "./still-pictures.ts";
import { descriptor, patSection, pmtSection } from "./test-sections.ts";

const zeros = (count: number): number[] => new Array<number>(count).fill(0);

/** By name: tag, octets before that of the flag, the flag's bit there, octets after it. */
const VIDEOS: [name: string, tag: number, before: number[], bit: number, after: number][] = [
  ["2.6.2 video_stream", 0x02, [], 0x01, 2],
  ["2.6.64 AVC_video", 0x28, [100, 0, 40], 0x80, 0],
  ["2.6.80 J2K_video", 0x32, zeros(23), 0x80, 0],
  ["2.6.80 J2K_video, extended", 0x32, [0x80, ...zeros(22)], 0x80, 4],
  ["2.6.95 HEVC_video", 0x38, zeros(12), 0x40, 0],
  ["2.6.129 VVC_video", 0x39, zeros(4), 0x40, 1],
  ["2.6.129 VVC_video with two sub-profiles", 0x39, [3, 2, 0, 0, 0x40, ...zeros(7)], 0x40, 1],
  ["EVC_video", 0x3a, zeros(10), 0x02, 1],
  ["JPEG_XS_video", 0x3f, [0x14, ...zeros(28)], 0x80, 0],
];

describe("ISO/IEC 13818-1: video that may have still pictures", () => {
  test.each(VIDEOS)("%s", (_, tag, before, bit, after) => {
    const still = descriptor(tag, ...before, bit, ...zeros(after));
    const moving = descriptor(tag, ...before, ~bit & 0xff, ...zeros(after));
    // Ends before the flag; what follows is of the next descriptor.
    const short = [...descriptor(tag, ...before), 0xff, 0xff];
    const of = (octets: number[]) => hasStillPictures(Uint8Array.from(octets), 0);
    expect([still, moving, short].map(of)).toEqual([true, false, false]);
    expect(of([tag, 0, 0x14, 0xff])).toBe(false);
  });

  test("2.6.95, 2.6.129: the flag is where the descriptor is shown to have it", () => {
    for (const [, tag, before, bit, after] of VIDEOS.filter(([name]) => /AVC|HEVC|VVC/.test(name))) {
      const shown = readOne(tag, Buffer.from([...before, bit, ...zeros(after)]).toString("hex"));
      const flag = Object.entries(shown).find(([name]) => name.endsWith("StillPresent"));
      expect(flag?.[1]).toBe(true);
    }
  });

  test("other descriptors say nothing of it", () => {
    for (const tag of [0x0a, 0x1b, 0x3f, 0x7f]) {
      expect(hasStillPictures(Uint8Array.of(tag, 3, 0xff, 0xff, 0xff), 0)).toBe(false);
    }
  });

  test("of each stream of a program map", () => {
    const map = new PidMap();
    const give = (pid: number, section: Uint8Array) => map.section(pid, section, 0, section.length);
    const streams = [0, 0xff].flatMap((other, round) =>
      VIDEOS.map(([, tag, before, bit, after], i): [number, number, number[]] => [
        0x24,
        0x101 + round * 0x100 + i,
        descriptor(tag, ...before, bit ^ other, ...zeros(after)),
      ]),
    );
    give(0, patSection([[1, 0x100]]));
    give(0x100, pmtSection(1, 0x101, streams));
    const found = map.services()[0]?.components.map(({ pid, stillPicture }) => [pid, stillPicture]);
    expect(found).toEqual(streams.map(([, pid]) => [pid, pid < 0x200]));
  });
});
