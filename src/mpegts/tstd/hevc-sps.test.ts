import { expect, test } from "bun:test";
import fc from "fast-check";
import { BitReader } from "../../bits/bit-reader.ts";
import { readHevcSps } from "./hevc-sps.ts";
import { octetsOf, ueField } from "./test-bits.ts";

type Field = readonly [value: number, bits: number];
const bit = (value: boolean | number): Field => [Number(value), 1];
const ues = (...values: number[]): Field[] => values.map(ueField);

/** What of a sequence parameter set varies. */
interface Sps {
  /** low_delay_hrd_flag of each sub-layer; no HRD where it is not given. */
  lowDelay?: readonly boolean[];
  /** fixed_pic_rate_general_flag: then there is no low_delay_hrd_flag. */
  fixed?: boolean;
  /** nal_ and vcl_hrd_parameters_present_flag, and sub_pic_hrd_params_present_flag. */
  nal?: boolean;
  vcl?: boolean;
  subPictures?: boolean;
  /** All that may be there is. */
  rich?: boolean;
}

function hrd({ lowDelay = [], fixed = false, nal = true, vcl = false, subPictures = false }: Sps): Field[] {
  const cpb = [...ues(99, 199), ...(subPictures ? ues(9, 19) : []), bit(1)];
  const cpbs = (count: number) => new Array<Field[]>(count * (Number(nal) + Number(vcl))).fill(cpb).flat();
  const common: Field[] = [
    bit(subPictures),
    ...(subPictures ? [[0x2aaaa, 19] as const] : []),
    [0x5a, 8],
    ...(subPictures ? [[5, 4] as const] : []),
    [0x1234, 15],
  ];
  return [
    bit(nal),
    bit(vcl),
    ...(nal || vcl ? common : []),
    ...lowDelay.flatMap((low) => {
      if (fixed) return [bit(1), ...ues(0, 1), ...cpbs(2)];
      // cpb_cnt_minus1 is left out where the flag is set.
      return [bit(0), bit(0), bit(low), ...(low ? cpbs(1) : [...ues(1), ...cpbs(2)])];
    }),
  ];
}

/** profile_tier_level's sub-layers: of the first only the level, of the others profile and level. */
function subLayers(count: number): Field[] {
  if (count === 0) return [];
  const all = Array.from({ length: count }, (_, i) => i > 0);
  return [
    ...all.flatMap((profile) => [bit(profile), bit(1)]),
    [0, (8 - count) * 2],
    ...all.flatMap((profile): Field[] => [...(profile ? [[0, 44] as const, [0, 44] as const] : []), [90, 8]]),
  ];
}

/** Four sizes of scaling lists: of each the first list copied, the others given by their steps. */
function scalingLists(): Field[] {
  return [0, 1, 2, 3].flatMap((size) =>
    Array.from({ length: size === 3 ? 2 : 6 }, (_, matrix): Field[] => {
      if (matrix === 0) return [bit(0), ...ues(0)];
      const steps = ues(...new Array<number>(Math.min(64, 16 << (2 * size))).fill(0));
      return [bit(1), ...(size > 1 ? ues(3) : []), ...steps];
    }).flat(),
  );
}

/** Three sets of reference pictures, of 3, 3 (told by the first) and 1, and two long-term pictures. */
const PICTURES: Field[] = [
  ...ues(3),
  ...[...ues(2, 1), ...ues(0), bit(1), ...ues(0), bit(1), ...ues(0), bit(1)],
  ...[bit(1), bit(1), ...ues(0), bit(1), bit(0), bit(1), bit(1), bit(0), bit(0)],
  ...[bit(0), ...ues(1, 0), ...ues(0), bit(1)],
  bit(1),
  ...ues(2),
  ...[[0x55, 8] as const, bit(1), [0xaa, 8] as const, bit(0)],
];

function sps(given: Sps): number[] {
  const { lowDelay, rich = false } = given;
  const layers = (lowDelay?.length ?? 1) - 1;
  return octetsOf(
    ...[[0x4201, 16] as const, [0, 4] as const, [layers, 3] as const, bit(1)],
    ...[[0, 2] as const, bit(0), [1, 5] as const, [0, 32] as const, [0, 32] as const, [0, 16] as const],
    ...[[120, 8] as const, ...subLayers(layers)],
    ...(rich ? [...ues(0, 3), bit(0)] : ues(0, 1)),
    ...[...ues(1920, 1080), bit(rich), ...(rich ? ues(0, 0, 0, 4) : []), ...ues(0, 0, 4)],
    // The sub-layers' own pictures, or those of the highest for all.
    ...[bit(rich), ...new Array<Field[]>(rich ? layers + 1 : 1).fill(ues(4, 2, 0)).flat()],
    ...ues(0, 3, 0, 3, 1, 1),
    ...[bit(rich), ...(rich ? [bit(1), ...scalingLists()] : [])],
    ...[bit(0), bit(1), bit(rich), ...(rich ? [[0x77, 8] as const, ...ues(0, 2), bit(1)] : [])],
    ...(rich ? PICTURES : [...ues(0), bit(0)]),
    ...[bit(1), bit(1), bit(1)],
    ...(rich ? [bit(1), [255, 8] as const, [0x100001, 32] as const, bit(1), bit(0)] : [bit(0), bit(0)]),
    ...(rich ? [bit(1), [5, 3] as const, bit(0), bit(1), [0x010101, 24] as const] : [bit(0)]),
    ...(rich ? [bit(1), ...ues(2, 2)] : [bit(0)]),
    ...[bit(0), bit(0), bit(1), bit(rich), ...(rich ? ues(1, 1, 1, 1) : [])],
    ...[bit(1), [1, 32] as const, [50, 32] as const, bit(rich), ...(rich ? ues(7) : [])],
    ...(lowDelay === undefined ? [bit(0)] : [bit(1), ...hrd(given)]),
    // bitstream_restriction_flag, sps_extension_present_flag, rbsp_trailing_bits.
    ...[bit(0), bit(0), bit(1)],
  );
}

const read = (octets: readonly number[]) => readHevcSps(new BitReader(Uint8Array.from(octets)));

const CASES: [name: string, set: Sps, lowDelay: boolean][] = [
  ["no HRD", {}, false],
  ["not set", { lowDelay: [false] }, false],
  ["set", { lowDelay: [true] }, true],
  ["a fixed picture rate", { lowDelay: [true], fixed: true }, false],
  ["both HRDs, with sub-pictures", { lowDelay: [true], vcl: true, subPictures: true }, true],
  ["no CPBs", { lowDelay: [true], nal: false }, true],
  ["the highest of three sub-layers", { lowDelay: [false, false, true] }, true],
  ["lower sub-layers only", { lowDelay: [true, true, false], vcl: true }, false],
];

test.each(CASES)("H.265 E.2.2 low_delay_hrd_flag: %s", (_, set, lowDelay) => {
  const found = { profile: 1, highTier: false, level: 120, lowDelay };
  expect(read(sps(set))).toEqual(found);
  expect(read(sps({ ...set, rich: true }))).toEqual(found);
});

test("H.265 7.3.2.2.1: a set cut off behind its level may be of low delay, one before says nothing", () => {
  const whole = sps({ lowDelay: [false], rich: true });
  const level = 15;
  for (let length = 0; length < whole.length - 2; length += 1) {
    const found = read(whole.slice(0, length));
    if (length < level) expect(found).toBeNull();
    else expect(found).toMatchObject({ level: 120, lowDelay: true });
  }
});

test("any octets are read without an error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 512 }), (octets) => {
      read([...sps({}).slice(0, 15), ...octets]);
    }),
    { numRuns: 500 },
  );
});
