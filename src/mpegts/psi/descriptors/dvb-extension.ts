import { c2DeliverySystem, t2DeliverySystem } from "./dvb-delivery.ts";
import { restText } from "./dvb-service.ts";
import type { DescriptorEntry, FieldReader, Fields } from "./field-reader.ts";

const supplementaryAudio = (r: FieldReader): Fields => {
  const mixType = r.flag() ? "complete and independent stream" : "supplementary stream";
  const editorialClassification = r.bits(5);
  r.skipBits(1);
  const language = r.flag() ? { languageCode: r.language() } : {};
  const fields = { mixType, editorialClassification, ...language };
  return r.left > 0 ? { ...fields, privateData: r.restHex() } : fields;
};

const t2mi = (r: FieldReader): Fields => {
  r.skipBits(5);
  const t2miStreamId = r.bits(3);
  r.skipBits(5);
  const t2miStreams = r.bits(3) + 1;
  r.skipBits(7);
  return { t2miStreamId, t2miStreams, pcrIscrCommonClock: r.flag() };
};

const uriLinkage = (r: FieldReader): Fields => {
  const uriLinkageType = r.u8();
  const uri = r.ascii(r.u8());
  // Types 0x00 and 0x01 are polled (6.4.16.1).
  const polling = uriLinkageType <= 0x01 ? { minPollingIntervalSeconds: r.u16() * 2 } : {};
  const fields = { uriLinkageType, uri, ...polling };
  return r.left > 0 ? { ...fields, privateData: r.restHex() } : fields;
};

/** Annex D.7. */
const ac4 = (r: FieldReader): Fields => {
  const config = r.flag();
  const toc = r.flag();
  r.skipBits(6);
  let fields: Fields = {};
  if (config) {
    fields = { dialogEnhancementEnabled: r.flag(), channelMode: r.bits(2) };
    r.skipBits(5);
  }
  if (toc) fields = { ...fields, toc: r.hex(r.u8()) };
  return r.left > 0 ? { ...fields, additionalInfo: r.restHex() } : fields;
};

const audioPreselection = (r: FieldReader): Fields => {
  const count = r.bits(5);
  r.skipBits(3);
  return { preselections: r.times(count, 2, () => preselection(r)) };
};

function preselection(r: FieldReader): Fields {
  const fields = {
    preselectionId: r.bits(5),
    audioRenderingIndication: r.bits(3),
    audioDescription: r.flag(),
    spokenSubtitles: r.flag(),
    dialogueEnhancement: r.flag(),
    interactivityEnabled: r.flag(),
  };
  const language = r.flag();
  const label = r.flag();
  const multiStream = r.flag();
  const extension = r.flag();
  return {
    ...fields,
    ...(language ? { languageCode: r.language() } : {}),
    ...(label ? { messageId: r.u8() } : {}),
    ...(multiStream ? { auxComponentTags: auxComponents(r) } : {}),
    ...(extension ? { extension: r.hex(r.u8()) } : {}),
  };
}

function auxComponents(r: FieldReader): number[] {
  const count = r.bits(3);
  r.skipBits(5);
  return r.times(count, 1, () => r.u8());
}

/** EN 303 560: what follows the profiles stays in hex. */
const ttmlSubtitling = (r: FieldReader): Fields => {
  const head = {
    languageCode: r.language(),
    subtitlePurpose: r.bits(6),
    ttsSuitability: r.bits(2),
    essentialFontUsage: r.flag(),
  };
  const qualified = r.flag();
  r.skipBits(2);
  const profiles = r.times(r.bits(4), 1, () => r.u8());
  return { ...head, profiles, ...(qualified ? { qualifier: r.u32() } : {}) };
};

const contentProtection = (r: FieldReader): Fields => {
  const cpSystemId = r.u16();
  r.skipBits(3);
  const fields = { cpSystemId, cpPid: r.bits(13) };
  return r.left > 0 ? { ...fields, privateData: r.restHex() } : fields;
};

/** Descriptors within the extension_descriptor (0x7F) by descriptor_tag_extension, EN 300 468 table 109. */
export const DVB_EXTENSION_DESCRIPTORS: readonly DescriptorEntry[] = [
  [0x00, "image_icon_descriptor"],
  [0x01, "cpcm_delivery_signalling_descriptor"],
  [0x02, "CP_descriptor", contentProtection],
  [0x03, "CP_identifier_descriptor", (r) => ({ cpSystemIds: r.loop(2, () => r.u16()) })],
  [0x04, "T2_delivery_system_descriptor", t2DeliverySystem],
  [0x05, "SH_delivery_system_descriptor"],
  [0x06, "supplementary_audio_descriptor", supplementaryAudio],
  [0x07, "network_change_notify_descriptor"],
  [0x08, "message_descriptor", (r) => ({ messageId: r.u8(), languageCode: r.language(), text: restText(r) })],
  [0x09, "target_region_descriptor"],
  [0x0a, "target_region_name_descriptor"],
  [
    0x0b,
    "service_relocated_descriptor",
    (r) => ({ oldOriginalNetworkId: r.u16(), oldTransportStreamId: r.u16(), oldServiceId: r.u16() }),
  ],
  [0x0c, "XAIT_PID_descriptor"],
  [0x0d, "C2_delivery_system_descriptor", c2DeliverySystem],
  [0x0e, "DTS-HD_audio_stream_descriptor"],
  [0x0f, "DTS_Neural_descriptor"],
  [0x10, "video_depth_range_descriptor"],
  [0x11, "T2MI_descriptor", t2mi],
  [0x13, "URI_linkage_descriptor", uriLinkage],
  [0x14, "CI_ancillary_data_descriptor"],
  [0x15, "AC-4_descriptor", ac4],
  [0x16, "C2_bundle_delivery_system_descriptor"],
  [0x17, "S2X_satellite_delivery_system_descriptor"],
  [0x18, "protection_message_descriptor"],
  [0x19, "audio_preselection_descriptor", audioPreselection],
  [0x20, "TTML_subtitling_descriptor", ttmlSubtitling],
  [0x21, "DTS-UHD_descriptor"],
  [0x22, "service_prominence_descriptor"],
  [0x23, "vvc_subpictures_descriptor"],
  [0x24, "S2Xv2_satellite_delivery_system_descriptor"],
];
