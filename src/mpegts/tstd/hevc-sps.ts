/** What the sequence parameter set of HEVC says of the T-STD's buffers. */
import type { BitReader } from "../../bits/bit-reader.ts";
import type { HevcParameters } from "./buffer-sizes.ts";
import { se, ue } from "./nal-unit.ts";

/** Octets of general or sub-layer profile without its level: profile_space to the reserved bit (H.265 7.3.3). */
const PROFILE_BITS = 88;
const LEVEL_BITS = 8;
const SUB_LAYERS_OF_FLAGS = 8;
const CHROMA_444 = 3;
const EXTENDED_SAR = 255;
/** num_short_term_ref_pic_sets and the pictures of a set are no more than these (H.265 7.4.3.2.1, 7.4.8). */
const MOST_PICTURE_SETS = 64;
const MOST_PICTURES = 16;

/**
 * seq_parameter_set_rbsp of HEVC, ITU-T H.265 7.3.2.2.1, from its NAL unit header on as far as the HRD; null where
 * it is cut off before the level. Where it is cut off later, the HRD may be one of low delay.
 */
export function readHevcSps(reader: BitReader): HevcParameters | null {
  reader.skip(16 + 4);
  const subLayers = reader.bits(3);
  reader.skip(1 + 2);
  const highTier = reader.bits(1) === 1;
  const profile = reader.bits(5);
  reader.skip(32 + 48);
  const level = reader.bits(8);
  if (reader.overrun) return null;
  const lowDelay = readLowDelay(reader, subLayers);
  return { profile, highTier, level, lowDelay: lowDelay || reader.overrun };
}

/** low_delay_hrd_flag of the highest sub-layer, from behind general_level_idc on. */
function readLowDelay(reader: BitReader, subLayers: number): boolean {
  skipSubLayers(reader, subLayers);
  ue(reader);
  if (ue(reader) === CHROMA_444) reader.skip(1);
  skipUe(reader, 2);
  if (reader.bits(1) === 1) skipUe(reader, 4);
  skipUe(reader, 2);
  const pocBits = ue(reader) + 4;
  skipUe(reader, (reader.bits(1) === 1 ? subLayers + 1 : 1) * 3);
  skipUe(reader, 6);
  if (reader.bits(1) === 1 && reader.bits(1) === 1) skipScalingLists(reader);
  reader.skip(2);
  if (reader.bits(1) === 1) {
    reader.skip(4 + 4);
    skipUe(reader, 2);
    reader.skip(1);
  }
  skipPictureSets(reader);
  if (reader.bits(1) === 1) reader.skip(ue(reader) * (pocBits + 1));
  reader.skip(2);
  return reader.bits(1) === 1 && readVui(reader, subLayers);
}

function skipUe(reader: BitReader, count: number): void {
  for (let i = 0; i < count; i += 1) ue(reader);
}

/** The sub-layers of profile_tier_level, H.265 7.3.3. */
function skipSubLayers(reader: BitReader, subLayers: number): void {
  if (subLayers === 0) return;
  let bits = 0;
  for (let i = 0; i < subLayers; i += 1) {
    if (reader.bits(1) === 1) bits += PROFILE_BITS;
    if (reader.bits(1) === 1) bits += LEVEL_BITS;
  }
  reader.skip((SUB_LAYERS_OF_FLAGS - subLayers) * 2 + bits);
}

/** scaling_list_data, H.265 7.3.4. */
function skipScalingLists(reader: BitReader): void {
  for (let size = 0; size < 4; size += 1) {
    const coefficients = Math.min(64, 16 << (2 * size));
    for (let matrix = 0; matrix < 6 && !reader.overrun; matrix += size === 3 ? 3 : 1) {
      if (reader.bits(1) === 0) {
        ue(reader);
        continue;
      }
      if (size > 1) se(reader);
      for (let i = 0; i < coefficients; i += 1) se(reader);
    }
  }
}

/** All st_ref_pic_set of a parameter set, H.265 7.3.7. */
function skipPictureSets(reader: BitReader): void {
  const count = Math.min(ue(reader), MOST_PICTURE_SETS);
  /** Pictures of the set before, from which the next may be told. */
  let pictures = 0;
  for (let set = 0; set < count && !reader.overrun; set += 1) {
    if (set > 0 && reader.bits(1) === 1) {
      reader.skip(1);
      ue(reader);
      let kept = 0;
      for (let i = 0; i <= pictures; i += 1) if (reader.bits(1) === 1 || reader.bits(1) === 1) kept += 1;
      pictures = kept;
      continue;
    }
    pictures = Math.min(ue(reader) + ue(reader), MOST_PICTURES);
    for (let i = 0; i < pictures; i += 1) {
      ue(reader);
      reader.skip(1);
    }
  }
}

/** vui_parameters, H.265 E.2.1. */
function readVui(reader: BitReader, subLayers: number): boolean {
  if (reader.bits(1) === 1 && reader.bits(8) === EXTENDED_SAR) reader.skip(32);
  if (reader.bits(1) === 1) reader.skip(1);
  if (reader.bits(1) === 1) {
    reader.skip(4);
    if (reader.bits(1) === 1) reader.skip(24);
  }
  if (reader.bits(1) === 1) skipUe(reader, 2);
  reader.skip(3);
  if (reader.bits(1) === 1) skipUe(reader, 4);
  if (reader.bits(1) === 0) return false;
  reader.skip(64);
  if (reader.bits(1) === 1) ue(reader);
  return reader.bits(1) === 1 && readHrd(reader, subLayers);
}

/** hrd_parameters with the common information, H.265 E.2.2. */
function readHrd(reader: BitReader, subLayers: number): boolean {
  const nal = reader.bits(1);
  const vcl = reader.bits(1);
  let subPictures = false;
  if (nal + vcl > 0) {
    subPictures = reader.bits(1) === 1;
    reader.skip((subPictures ? 19 : 0) + 8 + (subPictures ? 4 : 0) + 15);
  }
  let lowDelay = false;
  for (let i = 0; i <= subLayers && !reader.overrun; i += 1) {
    lowDelay = false;
    const fixed = reader.bits(1) === 1 || reader.bits(1) === 1;
    if (fixed) ue(reader);
    else lowDelay = reader.bits(1) === 1;
    const cpbs = lowDelay ? 1 : ue(reader) + 1;
    for (let cpb = 0; cpb < cpbs * (nal + vcl) && !reader.overrun; cpb += 1) {
      skipUe(reader, subPictures ? 4 : 2);
      reader.skip(1);
    }
  }
  return lowDelay;
}
