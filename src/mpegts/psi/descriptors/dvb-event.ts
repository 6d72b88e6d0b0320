import { dvbMinutes, dvbUtcTime } from "../dvb-time.ts";
import { genreName, streamContentName } from "./dvb-names.ts";
import { lengthText, restText } from "./dvb-service.ts";
import type { DescriptorEntry, FieldReader, Fields } from "./field-reader.ts";

const extendedEvent = (r: FieldReader): Fields => {
  const head = { descriptorNumber: r.bits(4), lastDescriptorNumber: r.bits(4), languageCode: r.language() };
  const list = r.sub(r.u8());
  const items = list.loop(2, () => ({ itemDescription: lengthText(list), item: lengthText(list) }));
  r.noteShort(list);
  return { ...head, items, text: lengthText(r) };
};

const component = (r: FieldReader): Fields => {
  const streamContentExt = r.bits(4);
  const streamContent = r.bits(4);
  return {
    streamContentExt,
    streamContent,
    streamContentName: streamContentName(streamContent, streamContentExt),
    componentType: r.u8(),
    componentTag: r.u8(),
    languageCode: r.language(),
    text: restText(r),
  };
};

const content = (r: FieldReader): Fields => ({
  contents: r.loop(2, () => {
    const contentNibbleLevel1 = r.bits(4);
    return {
      contentNibbleLevel1,
      contentNibbleLevel2: r.bits(4),
      userByte: r.u8(),
      genre: genreName(contentNibbleLevel1),
    };
  }),
});

const parentalRating = (r: FieldReader): Fields => ({
  ratings: r.loop(4, () => {
    const countryCode = r.language();
    const rating = r.u8();
    // Table 81: 0x01 to 0x0F are the age less three.
    const minimumAge = rating >= 0x01 && rating <= 0x0f ? rating + 3 : null;
    return { countryCode, rating, minimumAge };
  }),
});

/** An offset to UTC of 16 bits in BCD, signed, as minutes; null where it is no time. */
const offsetMinutes = (r: FieldReader, negative: boolean): number | null => {
  const minutes = r.take(2, (buf, off, len) => (len === 2 ? dvbMinutes(buf, off) : null));
  return minutes === null || !negative || minutes === 0 ? minutes : -minutes;
};

const localTimeOffset = (r: FieldReader): Fields => ({
  offsets: r.loop(13, () => {
    const countryCode = r.language();
    const countryRegionId = r.bits(6);
    r.skipBits(1);
    const negative = r.flag();
    return {
      countryCode,
      countryRegionId,
      localTimeOffsetMinutes: offsetMinutes(r, negative),
      timeOfChange: r.take(5, (buf, off, len) => (len === 5 ? dvbUtcTime(buf, off) : null)),
      nextTimeOffsetMinutes: offsetMinutes(r, negative),
    };
  }),
});

const pdc = (r: FieldReader): Fields => {
  r.skipBits(4);
  return { day: r.bits(5), month: r.bits(4), hour: r.bits(5), minute: r.bits(6) };
};

const contentIdentifier = (r: FieldReader): Fields => ({
  crids: r.loop(2, () => {
    const cridType = r.bits(6);
    const cridLocation = r.bits(2);
    if (cridLocation === 0) return { cridType, cridLocation, crid: r.ascii(r.u8()) };
    return cridLocation === 1 ? { cridType, cridLocation, cridRef: r.u16() } : { cridType, cridLocation };
  }),
});

/** Descriptors of events, EN 300 468 clause 6.2 and TS 102 323. */
export const DVB_EVENT_DESCRIPTORS: readonly DescriptorEntry[] = [
  [
    0x4d,
    "short_event_descriptor",
    (r) => ({ languageCode: r.language(), eventName: lengthText(r), text: lengthText(r) }),
  ],
  [0x4e, "extended_event_descriptor", extendedEvent],
  [
    0x4f,
    "time_shifted_event_descriptor",
    (r) => ({ referenceServiceId: r.u16(), referenceEventId: r.u16() }),
  ],
  [0x50, "component_descriptor", component],
  [0x54, "content_descriptor", content],
  [0x55, "parental_rating_descriptor", parentalRating],
  [0x58, "local_time_offset_descriptor", localTimeOffset],
  [
    0x5e,
    "multilingual_component_descriptor",
    (r) => ({
      componentTag: r.u8(),
      texts: r.loop(4, () => ({ languageCode: r.language(), text: lengthText(r) })),
    }),
  ],
  [0x69, "PDC_descriptor", pdc],
  [0x74, "related_content_descriptor"],
  [0x75, "TVA_id_descriptor", (r) => ({ ids: r.loop(3, () => tvaId(r)) })],
  [0x76, "content_identifier_descriptor", contentIdentifier],
];

function tvaId(r: FieldReader): Fields {
  const id = r.u16();
  r.skipBits(5);
  return { tvaId: id, runningStatus: r.bits(3) };
}
