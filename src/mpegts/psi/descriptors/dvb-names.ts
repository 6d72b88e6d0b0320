/** service_type, EN 300 468 table 89. */
const SERVICE_TYPES = new Map<number, string>([
  [0x01, "digital television"],
  [0x02, "digital radio sound"],
  [0x03, "teletext"],
  [0x04, "NVOD reference"],
  [0x05, "NVOD time-shifted"],
  [0x06, "mosaic"],
  [0x07, "FM radio"],
  [0x08, "DVB SRM"],
  [0x0a, "advanced codec digital radio sound"],
  [0x0b, "advanced codec mosaic"],
  [0x0c, "data broadcast"],
  [0x0d, "reserved for common interface"],
  [0x0e, "RCS map"],
  [0x0f, "RCS FLS"],
  [0x10, "DVB MHP"],
  [0x11, "MPEG-2 HD digital television"],
  [0x16, "advanced codec SD digital television"],
  [0x17, "advanced codec SD NVOD time-shifted"],
  [0x18, "advanced codec SD NVOD reference"],
  [0x19, "advanced codec HD digital television"],
  [0x1a, "advanced codec HD NVOD time-shifted"],
  [0x1b, "advanced codec HD NVOD reference"],
  [0x1c, "advanced codec frame compatible stereoscopic HD digital television"],
  [0x1d, "advanced codec frame compatible stereoscopic HD NVOD time-shifted"],
  [0x1e, "advanced codec frame compatible stereoscopic HD NVOD reference"],
  [0x1f, "HEVC digital television"],
  [0x20, "HEVC UHD digital television"],
  [0x21, "VVC digital television"],
  [0x22, "AVS3 digital television"],
]);

/** Name of service_type. */
export function serviceTypeName(serviceType: number): string {
  return (
    SERVICE_TYPES.get(serviceType) ??
    (serviceType >= 0x80 && serviceType < 0xff ? "user defined" : "reserved")
  );
}

/** content_nibble_level_1, EN 300 468 table 29. */
const GENRES = [
  "undefined",
  "movie/drama",
  "news/current affairs",
  "show/game show",
  "sports",
  "children's/youth programmes",
  "music/ballet/dance",
  "arts/culture",
  "social/political issues/economics",
  "education/science/factual topics",
  "leisure hobbies",
  "special characteristics",
  "adult",
];

/** Name of content_nibble_level_1. */
export function genreName(level1: number): string {
  return GENRES[level1] ?? (level1 === 0x0f ? "user defined" : "reserved");
}

/** linkage_type, EN 300 468 table 60. */
const LINKAGE_TYPES = new Map<number, string>([
  [0x01, "information service"],
  [0x02, "EPG service"],
  [0x03, "CA replacement service"],
  [0x04, "TS with complete network or bouquet SI"],
  [0x05, "service replacement service"],
  [0x06, "data broadcast service"],
  [0x07, "RCS map"],
  [0x08, "mobile hand-over"],
  [0x09, "system software update service"],
  [0x0a, "TS with system software update BAT or NIT"],
  [0x0b, "IP/MAC notification service"],
  [0x0c, "TS with IP/MAC notification BAT or NIT"],
  [0x0d, "event linkage"],
  [0x20, "downloadable font info"],
]);

/** Name of linkage_type. */
export function linkageTypeName(linkageType: number): string {
  const name = LINKAGE_TYPES.get(linkageType);
  if (name !== undefined) return name;
  if (linkageType >= 0x0e && linkageType <= 0x1f) return "extended event linkage";
  return linkageType >= 0x80 && linkageType < 0xff ? "user defined" : "reserved";
}

/** teletext_type, EN 300 468 table 100. */
const TELETEXT_TYPES = [
  "reserved",
  "initial page",
  "subtitle page",
  "additional information page",
  "programme schedule page",
  "subtitle page for hearing impaired people",
];

/** Name of teletext_type. */
export function teletextTypeName(teletextType: number): string {
  return TELETEXT_TYPES[teletextType] ?? "reserved";
}

/** subtitling_type: component_type of stream_content 0x03, EN 300 468 table 26. */
const SUBTITLING_TYPES = new Map<number, string>([
  [0x01, "EBU teletext subtitles"],
  [0x02, "associated EBU teletext"],
  [0x03, "VBI data"],
  [0x10, "DVB subtitles"],
  [0x11, "DVB subtitles for 4:3 display"],
  [0x12, "DVB subtitles for 16:9 display"],
  [0x13, "DVB subtitles for 2.21:1 display"],
  [0x14, "DVB subtitles for high definition display"],
  [0x15, "DVB subtitles with plano-stereoscopic disparity for high definition display"],
  [0x16, "DVB subtitles for ultra high definition display"],
  [0x20, "DVB subtitles for the hard of hearing"],
  [0x21, "DVB subtitles for the hard of hearing for 4:3 display"],
  [0x22, "DVB subtitles for the hard of hearing for 16:9 display"],
  [0x23, "DVB subtitles for the hard of hearing for 2.21:1 display"],
  [0x24, "DVB subtitles for the hard of hearing for high definition display"],
  [0x25, "DVB subtitles for the hard of hearing with disparity for high definition display"],
  [0x26, "DVB subtitles for the hard of hearing for ultra high definition display"],
]);

/** Name of subtitling_type. */
export function subtitlingTypeName(subtitlingType: number): string {
  return SUBTITLING_TYPES.get(subtitlingType) ?? "reserved";
}

/** stream_content, EN 300 468 table 26; 0x09 and 0x0B by stream_content_ext. */
const STREAM_CONTENTS = [
  "reserved",
  "MPEG-2 video",
  "MPEG-1 Layer 2 audio",
  "subtitles or VBI",
  "AC-3 or E-AC-3 audio",
  "AVC video",
  "HE AAC audio",
  "DTS audio",
  "DVB SRM",
];
const STREAM_CONTENTS_9 = ["HEVC video", "next generation audio", "TTML subtitles"];

/** Name of stream_content with its stream_content_ext. */
export function streamContentName(streamContent: number, extension: number): string {
  if (streamContent === 0x09) return STREAM_CONTENTS_9[extension] ?? "reserved";
  if (streamContent === 0x0b) return "component combination or feature";
  return STREAM_CONTENTS[streamContent] ?? (streamContent >= 0x0c ? "user defined" : "reserved");
}
