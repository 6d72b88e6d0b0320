import type { DescriptorEntry, FieldReader, Fields } from "./field-reader.ts";

/** frame_rate_code, ISO/IEC 13818-2 table 6-4. */
const FRAME_RATES = [null, "24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60"];

/** video_stream_descriptor, 2.6.2. */
export function videoStream(r: FieldReader): Fields {
  const multipleFrameRate = r.flag();
  const frameRateCode = r.bits(4);
  const mpeg1Only = r.flag();
  const fields = {
    multipleFrameRate,
    frameRateCode,
    frameRate: FRAME_RATES[frameRateCode] ?? null,
    mpeg1Only,
    constrainedParameter: r.flag(),
    stillPicture: r.flag(),
  };
  if (mpeg1Only) return fields;
  const extension = {
    profileAndLevelIndication: r.u8(),
    chromaFormat: r.bits(2),
    frameRateExtension: r.flag(),
  };
  r.skipBits(5);
  return { ...fields, ...extension };
}

/** AVC_video_descriptor, 2.6.64. */
export function avcVideo(r: FieldReader): Fields {
  const profileIdc = r.u8();
  const constraintSets = [0, 1, 2, 3, 4, 5].filter(() => r.flag());
  const fields = {
    profileIdc,
    constraintSets,
    avcCompatibleFlags: r.bits(2),
    levelIdc: r.u8(),
    avcStillPresent: r.flag(),
    avc24HourPicture: r.flag(),
    framePackingSeiNotPresent: r.flag(),
  };
  r.skipBits(5);
  return fields;
}

/** The picture timing of AVC, HEVC and VVC: a time base of N/K times 27 MHz, or 90 kHz. */
function timing(r: FieldReader): Fields {
  const is90kHz = r.flag();
  r.skipBits(7);
  return { ...(is90kHz ? { is90kHz } : { is90kHz, n: r.u32(), k: r.u32() }), numUnitsInTick: r.u32() };
}

/** AVC_timing_and_HRD_descriptor, 2.6.66. */
export function avcTimingAndHrd(r: FieldReader): Fields {
  const hrdManagementValid = r.flag();
  r.skipBits(6);
  const info = r.flag() ? timing(r) : {};
  const flags = {
    fixedFrameRate: r.flag(),
    temporalPoc: r.flag(),
    pictureToDisplayConversion: r.flag(),
  };
  r.skipBits(5);
  return { hrdManagementValid, ...info, ...flags };
}

/** HEVC_timing_and_HRD_descriptor, 2.6.97. */
function hevcTimingAndHrd(r: FieldReader): Fields {
  const hrdManagementValid = r.flag();
  const targetScheduleIdxNotPresent = r.flag();
  const targetScheduleIdx = r.bits(5);
  const info = r.flag() ? timing(r) : {};
  return { hrdManagementValid, targetScheduleIdxNotPresent, targetScheduleIdx, ...info };
}

/** The kinds of picture source, as HEVC and VVC have them. */
function sourceFlags(r: FieldReader): Fields {
  return {
    progressiveSource: r.flag(),
    interlacedSource: r.flag(),
    nonPackedConstraint: r.flag(),
    frameOnlyConstraint: r.flag(),
  };
}

/** HEVC_video_descriptor, 2.6.95. */
export function hevcVideo(r: FieldReader): Fields {
  const head = {
    profileSpace: r.bits(2),
    tier: r.bits(1) === 1 ? "High" : "Main",
    profileIdc: r.bits(5),
    profileCompatibilityIndication: r.u32(),
    ...sourceFlags(r),
    copied44Bits: r.bits(44),
    levelIdc: r.u8(),
  };
  const subset = r.flag();
  const flags = {
    temporalLayerSubset: subset,
    hevcStillPresent: r.flag(),
    hevc24HourPicturePresent: r.flag(),
    subPicHrdParamsNotPresent: r.flag(),
  };
  r.skipBits(2);
  const hdrWcgIdc = r.bits(2);
  if (!subset) return { ...head, ...flags, hdrWcgIdc };
  const temporalIdMin = r.bits(3);
  r.skipBits(5);
  const temporalIdMax = r.bits(3);
  r.skipBits(5);
  return { ...head, ...flags, hdrWcgIdc, temporalIdMin, temporalIdMax };
}

/** What VVC ends with: the temporal layers, HDR and video properties. */
function layersAndProperties(r: FieldReader, subset: boolean): Fields {
  const hdrWcgIdc = r.bits(2);
  r.skipBits(2);
  const videoPropertiesTag = r.bits(4);
  if (!subset) return { hdrWcgIdc, videoPropertiesTag };
  r.skipBits(5);
  const temporalIdMin = r.bits(3);
  r.skipBits(5);
  return { hdrWcgIdc, videoPropertiesTag, temporalIdMin, temporalIdMax: r.bits(3) };
}

/** VVC_video_descriptor, 2.6.129. */
export function vvcVideo(r: FieldReader): Fields {
  const profileIdc = r.bits(7);
  const tier = r.bits(1) === 1 ? "High" : "Main";
  const subProfileIdcs = r.times(r.u8(), 4, () => r.u32());
  const flags = sourceFlags(r);
  r.skipBits(4);
  const levelIdc = r.u8();
  const subset = r.flag();
  const present = { vvcStillPresent: r.flag(), vvc24HourPicturePresent: r.flag() };
  r.skipBits(5);
  return {
    profileIdc,
    tier,
    subProfileIdcs,
    ...flags,
    levelIdc,
    ...present,
    ...layersAndProperties(r, subset),
  };
}

/** J2K_video_descriptor, 2.6.80; the fields of the extended capability stay in hex. */
export function j2kVideo(r: FieldReader): Fields {
  const fields = {
    extendedCapability: r.flag(),
    profileAndLevel: r.bits(15),
    horizontalSize: r.u32(),
    verticalSize: r.u32(),
    maxBitRateBps: r.u32(),
    maxBufferSizeBytes: r.u32(),
    denFrameRate: r.u16(),
    numFrameRate: r.u16(),
  };
  if (fields.extendedCapability) return { ...fields, extension: r.restHex() };
  const colour = { colorSpecification: r.u8(), stillMode: r.flag(), interlacedVideo: r.flag() };
  r.skipBits(6);
  return r.left > 0 ? { ...fields, ...colour, privateData: r.restHex() } : { ...fields, ...colour };
}

/** Descriptors within the extension_descriptor (0x3F) by extension_descriptor_tag, table 2-110. */
export const MPEG_EXTENSION_DESCRIPTORS: readonly DescriptorEntry[] = [
  [0x02, "ObjectDescriptorUpdate_descriptor"],
  [0x03, "HEVC_timing_and_HRD_descriptor", hevcTimingAndHrd],
  [0x04, "af_extensions_descriptor"],
  [0x05, "HEVC_operation_point_descriptor"],
  [0x06, "HEVC_hierarchy_extension_descriptor"],
  [0x07, "green_extension_descriptor"],
  [0x08, "MPEG-H_3D_audio_descriptor"],
  [0x09, "MPEG-H_3D_audio_config_descriptor"],
  [0x0a, "MPEG-H_3D_audio_scene_descriptor"],
  [0x0b, "MPEG-H_3D_audio_text_label_descriptor"],
  [0x0c, "MPEG-H_3D_audio_multi-stream_descriptor"],
  [0x0d, "MPEG-H_3D_audio_DRC_loudness_descriptor"],
  [0x0e, "MPEG-H_3D_audio_command_descriptor"],
  [0x0f, "quality_extension_descriptor"],
  [0x10, "virtual_segmentation_descriptor"],
  [0x11, "timed_metadata_extension_descriptor"],
  [0x12, "HEVC_tile_substream_descriptor"],
  [0x13, "HEVC_subregion_descriptor"],
  [0x14, "JPEG_XS_video_descriptor"],
  [0x15, "VVC_timing_and_HRD_descriptor"],
  [0x16, "EVC_timing_and_HRD_descriptor"],
  [0x17, "LCEVC_video_descriptor"],
  [0x18, "LCEVC_linkage_descriptor"],
  [0x19, "media_service_kind_descriptor"],
];
