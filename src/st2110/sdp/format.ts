import { parameter, type SdpMedia } from "./parse.ts";

/** The part of ST 2110 that a media is of, or another payload that goes by RTP. */
export type SdpFormat =
  | "st2110-20"
  | "st2110-22"
  | "st2110-30"
  | "st2110-31"
  | "st2110-40"
  | "st2110-41"
  | "st2022-6"
  | "mpegts"
  | "other";

/** The static payload type of MPEG-TS (RFC 3551 6). */
const MPEGTS_PAYLOAD_TYPE = 33;

/** What `media` is by the name of its encoding. */
export function formatOf(media: SdpMedia): SdpFormat {
  const { encoding, payloadType, kind } = media;
  if (encoding === null) return payloadType === MPEGTS_PAYLOAD_TYPE ? "mpegts" : "other";
  switch (encoding.toLowerCase()) {
    case "raw":
      return "st2110-20";
    case "jxsv":
    case "vc2":
      return "st2110-22";
    case "l16":
    case "l20":
    case "l24":
      return "st2110-30";
    case "am824":
      return "st2110-31";
    case "smpte291":
      return "st2110-40";
    case "st2110-41":
      return "st2110-41";
    case "smpte2022-6":
      return "st2022-6";
    case "mp2t":
      return "mpegts";
    default:
      // Other codecs go by RTP without ST 2110 too (RFC 6184, 7798, 5371): the description says which it is.
      return kind === "video" && standard(media).startsWith("ST2110-22") ? "st2110-22" : "other";
  }
}

/**
 * True where ST 2110-10 holds for `media`: formats of ST 2110, timed text (ST 2110-43, which `SdpFormat` has no name
 * for), and what says so by SSN. MPEG-TS and ST 2022-6 have neither its clocks nor its payload types.
 */
export function isSt2110(media: SdpMedia): boolean {
  if (formatOf(media).startsWith("st2110-") || standard(media).startsWith("ST2110-")) return true;
  return media.encoding?.toLowerCase() === "ttml+xml";
}

function standard(media: SdpMedia): string {
  return parameter(media, "SSN") ?? "";
}
