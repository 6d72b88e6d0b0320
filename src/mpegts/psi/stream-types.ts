/** What an elementary stream is, for rates and reports. */
export type StreamKind = "video" | "audio" | "subtitle" | "data";

/** What an elementary stream carries. */
export interface Codec {
  /** Short name for machines, e.g. `avc`. */
  readonly id: string;
  /** Name for people, e.g. `AVC video`. */
  readonly name: string;
  readonly kind: StreamKind;
  /** `sections` where the PID carries sections, `pes` where it carries PES packets, null where that is not known. */
  readonly carriage: "pes" | "sections" | null;
}

const video = (id: string, name: string): Codec => ({
  id,
  name: `${name} video`,
  kind: "video",
  carriage: "pes",
});
const audio = (id: string, name: string): Codec => ({
  id,
  name: `${name} audio`,
  kind: "audio",
  carriage: "pes",
});
const subtitle = (id: string, name: string): Codec => ({ id, name, kind: "subtitle", carriage: "pes" });
const data = (id: string, name: string): Codec => ({ id, name, kind: "data", carriage: "pes" });
const sections = (id: string, name: string): Codec => ({ id, name, kind: "data", carriage: "sections" });
const other = (id: string, name: string): Codec => ({ id, name, kind: "data", carriage: null });

/** Codecs that more than one way of naming leads to. */
export const CODEC = {
  mpeg2Video: video("mpeg2video", "MPEG-2"),
  avc: video("avc", "AVC"),
  hevc: video("hevc", "HEVC"),
  vc1: video("vc1", "VC-1"),
  dirac: video("dirac", "Dirac"),
  av1: video("av1", "AV1"),
  avs: video("avs", "AVS"),
  avs2: video("avs2", "AVS2"),
  avs3: video("avs3", "AVS3"),
  lcevc: video("lcevc", "LCEVC"),
  jpegXs: video("jpegxs", "JPEG XS"),
  aac: audio("aac", "AAC"),
  aacLatm: audio("aac-latm", "MPEG-4 AAC (LATM)"),
  ac3: audio("ac3", "AC-3"),
  eac3: audio("eac3", "E-AC-3"),
  ac4: audio("ac4", "AC-4"),
  dts: audio("dts", "DTS"),
  dtsHd: audio("dts-hd", "DTS-HD"),
  dtsHdMa: { id: "dts-hd-ma", name: "DTS-HD Master Audio", kind: "audio", carriage: "pes" },
  dtsUhd: audio("dts-uhd", "DTS-UHD"),
  opus: audio("opus", "Opus"),
  s302m: audio("s302m", "SMPTE ST 302 (PCM)"),
  trueHd: audio("truehd", "Dolby TrueHD"),
  lpcm: audio("lpcm", "LPCM"),
  teletext: subtitle("teletext", "Teletext"),
  dvbSubtitles: subtitle("dvb-subtitles", "DVB subtitles"),
  ttml: subtitle("ttml", "TTML subtitles"),
  aribCaption: subtitle("arib-caption", "ARIB captions"),
  vbi: data("vbi", "VBI data"),
  klv: data("klv", "KLV metadata"),
  id3: data("id3", "ID3 metadata"),
  anc2038: data("smpte-2038", "SMPTE ST 2038 ancillary data"),
  splice: sections("scte-35", "SCTE 35 splice information"),
  ait: sections("ait", "Application information (AIT)"),
  mpe: sections("mpe", "Multiprotocol encapsulation"),
  dataCarousel: sections("data-carousel", "DSM-CC data carousel"),
  objectCarousel: sections("object-carousel", "DSM-CC object carousel"),
  ssu: sections("ssu", "System software update"),
  privatePes: data("private-pes", "Private PES data"),
  privateSections: sections("private-sections", "Private sections"),
} as const satisfies Record<string, Codec>;

/** stream_type, ISO/IEC 13818-1 table 2-34, by number; what is missing is reserved. */
const STANDARD: readonly (Codec | undefined)[] = [
  undefined,
  video("mpeg1video", "MPEG-1"), // 0x01
  CODEC.mpeg2Video,
  audio("mp1", "MPEG-1"),
  audio("mp2", "MPEG-2"),
  CODEC.privateSections, // 0x05
  CODEC.privatePes,
  data("mheg", "MHEG"),
  data("dsm-cc", "DSM-CC (annex A)"),
  data("h222.1", "H.222.1"),
  sections("dsm-cc-a", "DSM-CC multiprotocol encapsulation (type A)"), // 0x0A
  sections("dsm-cc-b", "DSM-CC U-N messages (type B)"),
  sections("dsm-cc-c", "DSM-CC stream descriptors (type C)"),
  sections("dsm-cc-d", "DSM-CC sections (type D)"),
  data("auxiliary", "13818-1 auxiliary data"),
  CODEC.aac, // 0x0F
  video("mpeg4video", "MPEG-4"),
  CODEC.aacLatm,
  data("mpeg4-sl-pes", "MPEG-4 SL or FlexMux in PES packets"),
  sections("mpeg4-sl-sections", "MPEG-4 SL or FlexMux in sections"),
  sections("dsm-cc-download", "DSM-CC synchronized download protocol"), // 0x14
  data("metadata-pes", "Metadata in PES packets"),
  sections("metadata-sections", "Metadata in sections"),
  sections("metadata-data-carousel", "Metadata in a data carousel"),
  sections("metadata-object-carousel", "Metadata in an object carousel"),
  sections("metadata-download", "Metadata in a synchronized download"), // 0x19
  other("ipmp-13818-11", "IPMP"),
  CODEC.avc,
  audio("mpeg4audio", "MPEG-4 (without transport syntax)"),
  data("mpeg4-text", "MPEG-4 text"),
  video("auxiliary-video", "Auxiliary (ISO/IEC 23002-3)"), // 0x1E
  video("svc", "AVC scalable (SVC)"),
  video("mvc", "AVC multiview (MVC)"),
  video("jpeg2000", "JPEG 2000"),
  video("mpeg2-3d", "MPEG-2 additional 3D view"),
  video("avc-3d", "AVC additional 3D view"), // 0x23
  CODEC.hevc,
  video("hevc-temporal", "HEVC temporal subset"),
  video("mvcd", "AVC multiview and depth (MVCD)"),
  data("temi", "Timeline and external media information"),
  video("hevc-g", "HEVC enhancement (annex G)"), // 0x28
  video("hevc-g-temporal", "HEVC temporal enhancement (annex G)"),
  video("hevc-h", "HEVC enhancement (annex H)"),
  video("hevc-h-temporal", "HEVC temporal enhancement (annex H)"),
  sections("green", "Green access units"),
  audio("mpegh", "MPEG-H 3D"), // 0x2D
  audio("mpegh-auxiliary", "MPEG-H 3D auxiliary"),
  sections("quality", "Quality access units"),
  sections("media-orchestration", "Media orchestration access units"),
  video("hevc-tiles", "HEVC tile set"), // 0x31
  CODEC.jpegXs,
  video("vvc", "VVC"),
  video("vvc-temporal", "VVC temporal subset"),
  video("evc", "EVC"),
  CODEC.lcevc, // 0x36
];

/** Numbers outside the standard's own range that stand for the same thing nearly everywhere. */
const USUAL = new Map<number, Codec>([
  [0x42, CODEC.avs],
  [0x7f, other("ipmp", "IPMP")],
  [0x80, video("digicipher2", "DigiCipher II")],
  [0x81, CODEC.ac3], // A/53
  [0x82, subtitle("scte-27", "SCTE 27 subtitles")],
  [0x84, CODEC.eac3],
  [0x86, CODEC.splice], // SCTE 35
  [0x87, CODEC.eac3], // A/53
  [0x88, CODEC.dtsHd], // A/107
  [0x95, sections("atsc-data-service", "ATSC data service table")], // A/90
  [0xd1, CODEC.dirac],
  [0xd2, CODEC.avs2],
  [0xd4, CODEC.avs3],
  [0xea, CODEC.vc1],
]);

/** stream_type where the program is registered as HDMV (Blu-ray Disc). */
const HDMV = new Map<number, Codec>([
  [0x80, CODEC.lpcm],
  [0x81, CODEC.ac3],
  [0x82, CODEC.dts],
  [0x83, CODEC.trueHd],
  [0x84, CODEC.eac3],
  [0x85, CODEC.dtsHd],
  [0x86, CODEC.dtsHdMa],
  [0x90, subtitle("pgs", "HDMV presentation graphics")],
  [0x91, data("igs", "HDMV interactive graphics")],
  [0x92, subtitle("hdmv-text", "HDMV text subtitles")],
  [0xa1, CODEC.eac3],
  [0xa2, CODEC.dtsHd],
  [0xea, CODEC.vc1],
]);

/** What `streamType` says by itself: by 13818-1, by common use, or (`hdmv`) by the Blu-ray Disc registration. */
export function streamTypeCodec(streamType: number, hdmv: boolean): Codec {
  const special = hdmv && streamType >= 0x80 ? HDMV.get(streamType) : undefined;
  const codec = special ?? STANDARD[streamType] ?? USUAL.get(streamType);
  if (codec !== undefined) return codec;
  const hex = `0x${streamType.toString(16).toUpperCase().padStart(2, "0")}`;
  const name = streamType >= 0x80 ? `User private ${hex}` : `Reserved ${hex}`;
  return { id: `type-${streamType.toString(16).padStart(2, "0")}`, name, kind: "data", carriage: null };
}
