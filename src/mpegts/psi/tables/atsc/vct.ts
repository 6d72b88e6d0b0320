import type { Descriptor } from "../../descriptors/descriptor.ts";
import type { FieldReader } from "../../descriptors/field-reader.ts";
import type { Malformed } from "../loop.ts";
import { atscDescriptors, closed, openAtsc } from "./section.ts";

/** table_id of the terrestrial virtual channel table. */
export const TVCT_TABLE_ID = 0xc8;
/** table_id of the cable virtual channel table. */
export const CVCT_TABLE_ID = 0xc9;

/** One virtual channel. */
export interface VirtualChannel {
  shortName: string;
  /** Of a one-part channel number of the cable table: the number, with minor null (A/65 table 6.9). */
  majorChannelNumber: number;
  minorChannelNumber: number | null;
  modulationMode: number;
  modulationModeName: string;
  /** Hz; deprecated in the standard. */
  carrierFrequencyHz: number;
  channelTsid: number;
  programNumber: number;
  etmLocation: number;
  accessControlled: boolean;
  hidden: boolean;
  /** Cable only. */
  pathSelect?: number;
  /** Cable only. */
  outOfBand?: boolean;
  hideGuide: boolean;
  serviceType: number;
  serviceTypeName: string;
  sourceId: number;
  descriptors: Descriptor[];
}

/** Virtual channel table, A/65 6.3. */
export interface Vct extends Malformed {
  table: "TVCT" | "CVCT";
  protocolVersion: number;
  transportStreamId: number;
  channels: VirtualChannel[];
  additionalDescriptors: Descriptor[];
}

const SHORT_NAME_CHARACTERS = 7;
const CHANNEL_BYTES = 32;
/** A major number from here on is a part of a one-part number. */
const ONE_PART = 0x3f0;

const MODULATIONS = ["reserved", "analog", "64-QAM", "256-QAM", "8-VSB", "16-VSB"];
const SERVICE_TYPES = [
  "reserved",
  "analog television",
  "ATSC digital television",
  "ATSC audio",
  "ATSC data only",
  "ATSC software download",
  "unassociated or small screen",
  "parameterized",
  "non-real-time",
  "extended parameterized",
];

/** short_name: seven characters of UTF-16, filled with zeroes. */
function shortName(reader: FieldReader): string {
  let text = "";
  for (let i = 0; i < SHORT_NAME_CHARACTERS; i++) {
    const code = reader.u16();
    if (code !== 0) text += String.fromCharCode(code);
  }
  return text.toWellFormed().replace(/\p{Cc}/gu, "");
}

function channelNumber(reader: FieldReader, cable: boolean): readonly [major: number, minor: number | null] {
  reader.skipBits(4);
  const major = reader.bits(10);
  const minor = reader.bits(10);
  if (!cable || major < ONE_PART) return [major, minor];
  return [(major & 0x0f) * 1024 + minor, null];
}

function channel(reader: FieldReader, tableId: number): VirtualChannel {
  const cable = tableId === CVCT_TABLE_ID;
  const name = shortName(reader);
  const [majorChannelNumber, minorChannelNumber] = channelNumber(reader, cable);
  const modulationMode = reader.u8();
  const fields = {
    shortName: name,
    majorChannelNumber,
    minorChannelNumber,
    modulationMode,
    modulationModeName: MODULATIONS[modulationMode] ?? "reserved",
    carrierFrequencyHz: reader.u32(),
    channelTsid: reader.u16(),
    programNumber: reader.u16(),
    etmLocation: reader.bits(2),
    accessControlled: reader.flag(),
    hidden: reader.flag(),
  };
  const pathSelect = reader.bits(1);
  const outOfBand = reader.flag();
  const hideGuide = reader.flag();
  reader.skipBits(3);
  const serviceType = reader.bits(6);
  return {
    ...fields,
    ...(cable ? { pathSelect, outOfBand } : {}),
    hideGuide,
    serviceType,
    serviceTypeName: SERVICE_TYPES[serviceType] ?? "reserved",
    sourceId: reader.u16(),
    descriptors: atscDescriptors(reader, tableId, 10),
  };
}

function parseVct(buf: Uint8Array, off: number, len: number, tableId: number): Vct | null {
  const section = openAtsc(buf, off, len, tableId);
  if (section === null) return null;
  const { header, protocolVersion, reader } = section;
  const channels = reader.times(reader.u8(), CHANNEL_BYTES, () => channel(reader, tableId));
  const additionalDescriptors = atscDescriptors(reader, tableId, 10);
  const vct: Vct = {
    table: tableId === CVCT_TABLE_ID ? "CVCT" : "TVCT",
    protocolVersion,
    transportStreamId: header.extension,
    channels,
    additionalDescriptors,
  };
  return closed(vct, reader);
}

/** Reads a terrestrial virtual channel table; null where it is none. */
export function parseTvct(buf: Uint8Array, off: number, len: number): Vct | null {
  return parseVct(buf, off, len, TVCT_TABLE_ID);
}

/** Reads a cable virtual channel table; null where it is none. */
export function parseCvct(buf: Uint8Array, off: number, len: number): Vct | null {
  return parseVct(buf, off, len, CVCT_TABLE_ID);
}
