import { readMultipleString } from "../atsc-text.ts";
import type { DescriptorEntry, FieldReader, Fields } from "./field-reader.ts";
import { fourCharacters } from "./mpeg-names.ts";

/** A/52 annex A, table A4.1: the descriptor may end after any of the groups from the second on. */
const ac3AudioStream = (r: FieldReader): Fields => {
  const head = {
    sampleRateCode: r.bits(3),
    bsid: r.bits(5),
    bitRateCode: r.bits(6),
    surroundMode: r.bits(2),
    bsmod: r.bits(3),
    numChannels: r.bits(4),
    fullService: r.flag(),
  };
  if (r.left === 0) return head;
  const codes = { langcod: r.u8(), ...(head.numChannels === 0 && r.left > 0 ? { langcod2: r.u8() } : {}) };
  if (r.left === 0) return { ...head, ...codes };
  const service = head.bsmod < 2 ? mainService(r) : { asvcflags: r.u8() };
  if (r.left === 0) return { ...head, ...codes, ...service };
  const length = r.bits(7);
  const latin1 = r.flag();
  const text = r.take(latin1 ? length : length & ~1, latin1 ? ac3Latin1 : ac3Utf16);
  if (r.left === 0) return { ...head, ...codes, ...service, text };
  return { ...head, ...codes, ...service, text, ...ac3Languages(r), ...additional(r) };
};

function mainService(r: FieldReader): Fields {
  const fields = { mainid: r.bits(3), priority: r.bits(2) };
  r.skipBits(3);
  return fields;
}

const ac3Latin1 = (buf: Uint8Array, off: number, len: number): string =>
  Buffer.from(buf.subarray(off, off + len))
    .toString("latin1")
    .replace(/\p{Cc}/gu, "");
const utf16 = new TextDecoder("utf-16be");
const ac3Utf16 = (buf: Uint8Array, off: number, len: number): string =>
  utf16.decode(buf.subarray(off, off + len)).replace(/\p{Cc}/gu, "");

function ac3Languages(r: FieldReader): Fields {
  const first = r.flag();
  const second = r.flag();
  r.skipBits(6);
  return {
    ...(first ? { languageCode: r.language() } : {}),
    ...(second ? { languageCode2: r.language() } : {}),
  };
}

const additional = (r: FieldReader): Fields => (r.left > 0 ? { additionalInfo: r.restHex() } : {});

/** A/52 annex G, table G.1. */
const eac3AudioStream = (r: FieldReader): Fields => {
  r.skipBits(1);
  const bsid = r.flag();
  const main = r.flag();
  const asvc = r.flag();
  const mixInfoExists = r.flag();
  const substreams = [r.flag(), r.flag(), r.flag()];
  r.skipBits(1);
  const service = { fullService: r.flag(), audioServiceType: r.bits(3), numberOfChannels: r.bits(3) };
  const languages = [r.flag(), r.flag()];
  r.skipBits(1);
  const bsidValue = r.bits(5);
  const fields: Record<string, number | string> = {};
  if (bsid) fields.bsid = bsidValue;
  if (main) {
    r.skipBits(3);
    fields.priority = r.bits(2);
    fields.mainid = r.bits(3);
  }
  if (asvc) fields.asvc = r.u8();
  substreams.forEach((present, i) => {
    if (present) fields[`substream${i + 1}`] = r.u8();
  });
  languages.forEach((present, i) => {
    if (present) fields[i === 0 ? "languageCode" : "languageCode2"] = r.language();
  });
  substreams.forEach((present, i) => {
    if (present) fields[`substream${i + 1}LanguageCode`] = r.language();
  });
  return { mixInfoExists, ...service, ...fields, ...additional(r) };
};

/** A/65 6.9.2. */
const captionService = (r: FieldReader): Fields => {
  r.skipBits(3);
  return { services: r.times(r.bits(5), 6, () => caption(r)) };
};

function caption(r: FieldReader): Fields {
  const languageCode = r.language();
  const digital = r.flag();
  r.skipBits(1);
  let number: Fields;
  if (digital) number = { captionServiceNumber: r.bits(6) };
  else {
    r.skipBits(5);
    number = { line21Field: r.bits(1) };
  }
  const fields = { easyReader: r.flag(), wideAspectRatio: r.flag() };
  r.skipBits(14);
  return { languageCode, digitalCc: digital, ...number, ...fields };
}

/** A/65 6.9.3. */
const contentAdvisory = (r: FieldReader): Fields => {
  r.skipBits(2);
  return { ratingRegions: r.times(r.bits(6), 3, () => ratingRegion(r)) };
};

function ratingRegion(r: FieldReader): Fields {
  const region = r.u8();
  const dimensions = r.times(r.u8(), 2, () => {
    const ratingDimension = r.u8();
    r.skipBits(4);
    return { ratingDimension, ratingValue: r.bits(4) };
  });
  const text = r.sub(r.u8());
  const ratingDescription = text.left > 0 ? readMultipleString(text) : [];
  r.noteShort(text);
  return { ratingRegion: region, dimensions, ratingDescription };
}

/** A/65 6.9.5. */
const serviceLocation = (r: FieldReader): Fields => {
  r.skipBits(3);
  const pcrPid = r.bits(13);
  const elements = r.times(r.u8(), 6, () => {
    const streamType = r.u8();
    r.skipBits(3);
    return { streamType, elementaryPid: r.bits(13), languageCode: languageOrNone(r) };
  });
  return { pcrPid: pcrPid === 0x1fff ? null : pcrPid, elements };
};

/** ISO_639_language_code of a service location; null where the three octets are zero. */
function languageOrNone(r: FieldReader): string | null {
  const code = r.language();
  return code === "..." ? null : code;
}

/** A/65 6.9.6. */
const timeShiftedService = (r: FieldReader): Fields => {
  r.skipBits(3);
  const services = r.times(r.bits(5), 5, () => {
    r.skipBits(6);
    const timeShiftMinutes = r.bits(10);
    r.skipBits(4);
    return { timeShiftMinutes, majorChannelNumber: r.bits(10), minorChannelNumber: r.bits(10) };
  });
  return { services };
};

/** A/65 6.9.10 and 6.9.11. */
const dccRequest = (r: FieldReader): Fields => {
  const requestType = r.u8();
  const text = r.sub(r.u8());
  const strings = text.left > 0 ? readMultipleString(text) : [];
  r.noteShort(text);
  return { requestType, text: strings };
};

/** A/65 6.9.13: the genres by their codes. */
const genre = (r: FieldReader): Fields => {
  r.skipBits(3);
  return { attributes: r.times(r.bits(5), 1, () => r.u8()) };
};

const privateInformation = (r: FieldReader): Fields => ({
  format: fourCharacters(r.u32()),
  ...(r.left > 0 ? { privateData: r.restHex() } : {}),
});

/** Descriptors of ATSC A/65, A/52, A/53 and A/90: tags 0x80 and up where the stream is by ATSC. */
export const ATSC_DESCRIPTORS: readonly DescriptorEntry[] = [
  [0x80, "stuffing_descriptor"],
  [0x81, "AC-3_audio_stream_descriptor", ac3AudioStream],
  [0x85, "program_identifier_descriptor"],
  [0x86, "caption_service_descriptor", captionService],
  [0x87, "content_advisory_descriptor", contentAdvisory],
  [0xa0, "extended_channel_name_descriptor", (r) => ({ longChannelName: readMultipleString(r) })],
  [0xa1, "service_location_descriptor", serviceLocation],
  [0xa2, "time_shifted_service_descriptor", timeShiftedService],
  [0xa3, "component_name_descriptor", (r) => ({ componentName: readMultipleString(r) })],
  [0xa4, "data_service_descriptor"],
  [0xa5, "PID_count_descriptor"],
  [0xa6, "download_descriptor"],
  [0xa7, "multiprotocol_encapsulation_descriptor"],
  [0xa8, "DCC_departing_request_descriptor", dccRequest],
  [0xa9, "DCC_arriving_request_descriptor", dccRequest],
  [0xaa, "redistribution_control_descriptor"],
  [0xab, "genre_descriptor", genre],
  [0xad, "ATSC_private_information_descriptor", privateInformation],
  [0xcc, "E-AC-3_audio_stream_descriptor", eac3AudioStream],
];

/** cue_identifier_descriptor, SCTE 35 8.2: what a stream of splice information is for. */
const CUE_STREAM_TYPES = [
  "splice_insert, splice_null, splice_schedule",
  "all commands",
  "segmentation",
  "tiered splicing",
  "tiered segmentation",
];

/** Descriptors of SCTE in a program that is registered as `CUEI`. */
export const SCTE_DESCRIPTORS: readonly DescriptorEntry[] = [
  [
    0x8a,
    "cue_identifier_descriptor",
    (r) => {
      const cueStreamType = r.u8();
      return { cueStreamType, cueStreamTypeName: CUE_STREAM_TYPES[cueStreamType] ?? "reserved" };
    },
  ],
];
