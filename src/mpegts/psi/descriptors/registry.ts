import { AIT_DESCRIPTORS } from "./ait.ts";
import { ATSC_DESCRIPTORS, SCTE_DESCRIPTORS } from "./atsc.ts";
import { DVB_DELIVERY_DESCRIPTORS } from "./dvb-delivery.ts";
import { DVB_EVENT_DESCRIPTORS } from "./dvb-event.ts";
import { DVB_EXTENSION_DESCRIPTORS } from "./dvb-extension.ts";
import { DVB_SERVICE_DESCRIPTORS } from "./dvb-service.ts";
import { DVB_STREAM_DESCRIPTORS } from "./dvb-stream.ts";
import type { Decoder, DescriptorEntry } from "./field-reader.ts";
import { MPEG_DESCRIPTORS } from "./mpeg.ts";
import { MPEG_EXTENSION_DESCRIPTORS } from "./mpeg-video.ts";
import { PRIVATE_DESCRIPTORS } from "./private.ts";

/** What the descriptors before one in its loop, and the place of the loop, say about it. */
export interface DescriptorScope {
  readonly tableId: number;
  readonly programFormat?: number;
  readonly streamType?: number;
  readonly atsc?: boolean;
  /** private_data_specifier in force; 0 without. */
  privateDataSpecifier: number;
  /** format_identifier of the registration_descriptor before this one in the loop; 0 without. */
  loopFormat: number;
}

/** An entry as found: `extensionTag` where the first octet of the content is one. */
export type FoundEntry = readonly [tag: number, name: string, decode?: Decoder, extensionTag?: number];

const byTag = (...lists: (readonly DescriptorEntry[])[]): ReadonlyMap<number, DescriptorEntry> =>
  new Map(lists.flat().map((entry) => [entry[0], entry]));

/** Tags below 0x80 mean the same everywhere but in the AIT. */
const COMMON = byTag(
  MPEG_DESCRIPTORS,
  DVB_SERVICE_DESCRIPTORS,
  DVB_EVENT_DESCRIPTORS,
  DVB_STREAM_DESCRIPTORS,
  DVB_DELIVERY_DESCRIPTORS,
);
const MPEG_EXTENSION = byTag(MPEG_EXTENSION_DESCRIPTORS);
const DVB_EXTENSION = byTag(DVB_EXTENSION_DESCRIPTORS);
const AIT = byTag(AIT_DESCRIPTORS);
const ATSC = byTag(ATSC_DESCRIPTORS);
const SCTE = byTag(SCTE_DESCRIPTORS);
const PRIVATE = new Map(PRIVATE_DESCRIPTORS.map(([specifier, entries]) => [specifier, byTag(entries)]));

const MPEG_EXTENSION_TAG = 0x3f;
const DVB_EXTENSION_TAG = 0x7f;
const FIRST_DVB_TAG = 0x40;
const FIRST_PRIVATE_TAG = 0x80;
const FORBIDDEN_TAG = 0xff;
const AIT_TABLE_ID = 0x74;
/** MGT to the last table_id of A/65. */
const FIRST_ATSC_TABLE_ID = 0xc7;
const LAST_ATSC_TABLE_ID = 0xd9;

const FORMAT_AC3 = 0x41432d33;
const FORMAT_EAC3 = 0x45414333;
const FORMAT_CUEI = 0x43554549;
const FORMAT_GA94 = 0x47413934;
const FORMAT_HDMV = 0x48444d56;
const STREAM_TYPE_AC3 = 0x81;
const STREAM_TYPE_EAC3 = 0x87;
const STREAM_TYPE_SPLICE = 0x86;

/** The entry for `tag`, of which the content is `buf[off, off + len)`. */
export function entryOf(
  tag: number,
  buf: Uint8Array,
  off: number,
  len: number,
  scope: DescriptorScope,
): FoundEntry {
  if (tag >= FIRST_PRIVATE_TAG) return privateEntry(tag, scope);
  if (scope.tableId === AIT_TABLE_ID && tag < FIRST_DVB_TAG) {
    return AIT.get(tag) ?? [tag, "reserved_descriptor"];
  }
  if (tag === MPEG_EXTENSION_TAG) return extensionEntry(tag, MPEG_EXTENSION, buf, off, len);
  if (tag === DVB_EXTENSION_TAG) return extensionEntry(tag, DVB_EXTENSION, buf, off, len);
  return COMMON.get(tag) ?? [tag, "reserved_descriptor"];
}

function extensionEntry(
  tag: number,
  entries: ReadonlyMap<number, DescriptorEntry>,
  buf: Uint8Array,
  off: number,
  len: number,
): FoundEntry {
  if (len === 0) return [tag, "extension_descriptor"];
  const extensionTag = buf[off] as number;
  const entry = entries.get(extensionTag);
  return entry === undefined
    ? [tag, "extension_descriptor", undefined, extensionTag]
    : [tag, entry[1], entry[2], extensionTag];
}

/** Tags of 0x80 and up: who defines them, depends on what the program and the loop say. */
function privateEntry(tag: number, scope: DescriptorScope): FoundEntry {
  if (tag === FORBIDDEN_TAG) return [tag, "forbidden_descriptor"];
  let entry: DescriptorEntry | undefined;
  if (scope.privateDataSpecifier !== 0) entry = PRIVATE.get(scope.privateDataSpecifier)?.get(tag);
  else {
    if (bySplicing(scope)) entry = SCTE.get(tag);
    if (entry === undefined && byAtsc(tag, scope)) entry = ATSC.get(tag);
  }
  return entry ?? [tag, "user_private_descriptor"];
}

function bySplicing(scope: DescriptorScope): boolean {
  return (
    scope.programFormat === FORMAT_CUEI ||
    scope.loopFormat === FORMAT_CUEI ||
    (scope.streamType === STREAM_TYPE_SPLICE && scope.programFormat !== FORMAT_HDMV)
  );
}

/** Whether A/65 holds: by the table, by registration, or as only its descriptors belong to the stream_type. */
function byAtsc(tag: number, scope: DescriptorScope): boolean {
  const { tableId, programFormat, loopFormat, streamType } = scope;
  if (scope.atsc === true || programFormat === FORMAT_GA94 || loopFormat === FORMAT_GA94) return true;
  if (tableId >= FIRST_ATSC_TABLE_ID && tableId <= LAST_ATSC_TABLE_ID) return true;
  if (programFormat === FORMAT_HDMV) return false;
  if (tag === 0x81) return loopFormat === FORMAT_AC3 || streamType === STREAM_TYPE_AC3;
  if (tag === 0xcc) return loopFormat === FORMAT_EAC3 || streamType === STREAM_TYPE_EAC3;
  return false;
}
