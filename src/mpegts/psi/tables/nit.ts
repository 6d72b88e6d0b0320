import { u16 } from "../../../bits/read.ts";
import type { Descriptor } from "../descriptors/descriptor.ts";
import { descriptorsUpTo } from "./descriptor-loop.ts";
import { finished, LoopReader, type Malformed } from "./loop.ts";
import { longHeader } from "./section-header.ts";

/** table_id of the network information section of the actual network. */
export const NIT_ACTUAL_TABLE_ID = 0x40;
/** table_id of the network information section of other networks. */
export const NIT_OTHER_TABLE_ID = 0x41;
/** table_id of the bouquet association section. */
export const BAT_TABLE_ID = 0x4a;

/** One transport stream of a network or bouquet. */
export interface TransportStreamEntry {
  transportStreamId: number;
  originalNetworkId: number;
  descriptors: Descriptor[];
}

/** Network information section, EN 300 468 5.2.1. */
export interface Nit extends Malformed {
  table: "NIT";
  /** Whether this is the network that the stream itself belongs to. */
  actual: boolean;
  networkId: number;
  descriptors: Descriptor[];
  transportStreams: TransportStreamEntry[];
}

/** Bouquet association section, EN 300 468 5.2.2. */
export interface Bat extends Malformed {
  table: "BAT";
  bouquetId: number;
  descriptors: Descriptor[];
  transportStreams: TransportStreamEntry[];
}

/** Reads a network information section, actual or other; null where it is none. */
export function parseNit(buf: Uint8Array, off: number, len: number): Nit | null {
  const header = longHeader(buf, off, len, NIT_ACTUAL_TABLE_ID, NIT_OTHER_TABLE_ID);
  if (header === null) return null;
  const reader = new LoopReader(buf, header.at, header.end);
  const actual = header.tableId === NIT_ACTUAL_TABLE_ID;
  const loops = networkLoops(reader, header.tableId, "network_descriptors_length");
  return finished<Nit>({ table: "NIT", actual, networkId: header.extension, ...loops }, reader);
}

/** Reads a bouquet association section; null where it is none. */
export function parseBat(buf: Uint8Array, off: number, len: number): Bat | null {
  const header = longHeader(buf, off, len, BAT_TABLE_ID);
  if (header === null) return null;
  const reader = new LoopReader(buf, header.at, header.end);
  const loops = networkLoops(reader, header.tableId, "bouquet_descriptors_length");
  return finished<Bat>({ table: "BAT", bouquetId: header.extension, ...loops }, reader);
}

/** The two loops that NIT and BAT have in common. */
function networkLoops(
  reader: LoopReader,
  tableId: number,
  field: string,
): { descriptors: Descriptor[]; transportStreams: TransportStreamEntry[] } {
  const { buf } = reader;
  const transportStreams: TransportStreamEntry[] = [];
  if (!reader.has(2, field)) return { descriptors: [], transportStreams };
  const descriptors = descriptorsUpTo(reader, reader.length12(field), { tableId });
  if (!reader.has(2, "transport_stream_loop_length")) return { descriptors, transportStreams };
  const loop = new LoopReader(buf, 0, reader.length12("transport_stream_loop_length"));
  loop.at = reader.at;
  while (loop.has(6, "transport_stream_loop_length")) {
    const at = loop.at;
    loop.at += 4;
    const end = loop.length12("transport_descriptors_length");
    transportStreams.push({
      transportStreamId: u16(buf, at),
      originalNetworkId: u16(buf, at + 2),
      descriptors: descriptorsUpTo(loop, end, { tableId }),
    });
  }
  reader.at = loop.end;
  if (loop.malformed !== null) reader.fault(loop.malformed);
  if (reader.at < reader.end) reader.fault("transport_stream_loop_length");
  return { descriptors, transportStreams };
}
