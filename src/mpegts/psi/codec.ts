import { u16, u32 } from "../../bits/read.ts";
import { descriptorAt, findDescriptor } from "./raw-descriptors.ts";
import { CODEC, type Codec, streamTypeCodec } from "./stream-types.ts";

export type { Codec, StreamKind } from "./stream-types.ts";

/** stream_type from here on is user private (13818-1 table 2-34). */
const FIRST_USER_PRIVATE = 0x80;
const REGISTRATION = 0x05;
const DATA_BROADCAST_ID = 0x66;
const DVB_EXTENSION = 0x7f;
const DATA_COMPONENT = 0xfd;

/** format_identifier as its four characters. */
const fourcc = (text: string): number => u32(new TextEncoder().encode(text), 0);

/** Of a program without registration. */
export const PROGRAM_FORMAT_NONE = 0;
/** format_identifier of Blu-ray Disc programs. */
export const FORMAT_HDMV = fourcc("HDMV");
/** format_identifier of programs and streams by SCTE 35. */
export const FORMAT_CUEI = fourcc("CUEI");

/**
 * Registrations of a program in which stream types that are user private mean what they usually do: ATSC (A/53), SCTE,
 * Blu-ray Disc.
 */
const USUAL_FORMATS = new Set([fourcc("GA94"), fourcc("SCTE"), FORMAT_CUEI, FORMAT_HDMV]);

/** Streams by their own format_identifier, as registered with the SMPTE. */
const BY_FORMAT = new Map<number, Codec>([
  [fourcc("AC-3"), CODEC.ac3],
  [fourcc("EAC3"), CODEC.eac3],
  [fourcc("AC-4"), CODEC.ac4],
  [fourcc("DTS1"), CODEC.dts],
  [fourcc("DTS2"), CODEC.dts],
  [fourcc("DTS3"), CODEC.dts],
  [fourcc("DTSH"), CODEC.dtsHd],
  [fourcc("Opus"), CODEC.opus],
  [fourcc("BSSD"), CODEC.s302m],
  [fourcc("mlpa"), CODEC.trueHd],
  [fourcc("HEVC"), CODEC.hevc],
  [fourcc("VC-1"), CODEC.vc1],
  [fourcc("drac"), CODEC.dirac],
  [fourcc("AV01"), CODEC.av1],
  [fourcc("AVSV"), CODEC.avs],
  [fourcc("AVS3"), CODEC.avs3],
  [fourcc("KLVA"), CODEC.klv],
  [fourcc("ID3 "), CODEC.id3],
  [fourcc("VANC"), CODEC.anc2038],
  [FORMAT_CUEI, CODEC.splice],
]);

/** Private PES streams by a DVB descriptor, EN 300 468 table 12 and its annexes. */
const BY_TAG = new Map<number, Codec>([
  [0x45, CODEC.vbi],
  [0x46, CODEC.teletext],
  [0x56, CODEC.teletext],
  [0x59, CODEC.dvbSubtitles],
  [0x6a, CODEC.ac3],
  [0x7a, CODEC.eac3],
  [0x7b, CODEC.dts],
  [0x7c, CODEC.aac],
]);

/** Audio that has an own descriptor in ATSC: AC-3 and E-AC-3, A/52 annexes A and G. */
const BY_ATSC_TAG = new Map<number, Codec>([
  [0x81, CODEC.ac3],
  [0xcc, CODEC.eac3],
]);

/** The same by the tag of a descriptor in the extension descriptor, EN 300 468 table 109. */
const BY_EXTENSION_TAG = new Map<number, Codec>([
  [0x0e, CODEC.dtsHd],
  [0x15, CODEC.ac4],
  [0x20, CODEC.ttml],
  [0x21, CODEC.dtsUhd],
]);

/** Sections by data_broadcast_id, TS 101 162 table 3. */
const BY_DATA_BROADCAST = new Map<number, Codec>([
  [0x0005, CODEC.mpe],
  [0x0006, CODEC.dataCarousel],
  [0x0007, CODEC.objectCarousel],
  [0x000a, CODEC.ssu],
  [0x0123, CODEC.objectCarousel],
]);

/** format_identifier of the program from its descriptors `buf[off, off + len)`; PROGRAM_FORMAT_NONE without. */
export function programFormat(buf: Uint8Array, off: number, len: number): number {
  const at = findDescriptor(buf, off, off + len, REGISTRATION, 4);
  return at < 0 ? PROGRAM_FORMAT_NONE : u32(buf, at + 2);
}

/**
 * What an elementary stream carries: by stream_type (13818-1 table 2-34), by the program's registration
 * (`format`, see `programFormat`) where the type is user private, and by the stream's own descriptors
 * `buf[off, off + len)` where the type leaves it open: private PES packets (0x06), private sections (0x05),
 * types that are user private.
 */
export function codecOf(
  streamType: number,
  buf: Uint8Array,
  off: number,
  len: number,
  format: number,
): Codec {
  const byType = streamTypeCodec(streamType, format === FORMAT_HDMV);
  const open = streamType === 0x05 || streamType === 0x06 || streamType >= FIRST_USER_PRIVATE;
  if (!open || format === FORMAT_HDMV) return byType;
  const end = off + len;
  const own = programFormat(buf, off, len);
  const registered = BY_FORMAT.get(own);
  // A registration of the program does not say what a single stream is; one of the stream does.
  if (registered !== undefined) return registered;
  if (streamType === 0x05) return sectionsCodec(buf, off, end) ?? byType;
  if (streamType === 0x06) return pesCodec(buf, off, end) ?? byType;
  return byType;
}

/**
 * True where `codec` is only what a user private `streamType` (13818-1 table 2-34: 0x80 to 0xFF) usually stands for, and
 * neither a registration of the program or the stream nor a descriptor of the stream confirms it.
 */
export function isAssumed(
  codec: Codec,
  streamType: number,
  buf: Uint8Array,
  off: number,
  len: number,
  format: number,
): boolean {
  if (streamType < FIRST_USER_PRIVATE || USUAL_FORMATS.has(format)) return false;
  const own = programFormat(buf, off, len);
  if (BY_FORMAT.has(own) || USUAL_FORMATS.has(own)) return false;
  const end = off + len;
  for (const [tag, named] of BY_ATSC_TAG) {
    if (named === codec && findDescriptor(buf, off, end, tag) >= 0) return false;
  }
  return pesCodec(buf, off, end) !== codec;
}

/** Private PES packets by the first descriptor that names their content. */
function pesCodec(buf: Uint8Array, off: number, end: number): Codec | undefined {
  let vbi: Codec | undefined;
  for (let at = descriptorAt(buf, off, end); at >= 0; ) {
    const tag = buf[at] as number;
    const length = buf[at + 1] as number;
    let codec = BY_TAG.get(tag);
    if (tag === DVB_EXTENSION && length > 0) codec = BY_EXTENSION_TAG.get(buf[at + 2] as number);
    // ARIB STD-B10: 0x0008 and 0x0012 are captions.
    if (tag === DATA_COMPONENT && length >= 2) {
      const component = u16(buf, at + 2);
      if (component === 0x0008 || component === 0x0012) codec = CODEC.aribCaption;
    }
    // VBI data stands beside teletext in one stream: then the teletext is what the stream is known for.
    if (codec === CODEC.vbi) vbi = codec;
    else if (codec !== undefined) return codec;
    at = descriptorAt(buf, at + 2 + length, end);
  }
  return vbi;
}

/** Private sections by application_signalling_descriptor or data_broadcast_id_descriptor. */
function sectionsCodec(buf: Uint8Array, off: number, end: number): Codec | undefined {
  if (findDescriptor(buf, off, end, 0x6f) >= 0) return CODEC.ait;
  const at = findDescriptor(buf, off, end, DATA_BROADCAST_ID, 2);
  return at < 0 ? undefined : BY_DATA_BROADCAST.get(u16(buf, at + 2));
}
