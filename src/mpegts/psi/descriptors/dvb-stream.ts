import { subtitlingTypeName, teletextTypeName } from "./dvb-names.ts";
import { lengthText, restAscii } from "./dvb-service.ts";
import type { DescriptorEntry, FieldReader, Fields } from "./field-reader.ts";

const teletext = (r: FieldReader): Fields => ({
  pages: r.loop(5, () => {
    const languageCode = r.language();
    const teletextType = r.bits(5);
    const magazine = r.bits(3);
    const tens = r.bits(4);
    const units = r.bits(4);
    // Magazine 0 is page 800 on; numbers with a hexadecimal digit are not for viewers.
    const page = tens < 10 && units < 10 ? (magazine === 0 ? 8 : magazine) * 100 + tens * 10 + units : null;
    return {
      languageCode,
      teletextType,
      teletextTypeName: teletextTypeName(teletextType),
      magazineNumber: magazine,
      pageNumber: tens * 16 + units,
      page,
    };
  }),
});

/** data_service_ids whose data are lines of a field (table 104). */
const VBI_LINE_SERVICES = new Set([0x01, 0x02, 0x04, 0x05, 0x06, 0x07]);

const vbiData = (r: FieldReader): Fields => ({
  services: r.loop(2, () => {
    const dataServiceId = r.u8();
    const data = r.sub(r.u8());
    const service = VBI_LINE_SERVICES.has(dataServiceId)
      ? { dataServiceId, lines: data.loop(1, () => vbiLine(data)) }
      : { dataServiceId, reserved: data.restHex() };
    r.noteShort(data);
    return service;
  }),
});

function vbiLine(r: FieldReader): Fields {
  r.skipBits(2);
  return { fieldParity: r.flag(), lineOffset: r.bits(5) };
}

const subtitling = (r: FieldReader): Fields => ({
  subtitles: r.loop(8, () => {
    const languageCode = r.language();
    const subtitlingType = r.u8();
    return {
      languageCode,
      subtitlingType,
      subtitlingTypeName: subtitlingTypeName(subtitlingType),
      compositionPageId: r.u16(),
      ancillaryPageId: r.u16(),
    };
  }),
});

const dataBroadcast = (r: FieldReader): Fields => ({
  dataBroadcastId: r.u16(),
  componentTag: r.u8(),
  selector: r.hex(r.u8()),
  languageCode: r.language(),
  text: lengthText(r),
});

const dataBroadcastId = (r: FieldReader): Fields => {
  const id = r.u16();
  return r.left > 0 ? { dataBroadcastId: id, selector: r.restHex() } : { dataBroadcastId: id };
};

/** The fields of one octet each for which a flag is set, in the order of the flags. */
function optionalOctets(r: FieldReader, names: readonly string[], flags: readonly boolean[]): Fields {
  const fields: Record<string, number> = {};
  names.forEach((name, i) => {
    if (flags[i] === true) fields[name] = r.u8();
  });
  return fields;
}

const additional = (r: FieldReader): Fields => (r.left > 0 ? { additionalInfo: r.restHex() } : {});

/** Annex D.3. */
const ac3 = (r: FieldReader): Fields => {
  const flags = [r.flag(), r.flag(), r.flag(), r.flag()];
  r.skipBits(4);
  return { ...optionalOctets(r, ["componentType", "bsid", "mainid", "asvc"], flags), ...additional(r) };
};

/** Annex D.5. */
const enhancedAc3 = (r: FieldReader): Fields => {
  const flags = [r.flag(), r.flag(), r.flag(), r.flag()];
  const mixInfoExists = r.flag();
  flags.push(r.flag(), r.flag(), r.flag());
  const names = ["componentType", "bsid", "mainid", "asvc", "substream1", "substream2", "substream3"];
  return { mixInfoExists, ...optionalOctets(r, names, flags), ...additional(r) };
};

/** Annex G.2.1. */
const dts = (r: FieldReader): Fields => ({
  sampleRateCode: r.bits(4),
  bitRateCode: r.bits(6),
  nblks: r.bits(7),
  fsize: r.bits(14),
  surroundMode: r.bits(6),
  lfe: r.flag(),
  extendedSurround: r.bits(2),
  ...additional(r),
});

/** Annex H.2.1. */
const aac = (r: FieldReader): Fields => {
  const profileAndLevel = r.u8();
  if (r.left === 0) return { profileAndLevel };
  const typed = r.flag();
  const saocDe = r.flag();
  r.skipBits(6);
  return { profileAndLevel, saocDe, ...(typed ? { aacType: r.u8() } : {}), ...additional(r) };
};

const partialTransportStream = (r: FieldReader): Fields => {
  r.skipBits(2);
  // In units of 400 bit/s and of octets, as in smoothing_buffer_descriptor (7.2.1).
  const peakRateBps = r.bits(22) * 400;
  r.skipBits(2);
  const minimumOverallSmoothingRate = r.bits(22);
  r.skipBits(2);
  const maximumOverallSmoothingBufferBytes = r.bits(14);
  return {
    peakRateBps,
    // All ones: not defined.
    minimumOverallSmoothingRateBps:
      minimumOverallSmoothingRate === 0x3fffff ? null : minimumOverallSmoothingRate * 400,
    maximumOverallSmoothingBufferBytes:
      maximumOverallSmoothingBufferBytes === 0x3fff ? null : maximumOverallSmoothingBufferBytes,
  };
};

const applicationSignalling = (r: FieldReader): Fields => ({
  applications: r.loop(3, () => {
    r.skipBits(1);
    const applicationType = r.bits(15);
    r.skipBits(3);
    return { applicationType, aitVersionNumber: r.bits(5) };
  }),
});

/** Descriptors of elementary streams and of partial transport streams, EN 300 468 clauses 6.2, 7.2 and annexes. */
export const DVB_STREAM_DESCRIPTORS: readonly DescriptorEntry[] = [
  [0x45, "VBI_data_descriptor", vbiData],
  [0x46, "VBI_teletext_descriptor", teletext],
  [0x52, "stream_identifier_descriptor", (r) => ({ componentTag: r.u8() })],
  [0x56, "teletext_descriptor", teletext],
  [0x59, "subtitling_descriptor", subtitling],
  [
    0x61,
    "short_smoothing_buffer_descriptor",
    (r) => ({ sbSize: r.bits(2), sbLeakRate: r.bits(6), ...(r.left > 0 ? { reserved: r.restHex() } : {}) }),
  ],
  [0x63, "partial_transport_stream_descriptor", partialTransportStream],
  [0x64, "data_broadcast_descriptor", dataBroadcast],
  [0x65, "scrambling_descriptor", (r) => ({ scramblingMode: r.u8() })],
  [0x66, "data_broadcast_id_descriptor", dataBroadcastId],
  [0x67, "transport_stream_descriptor", (r) => ({ text: restAscii(r) })],
  [0x68, "DSNG_descriptor", (r) => ({ text: restAscii(r) })],
  [0x6a, "AC-3_descriptor", ac3],
  [0x6b, "ancillary_data_descriptor", (r) => ({ ancillaryDataIdentifier: r.u8() })],
  [0x6f, "application_signalling_descriptor", applicationSignalling],
  [0x70, "adaptation_field_data_descriptor", (r) => ({ adaptationFieldDataIdentifier: r.u8() })],
  [
    0x78,
    "ECM_repetition_rate_descriptor",
    (r) => ({
      caSystemId: r.u16(),
      ecmRepetitionRateMs: r.u16(),
      ...(r.left > 0 ? { privateData: r.restHex() } : {}),
    }),
  ],
  [0x7a, "enhanced_AC-3_descriptor", enhancedAc3],
  [0x7b, "DTS_descriptor", dts],
  [0x7c, "AAC_descriptor", aac],
];
