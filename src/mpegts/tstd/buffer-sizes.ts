/**
 * Sizes and leak rates of the T-STD's buffers by what the elementary stream is, ISO/IEC 13818-1 2.4.2.3 and
 * its extensions for AVC (2.14.3) and HEVC (2.17). All by the leak method.
 */

/** Size of TBn and TBsys in octets (2.4.2.3). */
export const TB_OCTETS = 512;
/** Rxsys, bits per second (2.4.2.3). */
export const SYSTEM_RX_BPS = 1_000_000;
/** BSsys in octets (2.4.2.3). */
export const SYSTEM_B_OCTETS = 1536;
/** Lowest Rbxsys, bits per second (2.4.2.3). */
export const SYSTEM_RBX_MIN_BPS = 80_000;

/** Buffers of one elementary stream; TBn is TB_OCTETS for all. */
export interface BufferSizes {
  /** Rxn: TBn to MBn, or to Bn; bits per second. */
  readonly rxBps: number;
  /** MBSn in octets; 0 where the stream has no MBn: all but video. */
  readonly mbOctets: number;
  /** Rbxn: MBn to EBn; bits per second; 0 without MBn. */
  readonly rbxBps: number;
  /** EBSn, or BSn where there is no MBn, in octets. */
  readonly ebOctets: number;
  /** EBn may run empty: low_delay of MPEG-2 video (2.4.2.6), low_delay_hrd_flag of AVC (2.14.3.1) and HEVC (2.17.2). */
  readonly mayUnderflow: boolean;
}

/** What an MPEG-1 or MPEG-2 sequence header says of buffers. */
export interface SequenceHeader {
  /** profile_and_level_indication; null without a sequence_extension (MPEG-1). */
  readonly profileLevel: number | null;
  /** bit_rate, bits per second. */
  readonly bitRateBps: number;
  /** vbv_buffer_size, bits. */
  readonly vbvBits: number;
  readonly lowDelay: boolean;
  /** constrained_parameters_flag (ISO/IEC 11172-2). */
  readonly constrained: boolean;
}

/** What a sequence parameter set of AVC says of buffers. */
export interface AvcParameters {
  /** level_idc; 9 is level 1b. */
  readonly level: number;
  /** CpbSize[cpb_cnt_minus1] and BitRate[cpb_cnt_minus1] of the NAL HRD; 0 without it. */
  readonly cpbBits: number;
  readonly bitRateBps: number;
  /** low_delay_hrd_flag is there and set. */
  readonly lowDelay: boolean;
}

/** What a sequence parameter set of HEVC says of buffers. */
export interface HevcParameters {
  readonly profile: number;
  readonly highTier: boolean;
  /** general_level_idc: 30 times the level. */
  readonly level: number;
  /** low_delay_hrd_flag of the highest sub-layer is set, or not known. */
  readonly lowDelay: boolean;
}

/** BSmux holds 4 ms, BSoh 1/750 s of the highest bit rate (2.4.2.3). */
const BSMUX_SECONDS = 0.004;
const BSOH_SECONDS = 1 / 750;
/** Rxn of video over its highest bit rate (2.4.2.3). */
const RX_FACTOR = 1.2;

function multiplexBits(rateBps: number): number {
  return (BSMUX_SECONDS + BSOH_SECONDS) * rateBps;
}

/** Rmax in bits per second and VBVmax in bits, ISO/IEC 13818-2 tables 8-13 and 8-14, by profile_and_level_indication. */
const MPEG2_LIMITS = new Map<number, readonly [rateBps: number, vbvBits: number]>([
  [0x58, [15e6, 1_835_008]], // Simple@Main
  [0x4a, [4e6, 475_136]], // Main@Low
  [0x48, [15e6, 1_835_008]], // Main@Main
  [0x46, [60e6, 7_340_032]], // Main@High-1440
  [0x44, [80e6, 9_781_248]], // Main@High
  [0x3a, [4e6, 475_136]], // SNR@Low
  [0x38, [15e6, 1_835_008]], // SNR@Main
  [0x26, [60e6, 7_340_032]], // Spatial@High-1440
  [0x18, [20e6, 2_441_216]], // High@Main
  [0x16, [80e6, 9_781_248]], // High@High-1440
  [0x14, [100e6, 12_222_464]], // High@High
  [0x85, [50e6, 9_437_184]], // 4:2:2@Main
  [0x82, [300e6, 47_185_920]], // 4:2:2@High
]);
/** Those of High-1440 and High level, whose MBn and Rbxn have their own rules. */
const HIGH_LEVELS = new Set([0x46, 0x44, 0x26, 0x16, 0x14, 0x82]);

/** Constrained parameters of ISO/IEC 11172-2 2.4.3.2: 1 856 000 bit/s and 40 times 1024 octets. */
const CONSTRAINED_RATE_BPS = 1_856_000;
const CONSTRAINED_VBV_BITS = 40 * 1024 * 8;

/** Buffers of MPEG-1 or MPEG-2 video; null where the standard gives none for it. */
export function mpegVideoBuffers(header: SequenceHeader): BufferSizes | null {
  const { profileLevel, bitRateBps, vbvBits, lowDelay } = header;
  const constrained = profileLevel === null;
  if (constrained && !header.constrained) return null;
  const limits = constrained
    ? ([CONSTRAINED_RATE_BPS, CONSTRAINED_VBV_BITS] as const)
    : MPEG2_LIMITS.get(profileLevel);
  if (limits === undefined) return null;
  const [maxRateBps, maxVbvBits] = limits;
  const high = profileLevel !== null && HIGH_LEVELS.has(profileLevel);
  const spareBits = high ? 0 : Math.max(0, maxVbvBits - vbvBits);
  let rbxBps = maxRateBps;
  if (constrained) rbxBps = RX_FACTOR * maxRateBps;
  else if (high) rbxBps = Math.min(1.05 * bitRateBps, maxRateBps);
  return {
    rxBps: RX_FACTOR * maxRateBps,
    mbOctets: (multiplexBits(maxRateBps) + spareBits) / 8,
    rbxBps,
    ebOctets: vbvBits / 8,
    mayUnderflow: lowDelay,
  };
}

/** MaxBR (1000 bit/s) and MaxCPB (1000 bits), ITU-T H.264 table A-1, by level_idc; 9 is level 1b. */
const AVC_LEVELS = new Map<number, readonly [maxBr: number, maxCpb: number]>([
  [10, [64, 175]],
  [9, [128, 350]],
  [11, [192, 500]],
  [12, [384, 1000]],
  [13, [768, 2000]],
  [20, [2000, 2000]],
  [21, [4000, 4000]],
  [22, [4000, 4000]],
  [30, [10_000, 10_000]],
  [31, [14_000, 14_000]],
  [32, [20_000, 20_000]],
  [40, [20_000, 25_000]],
  [41, [50_000, 62_500]],
  [42, [50_000, 62_500]],
  [50, [135_000, 135_000]],
  [51, [240_000, 240_000]],
  [52, [240_000, 240_000]],
  [60, [240_000, 240_000]],
  [61, [480_000, 480_000]],
  [62, [800_000, 800_000]],
]);

/** 2.14.3.1 takes MaxBR and MaxCPB by this, whatever the profile. */
const AVC_FACTOR = 1200;
/** Floor of the bit rate that BSmux and BSoh are for (2.14.3.1, 2.17.2). */
const MULTIPLEX_RATE_MIN_BPS = 2e6;

/**
 * Buffers of AVC video (2.14.3.1); null for a level that ITU-T H.264 doesn't have. EBSn is the CPB of the NAL HRD
 * where there is one. Rxn is taken for the level even then, not for the HRD's bit rate: where the two differ, the
 * milder one.
 */
export function avcBuffers({ level, cpbBits, bitRateBps, lowDelay }: AvcParameters): BufferSizes | null {
  const limits = AVC_LEVELS.get(level);
  if (limits === undefined) return null;
  // An HRD of High profile may go beyond 1200 times the level's values (H.264 A.3.3): what it says then holds.
  const maxRateBps = Math.max(AVC_FACTOR * limits[0], bitRateBps);
  const maxCpbBits = Math.max(AVC_FACTOR * limits[1], cpbBits);
  return levelBuffers(maxRateBps, maxCpbBits, cpbBits > 0 ? cpbBits : maxCpbBits, lowDelay);
}

/** MaxBR (1000 bit/s) of Main and High tier, ITU-T H.265 table A.9, by general_level_idc; MaxCPB is the same but for level 1. */
const HEVC_LEVELS = new Map<number, readonly [main: number, high: number]>([
  [30, [128, 128]],
  [60, [1500, 1500]],
  [63, [3000, 3000]],
  [90, [6000, 6000]],
  [93, [10_000, 10_000]],
  [120, [12_000, 30_000]],
  [123, [20_000, 50_000]],
  [150, [25_000, 100_000]],
  [153, [40_000, 160_000]],
  [156, [60_000, 240_000]],
  [180, [60_000, 240_000]],
  [183, [120_000, 480_000]],
  [186, [240_000, 800_000]],
]);
const HEVC_LEVEL_1 = 30;
const HEVC_LEVEL_1_MAX_CPB = 350;
/** BrNalFactor and CpbNalFactor of the Main, Main 10 and Main Still Picture profiles, H.265 table A.10. */
const HEVC_NAL_FACTOR = 1100;
/** general_profile_idc of Main Still Picture, the last of the three. */
const HEVC_MAIN_STILL = 3;

/** Buffers of HEVC video (2.17.2); null for a profile other than Main, Main 10 and Main Still Picture, or an unknown level. */
export function hevcBuffers({ profile, highTier, level, lowDelay }: HevcParameters): BufferSizes | null {
  const limits = HEVC_LEVELS.get(level);
  if (limits === undefined || profile < 1 || profile > HEVC_MAIN_STILL) return null;
  const maxBr = highTier ? limits[1] : limits[0];
  const maxCpbBits = HEVC_NAL_FACTOR * (level === HEVC_LEVEL_1 ? HEVC_LEVEL_1_MAX_CPB : maxBr);
  return levelBuffers(HEVC_NAL_FACTOR * maxBr, maxCpbBits, maxCpbBits, lowDelay);
}

/** What 2.14.3.1 and 2.17.2 have in common. */
function levelBuffers(
  maxRateBps: number,
  maxCpbBits: number,
  cpbBits: number,
  lowDelay: boolean,
): BufferSizes {
  const rateBps = Math.max(maxRateBps, MULTIPLEX_RATE_MIN_BPS);
  return {
    rxBps: RX_FACTOR * rateBps,
    mbOctets: (multiplexBits(rateBps) + maxCpbBits - cpbBits) / 8,
    rbxBps: maxRateBps,
    ebOctets: cpbBits / 8,
    mayUnderflow: lowDelay,
  };
}

function audioBuffers(ebOctets: number, rxBps = 2e6): BufferSizes {
  return { rxBps, mbOctets: 0, rbxBps: 0, ebOctets, mayUnderflow: false };
}

/** Rxn and BSn of MPEG-1 and MPEG-2 audio, layers I to III (2.4.2.3). */
export const MPEG_AUDIO_BUFFERS = audioBuffers(3584);
/** BSn of AC-3 where it has stream_type 0x81, ATSC A/52 annex A (System A). */
export const AC3_ATSC_BUFFERS = audioBuffers(2592);
/** BSn of AC-3 and E-AC-3 in DVB, ETSI TS 101 154 6.2 and 6.3 (System B). */
export const AC3_DVB_BUFFERS = audioBuffers(5696);

const AAC_2 = audioBuffers(3584);
const AAC_8 = audioBuffers(8976, 5_529_600);
const AAC_12 = audioBuffers(12_804, 8_294_400);
const AAC_48 = audioBuffers(51_216, 33_177_600);

/** Rxn and BSn of AAC by its number of channels (2.4.2.3). */
export function aacBuffers(channels: number): BufferSizes {
  if (channels <= 2) return AAC_2;
  if (channels <= 8) return AAC_8;
  return channels <= 12 ? AAC_12 : AAC_48;
}
