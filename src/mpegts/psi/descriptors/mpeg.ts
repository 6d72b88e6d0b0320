import type { DescriptorEntry, FieldReader, Fields } from "./field-reader.ts";
import { audioTypeName, fourCharacters } from "./mpeg-names.ts";
import { avcTimingAndHrd, avcVideo, hevcVideo, j2kVideo, videoStream, vvcVideo } from "./mpeg-video.ts";

/** maximum_bitrate and sb_leak_rate count 50 octets (400 bits) a second (2.6.26, 2.6.30). */
const RATE_UNIT_BPS = 400;

const hierarchy = (r: FieldReader): Fields => {
  const head = {
    noViewScalability: r.flag(),
    noTemporalScalability: r.flag(),
    noSpatialScalability: r.flag(),
    noQualityScalability: r.flag(),
    hierarchyType: r.bits(4),
  };
  r.skipBits(2);
  const hierarchyLayerIndex = r.bits(6);
  const trefPresent = r.flag();
  r.skipBits(1);
  const hierarchyEmbeddedLayerIndex = r.bits(6);
  r.skipBits(2);
  const hierarchyChannel = r.bits(6);
  return { ...head, hierarchyLayerIndex, trefPresent, hierarchyEmbeddedLayerIndex, hierarchyChannel };
};

const registration = (r: FieldReader): Fields => {
  const formatIdentifier = r.u32();
  return { formatIdentifier, format: fourCharacters(formatIdentifier), ...privateData(r, "additionalInfo") };
};

const ca = (r: FieldReader): Fields => {
  const caSystemId = r.u16();
  r.skipBits(3);
  return { caSystemId, caPid: r.bits(13), ...privateData(r, "privateData") };
};

const iso639Language = (r: FieldReader): Fields => ({
  languages: r.loop(4, () => {
    const languageCode = r.language();
    const audioType = r.u8();
    return { languageCode, audioType, audioTypeName: audioTypeName(audioType) };
  }),
});

const systemClock = (r: FieldReader): Fields => {
  const externalClockReference = r.flag();
  r.skipBits(1);
  const clockAccuracyInteger = r.bits(6);
  const clockAccuracyExponent = r.bits(3);
  r.skipBits(5);
  // 2.6.20: 30 ppm where the integer is 0.
  const clockAccuracyPpm =
    clockAccuracyInteger === 0 ? 30 : clockAccuracyInteger / 10 ** clockAccuracyExponent;
  return { externalClockReference, clockAccuracyInteger, clockAccuracyExponent, clockAccuracyPpm };
};

const multiplexBufferUtilization = (r: FieldReader): Fields => {
  const boundValid = r.flag();
  const ltwOffsetLowerBound = r.bits(15);
  r.skipBits(1);
  return { boundValid, ltwOffsetLowerBound, ltwOffsetUpperBound: r.bits(15) };
};

const maximumBitrate = (r: FieldReader): Fields => {
  r.skipBits(2);
  return { maximumBitrateBps: r.bits(22) * RATE_UNIT_BPS };
};

const smoothingBuffer = (r: FieldReader): Fields => {
  r.skipBits(2);
  const sbLeakRateBps = r.bits(22) * RATE_UNIT_BPS;
  r.skipBits(2);
  return { sbLeakRateBps, sbSizeBytes: r.bits(22) };
};

const std = (r: FieldReader): Fields => {
  r.skipBits(7);
  return { leakValid: r.flag() };
};

const audioStream = (r: FieldReader): Fields => {
  const fields = { freeFormat: r.flag(), id: r.bits(1), layer: r.bits(2), variableRateAudio: r.flag() };
  r.skipBits(3);
  return fields;
};

const mpeg4AudioExtension = (r: FieldReader): Fields => {
  const asc = r.flag();
  r.skipBits(3);
  const count = r.bits(4);
  const audioProfileLevelIndications = r.times(count, 1, () => r.u8());
  return asc
    ? { audioProfileLevelIndications, audioSpecificConfig: r.hex(r.u8()) }
    : { audioProfileLevelIndications };
};

/** A format that may be named by an identifier of its own, where it is all ones (2.6.58, 2.6.60). */
const format = (r: FieldReader, bits: 8 | 16, name: string): Fields => {
  const value = r.bits(bits);
  return value === 2 ** bits - 1
    ? { [name]: value, [`${name}Identifier`]: fourCharacters(r.u32()) }
    : { [name]: value };
};

const metadataPointer = (r: FieldReader): Fields => {
  const formats = { ...format(r, 16, "metadataApplicationFormat"), ...format(r, 8, "metadataFormat") };
  const metadataServiceId = r.u8();
  const locator = r.flag();
  const mpegCarriage = r.bits(2);
  r.skipBits(5);
  const fields = { ...formats, metadataServiceId, mpegCarriage };
  return {
    ...fields,
    ...(locator ? { locatorRecord: r.hex(r.u8()) } : {}),
    ...(mpegCarriage <= 2 ? { programNumber: r.u16() } : {}),
    ...(mpegCarriage === 1 ? { transportStreamLocation: r.u16(), transportStreamId: r.u16() } : {}),
    ...privateData(r, "privateData"),
  };
};

const metadata = (r: FieldReader): Fields => {
  const formats = { ...format(r, 16, "metadataApplicationFormat"), ...format(r, 8, "metadataFormat") };
  const metadataServiceId = r.u8();
  const decoderConfig = r.bits(3);
  const dsmCc = r.flag();
  r.skipBits(4);
  return {
    ...formats,
    metadataServiceId,
    decoderConfig,
    ...(dsmCc ? { serviceIdentification: r.hex(r.u8()) } : {}),
    ...(decoderConfig === 1 ? { decoderConfigRecord: r.hex(r.u8()) } : {}),
    ...(decoderConfig === 3 ? { decoderConfigIdentification: r.hex(r.u8()) } : {}),
    ...(decoderConfig === 4 ? { decoderConfigMetadataServiceId: r.u8() } : {}),
    ...privateData(r, "privateData"),
  };
};

const metadataStd = (r: FieldReader): Fields => {
  r.skipBits(2);
  const metadataInputLeakRateBps = r.bits(22) * RATE_UNIT_BPS;
  r.skipBits(2);
  // Counted in 1024 octets (2.6.63).
  const metadataBufferSizeBytes = r.bits(22) * 1024;
  r.skipBits(2);
  return {
    metadataInputLeakRateBps,
    metadataBufferSizeBytes,
    metadataOutputLeakRateBps: r.bits(22) * RATE_UNIT_BPS,
  };
};

const streamEvent = (r: FieldReader): Fields => {
  const eventId = r.u16();
  r.skipBits(31);
  return { eventId, eventNpt90k: r.bits(33), ...privateData(r, "privateData") };
};

const associationTag = (r: FieldReader): Fields => ({
  associationTag: r.u16(),
  use: r.u16(),
  selector: r.hex(r.u8()),
  ...privateData(r, "privateData"),
});

/** The rest in hex under `name`; nothing where nothing is left. */
function privateData(r: FieldReader, name: string): Fields {
  return r.left > 0 ? { [name]: r.restHex() } : {};
}

/** Descriptors of ISO/IEC 13818-1 table 2-45 and of 13818-6, tags 0x02 to 0x3A. */
export const MPEG_DESCRIPTORS: readonly DescriptorEntry[] = [
  [0x00, "reserved_descriptor"],
  [0x01, "forbidden_descriptor"],
  [0x02, "video_stream_descriptor", videoStream],
  [0x03, "audio_stream_descriptor", audioStream],
  [0x04, "hierarchy_descriptor", hierarchy],
  [0x05, "registration_descriptor", registration],
  [0x06, "data_stream_alignment_descriptor", (r) => ({ alignmentType: r.u8() })],
  [
    0x07,
    "target_background_grid_descriptor",
    (r) => ({ horizontalSize: r.bits(14), verticalSize: r.bits(14), aspectRatioInformation: r.bits(4) }),
  ],
  [
    0x08,
    "video_window_descriptor",
    (r) => ({ horizontalOffset: r.bits(14), verticalOffset: r.bits(14), windowPriority: r.bits(4) }),
  ],
  [0x09, "CA_descriptor", ca],
  [0x0a, "ISO_639_language_descriptor", iso639Language],
  [0x0b, "system_clock_descriptor", systemClock],
  [0x0c, "multiplex_buffer_utilization_descriptor", multiplexBufferUtilization],
  [
    0x0d,
    "copyright_descriptor",
    (r) => ({ copyrightIdentifier: r.u32(), ...privateData(r, "additionalInfo") }),
  ],
  [0x0e, "maximum_bitrate_descriptor", maximumBitrate],
  [0x0f, "private_data_indicator_descriptor", (r) => ({ privateDataIndicator: r.u32() })],
  [0x10, "smoothing_buffer_descriptor", smoothingBuffer],
  [0x11, "STD_descriptor", std],
  [
    0x12,
    "IBP_descriptor",
    (r) => ({ closedGop: r.flag(), identicalGop: r.flag(), maxGopLength: r.bits(14) }),
  ],
  [
    0x13,
    "carousel_identifier_descriptor",
    (r) => ({ carouselId: r.u32(), ...privateData(r, "privateData") }),
  ],
  [0x14, "association_tag_descriptor", associationTag],
  [0x15, "deferred_association_tags_descriptor"],
  [0x17, "NPT_reference_descriptor"],
  [0x18, "NPT_endpoint_descriptor"],
  [0x19, "stream_mode_descriptor"],
  [0x1a, "stream_event_descriptor", streamEvent],
  [0x1b, "MPEG-4_video_descriptor", (r) => ({ mpeg4VisualProfileAndLevel: r.u8() })],
  [0x1c, "MPEG-4_audio_descriptor", (r) => ({ mpeg4AudioProfileAndLevel: r.u8() })],
  [0x1d, "IOD_descriptor"],
  [0x1e, "SL_descriptor", (r) => ({ esId: r.u16() })],
  [0x1f, "FMC_descriptor"],
  [0x20, "external_ES_ID_descriptor", (r) => ({ externalEsId: r.u16() })],
  [0x21, "MuxCode_descriptor"],
  [0x22, "FmxBufferSize_descriptor"],
  [
    0x23,
    "multiplexBuffer_descriptor",
    (r) => ({ mbBufferSizeBytes: r.u24(), tbLeakRateBps: r.u24() * RATE_UNIT_BPS }),
  ],
  [0x24, "content_labeling_descriptor"],
  [0x25, "metadata_pointer_descriptor", metadataPointer],
  [0x26, "metadata_descriptor", metadata],
  [0x27, "metadata_STD_descriptor", metadataStd],
  [0x28, "AVC_video_descriptor", avcVideo],
  [0x29, "IPMP_descriptor"],
  [0x2a, "AVC_timing_and_HRD_descriptor", avcTimingAndHrd],
  [
    0x2b,
    "MPEG-2_AAC_audio_descriptor",
    (r) => ({ mpeg2AacProfile: r.u8(), channelConfiguration: r.u8(), additionalInformation: r.u8() }),
  ],
  [0x2c, "FlexMuxTiming_descriptor"],
  [0x2d, "MPEG-4_text_descriptor"],
  [0x2e, "MPEG-4_audio_extension_descriptor", mpeg4AudioExtension],
  [
    0x2f,
    "auxiliary_video_stream_descriptor",
    (r) => ({ auxVideoCodedStreamType: r.u8(), siRbsp: r.restHex() }),
  ],
  [0x30, "SVC_extension_descriptor"],
  [0x31, "MVC_extension_descriptor"],
  [0x32, "J2K_video_descriptor", j2kVideo],
  [0x33, "MVC_operation_point_descriptor"],
  [0x34, "MPEG2_stereoscopic_video_format_descriptor"],
  [0x35, "stereoscopic_program_info_descriptor"],
  [0x36, "stereoscopic_video_info_descriptor"],
  [
    0x37,
    "transport_profile_descriptor",
    (r) => ({ transportProfile: r.u8(), ...privateData(r, "privateData") }),
  ],
  [0x38, "HEVC_video_descriptor", hevcVideo],
  [0x39, "VVC_video_descriptor", vvcVideo],
  [0x3a, "EVC_video_descriptor"],
];
