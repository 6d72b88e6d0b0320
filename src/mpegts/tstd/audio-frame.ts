/**
 * Headers of audio frames, as far as their length, duration and channels: what splits an elementary stream
 * into the access units that the T-STD removes. All work on octets whose number the caller has checked.
 */
import { SYSTEM_CLOCK_HZ } from "../packet.ts";

/** Kinds of audio frames that are known. */
export type AudioSyntax = "mpeg" | "adts" | "loas" | "ac3";

/** Octets of a header that are needed to read it. */
export const AUDIO_HEADER_BYTES: Readonly<Record<AudioSyntax, number>> = {
  mpeg: 4,
  adts: 7,
  loas: 3,
  ac3: 6,
};

/** Where `readAudioFrame` puts what it read; used again and again. */
export interface AudioFrame {
  /** Octets of the frame, its header included. */
  length: number;
  /** Ticks of 27 MHz; NaN where the header does not tell; 0 for what is presented with the frame before. */
  durationTicks: number;
  /** 0 where the header does not tell. */
  channels: number;
}

/** An empty AudioFrame. */
export function audioFrame(): AudioFrame {
  return { length: 0, durationTicks: Number.NaN, channels: 0 };
}

/** Reads the header at `buf[off]`. False where there is none, or one with reserved values. */
export function readAudioFrame(syntax: AudioSyntax, buf: Uint8Array, off: number, out: AudioFrame): boolean {
  switch (syntax) {
    case "mpeg":
      return readMpeg(buf, off, out);
    case "adts":
      return readAdts(buf, off, out);
    case "loas":
      return readLoas(buf, off, out);
    case "ac3":
      return readAc3(buf, off, out);
  }
}

/** bitrate_index to kbit/s: MPEG-1 layers I, II, III, then the lower sampling frequencies I, II and III. */
const MPEG_KBPS: readonly (readonly number[])[] = [
  [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
const MPEG_HZ: readonly number[] = [44_100, 48_000, 32_000];

/** ISO/IEC 11172-3 2.4.2.3 and 13818-3 2.4.2.3. */
function readMpeg(buf: Uint8Array, off: number, out: AudioFrame): boolean {
  const second = buf[off + 1] as number;
  const third = buf[off + 2] as number;
  if (buf[off] !== 0xff || (second & 0xf0) !== 0xf0) return false;
  const full = (second & 0x08) !== 0; // ID: 0 is the lower sampling frequencies
  const layer = 4 - ((second >> 1) & 3);
  if (layer === 4) return false;
  const row = full ? layer - 1 : layer === 1 ? 3 : 4;
  const kbps = MPEG_KBPS[row]?.[third >> 4];
  const baseHz = MPEG_HZ[(third >> 2) & 3];
  // bitrate_index 0 is free format: no length can be told.
  if (kbps === undefined || kbps === 0 || baseHz === undefined) return false;
  const hz = full ? baseHz : baseHz / 2;
  const padding = (third >> 1) & 1;
  const samples = layer === 1 ? 384 : layer === 3 && !full ? 576 : 1152;
  out.length =
    layer === 1
      ? (Math.floor((12_000 * kbps) / hz) + padding) * 4
      : Math.floor((samples * 125 * kbps) / hz) + padding;
  out.durationTicks = (samples * SYSTEM_CLOCK_HZ) / hz;
  out.channels = (buf[off + 3] as number) >> 6 === 3 ? 1 : 2;
  return true;
}

const AAC_HZ: readonly number[] = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];

/** adts_frame, ISO/IEC 13818-7 6.2. */
function readAdts(buf: Uint8Array, off: number, out: AudioFrame): boolean {
  const second = buf[off + 1] as number;
  const third = buf[off + 2] as number;
  const fourth = buf[off + 3] as number;
  if (buf[off] !== 0xff || (second & 0xf6) !== 0xf0) return false;
  const hz = AAC_HZ[(third >> 2) & 0x0f];
  const length = ((fourth & 3) << 11) | ((buf[off + 4] as number) << 3) | ((buf[off + 5] as number) >> 5);
  if (hz === undefined || length < 7) return false;
  const configuration = ((third & 1) << 2) | (fourth >> 6);
  const blocks = 1 + ((buf[off + 6] as number) & 3);
  out.length = length;
  out.durationTicks = (1024 * blocks * SYSTEM_CLOCK_HZ) / hz;
  // channel_configuration 7 is 7.1; 0 says that it stands elsewhere.
  out.channels = configuration === 7 ? 8 : configuration;
  return true;
}

/** AudioSyncStream of LOAS, ISO/IEC 14496-3 1.7.2. */
function readLoas(buf: Uint8Array, off: number, out: AudioFrame): boolean {
  const second = buf[off + 1] as number;
  if (buf[off] !== 0x56 || (second & 0xe0) !== 0xe0) return false;
  out.length = 3 + (((second & 0x1f) << 8) | (buf[off + 2] as number));
  out.durationTicks = Number.NaN;
  out.channels = 0;
  return true;
}

const AC3_KBPS: readonly number[] = [
  32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
];
const AC3_HZ: readonly number[] = [48_000, 44_100, 32_000];
const AC3_SAMPLES = 1536;
/** Audio blocks of a frame by numblkscod. */
const EAC3_BLOCKS: readonly number[] = [1, 2, 3, 6];

/** syncframe, ATSC A/52 5.4.1 and, where bsid is above 10, annex E 2.3.1. */
function readAc3(buf: Uint8Array, off: number, out: AudioFrame): boolean {
  if (buf[off] !== 0x0b || buf[off + 1] !== 0x77) return false;
  const fifth = buf[off + 4] as number;
  const bsid = (buf[off + 5] as number) >> 3;
  out.channels = 0;
  if (bsid > 16) return false;
  if (bsid > 10) return readEac3(buf, off, out);
  const code = fifth & 0x3f;
  const kbps = AC3_KBPS[code >> 1];
  const hz = AC3_HZ[fifth >> 6];
  if (kbps === undefined || hz === undefined) return false;
  const words = Math.floor((kbps * 1000 * AC3_SAMPLES) / hz / 16) + (hz === 44_100 ? code & 1 : 0);
  out.length = words * 2;
  out.durationTicks = (AC3_SAMPLES * SYSTEM_CLOCK_HZ) / hz;
  return true;
}

function readEac3(buf: Uint8Array, off: number, out: AudioFrame): boolean {
  const third = buf[off + 2] as number;
  const fifth = buf[off + 4] as number;
  const type = third >> 6;
  const code = fifth >> 6;
  const hz = code === 3 ? (AC3_HZ[(fifth >> 4) & 3] ?? 0) / 2 : (AC3_HZ[code] as number);
  if (type === 3 || hz === 0) return false;
  const blocks = code === 3 ? 6 : (EAC3_BLOCKS[(fifth >> 4) & 3] as number);
  out.length = ((((third & 7) << 8) | (buf[off + 3] as number)) + 1) * 2;
  // Dependent and further substreams belong to the time of the first.
  const first = type !== 1 && ((third >> 3) & 7) === 0;
  out.durationTicks = first ? (blocks * 256 * SYSTEM_CLOCK_HZ) / hz : 0;
  return true;
}
