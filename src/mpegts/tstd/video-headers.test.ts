import { expect, test } from "bun:test";
import fc from "fast-check";
import { octetsOf, picture, sequenceHeader, ueField } from "./test-bits.ts";
import {
  decidingOctets,
  findVideoHeader,
  readSequenceHeader,
  readVideoBuffers,
  type VideoSyntax,
} from "./video-headers.ts";

const AVC_START = [0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1];

function read(syntax: VideoSyntax, octets: readonly number[]) {
  return readVideoBuffers(syntax, Uint8Array.from(octets), octets.length);
}

/** hrd_parameters with these bit_rate_value_minus1 and cpb_size_value_minus1. */
const avcHrd = (rate: number, size: number) => [
  ueField(0),
  [2, 4] as const,
  [3, 4] as const,
  ueField(rate),
  ueField(size),
  [1, 1] as const,
  [0x5a5a5, 20] as const,
];

/** The HRDs of a sequence parameter set: bit_rate_value_minus1 and cpb_size_value_minus1. */
interface Hrds {
  nal?: readonly [number, number];
  vcl?: readonly [number, number];
  lowDelay?: number;
}

/** A sequence parameter set, with a VUI where `hrds` are given. */
function avcSps(profile: number, constraints: number, level: number, hrds?: Hrds): number[] {
  const high =
    profile === 100
      ? [ueField(1), ueField(0), ueField(0), [0, 1] as const, [1, 1] as const, [1, 1] as const]
      : [];
  // Of the scaling matrix: one list whose first delta ends it (next scale 0), seven that are not there.
  const lists = profile === 100 ? [ueField(16), [0, 7] as const] : [];
  const vui =
    hrds === undefined
      ? [[0, 1] as const]
      : [
          [1, 1] as const,
          [1, 1] as const, // aspect_ratio_info, extended
          [255, 8] as const,
          [16, 16] as const,
          [11, 16] as const,
          [1, 1] as const, // overscan
          [0, 1] as const,
          [1, 1] as const, // video_signal_type with colours
          [5, 3] as const,
          [0, 1] as const,
          [1, 1] as const,
          [0x010101, 24] as const,
          [1, 1] as const, // chroma_loc
          ueField(0),
          ueField(0),
          [1, 1] as const, // timing
          [1, 32] as const,
          [50, 32] as const,
          [1, 1] as const,
          [hrds.nal === undefined ? 0 : 1, 1] as const,
          ...(hrds.nal === undefined ? [] : avcHrd(...hrds.nal)),
          [hrds.vcl === undefined ? 0 : 1, 1] as const,
          ...(hrds.vcl === undefined ? [] : avcHrd(...hrds.vcl)),
          ...(hrds.lowDelay === undefined ? [] : [[hrds.lowDelay, 1] as const]),
          [1, 1] as const, // pic_struct
          [0, 1] as const,
        ];
  const fields = [
    [7, 8] as const,
    [profile, 8] as const,
    [constraints, 8] as const,
    [level, 8] as const,
    ueField(0),
    ...high,
    ...lists,
    ueField(0),
    ueField(1), // pic_order_cnt_type 1, with one offset
    [1, 1] as const,
    ueField(3),
    ueField(4),
    ueField(1),
    ueField(2),
    ueField(2),
    [0, 1] as const,
    ueField(44),
    ueField(17),
    [0, 1] as const,
    [0, 1] as const,
    [1, 1] as const,
    [1, 1] as const, // cropping
    ueField(0),
    ueField(0),
    ueField(0),
    ueField(2),
    ...vui,
    [1, 1] as const,
  ];
  return escaped(octetsOf(...fields));
}

/** With emulation prevention, ITU-T H.264 7.4.1. */
function escaped(plain: readonly number[]): number[] {
  const out: number[] = [];
  let zeros = 0;
  for (const octet of plain) {
    if (zeros >= 2 && octet <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(octet);
    zeros = octet === 0 ? zeros + 1 : 0;
  }
  return out;
}

test("13818-2 6.2.2.1 and 6.2.2.3: bit rate and VBV of header and extension", () => {
  const octets = Uint8Array.from([...sequenceHeader(0x44, 2 ** 18 + 5, 1024 + 7, 1), ...picture(20)]);
  expect(readSequenceHeader(octets, 3, octets.length)).toEqual({
    profileLevel: 0x44,
    bitRateBps: (2 ** 18 + 5) * 400,
    vbvBits: (1024 + 7) * 16_384,
    lowDelay: true,
    constrained: false,
  });
});

test("13818-2 6.2.2.3: no extension is MPEG-1, and a header cut off says nothing", () => {
  const mpeg1 = [...sequenceHeader(null, 4640, 20, 0, 1), ...picture(20)];
  expect(read("mpeg2", mpeg1)).toMatchObject({ ebOctets: 40_960 });
  expect(read("mpeg2", mpeg1.slice(0, 9))).toBe("none");
  expect(read("mpeg2", mpeg1.slice(0, 12))).toBe("none");
  expect(read("mpeg2", sequenceHeader(0x48, 10_000, 112).slice(0, 18))).toBe("none");
  expect(read("mpeg2", [...sequenceHeader(0x77, 10_000, 112), 0])).toBe("unknown");
  expect(read("mpeg2", [...sequenceHeader(0x48, 10_000, 112), 0])).toMatchObject({ ebOctets: 229_376 });
});

test("H.264 7.3.2.1.1: level, and level 1b by constraint_set3_flag", () => {
  const end = [0, 0, 0, 1, 0x68, 0xce];
  expect(read("avc", [...AVC_START, ...avcSps(77, 0, 31), ...end])).toMatchObject({ ebOctets: 2_100_000 });
  expect(read("avc", [...AVC_START, ...avcSps(66, 0x10, 11), ...end])).toMatchObject({ ebOctets: 52_500 });
  expect(read("avc", [...AVC_START, ...avcSps(66, 0, 11), ...end])).toMatchObject({ ebOctets: 75_000 });
  expect(read("avc", [...AVC_START, ...avcSps(66, 0, 99), ...end])).toBe("unknown");
});

test("H.264 E.1.2: the NAL HRD gives the CPB", () => {
  // bit_rate 20000 << 8, cpb_size 15625 << 7
  const sps = avcSps(100, 0, 40, { nal: [19_999, 15_624], lowDelay: 0 });
  expect(read("avc", [...AVC_START, ...sps, 0, 0, 1, 0x68])).toMatchObject({
    ebOctets: 250_000,
    rbxBps: 24e6,
  });
  expect(read("avc", [...AVC_START, ...sps.slice(0, 12)])).toBe("none");
});

test("H.264 E.1.1: low_delay_hrd_flag stands behind the HRDs, and only where there is one", () => {
  const hrd = [19_999, 15_624] as const;
  const found = (hrds: Hrds) => read("avc", [...AVC_START, ...avcSps(100, 0, 40, hrds), 0, 0, 1, 0x68]);
  for (const lowDelay of [0, 1]) {
    const mayUnderflow = lowDelay === 1;
    expect(found({ nal: hrd, lowDelay })).toMatchObject({ mayUnderflow, ebOctets: 250_000 });
    expect(found({ nal: hrd, vcl: [1, 1], lowDelay })).toMatchObject({ mayUnderflow, ebOctets: 250_000 });
    expect(found({ vcl: hrd, lowDelay })).toMatchObject({ mayUnderflow, ebOctets: 3_750_000 });
  }
  // What comes in its place is pic_struct_present_flag, which is set.
  expect(found({})).toMatchObject({ mayUnderflow: false });
});

test("H.265 7.3.3: tier, profile and level", () => {
  const sps = [
    0x42,
    1,
    ...octetsOf([0, 4], [0, 3], [1, 1], [0, 2], [1, 1], [2, 5], [0, 32]),
    0xb0,
    0,
    0,
    0,
    0,
    0,
    120,
  ];
  const whole = [0, 0, 1, 0x46, 1, 0x50, 0, 0, 1, ...escaped(sps)];
  expect(read("hevc", whole)).toMatchObject({ rbxBps: 33e6 });
  expect(read("hevc", whole.slice(0, 15))).toBe("none");
});

test("headers are found by their start code only", () => {
  expect(findVideoHeader("avc", Uint8Array.from([0, 0, 2, 0x67, 0, 0, 1]), 0, 7)).toBe(-1);
  expect(read("mpeg2", picture(40))).toBe("none");
});

test("whatever comes after the deciding octets, the buffers are the same", () => {
  const streams: readonly (readonly [VideoSyntax, readonly number[]])[] = [
    ["mpeg2", [...sequenceHeader(0x48, 10_000, 112), ...picture(20)]],
    ["mpeg2", [...sequenceHeader(null, 4640, 20, 0, 1), ...picture(20)]],
    ["avc", [...AVC_START, ...avcSps(77, 0, 31), 0, 0, 1, 0x68, 0xce, 1, 2, 3]],
  ];
  for (const [syntax, octets] of streams) {
    const deciding = decidingOctets(syntax, Uint8Array.from(octets), octets.length);
    expect(deciding).toBeGreaterThan(0);
    expect(deciding).toBeLessThan(octets.length);
    const found = read(syntax, octets);
    expect(found).toBeObject();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (after) => {
        expect(read(syntax, [...octets.slice(0, deciding), ...after])).toEqual(found);
      }),
    );
  }
  expect(decidingOctets("avc", Uint8Array.from(AVC_START), AVC_START.length)).toBe(0);
});

test("any octets after a start code are read without an error", () => {
  fc.assert(
    fc.property(
      fc.constantFrom<VideoSyntax>("mpeg2", "avc", "hevc"),
      fc.constantFrom(0xb3, 0x67, 0x42),
      fc.uint8Array({ maxLength: 120 }),
      (syntax, code, octets) => {
        const found = read(syntax, [0, 0, 1, code, ...octets]);
        if (typeof found === "object") expect(found.ebOctets).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: 500 },
  );
});
