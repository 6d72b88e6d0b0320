import { lengthText } from "./dvb-service.ts";
import type { DescriptorEntry, FieldReader, Fields } from "./field-reader.ts";

/** private_data_specifier values, ETSI TS 101 162 clause 5.3.8, whose descriptors are decoded here. */
const PDS_EACEM = 0x00000028;
/** NorDig Unified. */
const PDS_NORDIG = 0x00000029;
/** Digital Television Group, D-Book. */
const PDS_DTG = 0x0000233a;

/** Channel numbers of `bits` bits, low in the 15 after visible_service_flag. */
const logicalChannels =
  (bits: 10 | 14, visible: boolean) =>
  (r: FieldReader): Fields => ({ services: r.loop(4, () => logicalChannel(r, bits, visible)) });

function logicalChannel(r: FieldReader, bits: 10 | 14, visible: boolean): Fields {
  const serviceId = r.u16();
  const visibleService = r.flag();
  r.skipBits(15 - bits);
  const logicalChannelNumber = r.bits(bits);
  return visible ? { serviceId, visibleService, logicalChannelNumber } : { serviceId, logicalChannelNumber };
}

/** NorDig Unified 12.2.9.2.3: lists of channels by country. */
const nordigChannelLists = (r: FieldReader): Fields => ({
  channelLists: r.loop(6, () => {
    const head = { channelListId: r.u8(), channelListName: lengthText(r), countryCode: r.language() };
    const list = r.sub(r.u8());
    const services = list.loop(4, () => logicalChannel(list, 10, true));
    r.noteShort(list);
    return { ...head, services };
  }),
});

/** Private descriptors by the private_data_specifier in force. */
export const PRIVATE_DESCRIPTORS: readonly (readonly [specifier: number, readonly DescriptorEntry[]])[] = [
  [
    PDS_EACEM,
    [
      [0x83, "logical_channel_descriptor", logicalChannels(10, true)],
      [0x84, "preferred_name_list_descriptor"],
      [0x85, "preferred_name_identifier_descriptor", (r) => ({ nameId: r.u8() })],
      [0x86, "eacem_stream_identifier_descriptor", (r) => ({ version: r.u8() })],
      [0x88, "HD_simulcast_logical_channel_descriptor", logicalChannels(10, true)],
    ],
  ],
  [
    PDS_NORDIG,
    [
      [0x83, "logical_channel_descriptor", logicalChannels(14, true)],
      [0x87, "logical_channel_descriptor_version_2", nordigChannelLists],
    ],
  ],
  [PDS_DTG, [[0x83, "logical_channel_descriptor", logicalChannels(10, false)]]],
];
