import type { Descriptor } from "../../descriptors/descriptor.ts";
import type { Malformed } from "../loop.ts";
import { atscDescriptors, closed, openAtsc } from "./section.ts";

/** table_id of the master guide table. */
export const MGT_TABLE_ID = 0xc7;

/** One table that the MGT lists. */
export interface MgtTable {
  tableType: number;
  /** What table_type stands for, such as `EIT-3`. */
  tableTypeName: string;
  tableTypePid: number;
  tableTypeVersionNumber: number;
  /** Octets of the table. */
  numberBytes: number;
  descriptors: Descriptor[];
}

/** Master guide table, A/65 6.2. */
export interface Mgt extends Malformed {
  table: "MGT";
  protocolVersion: number;
  tables: MgtTable[];
  descriptors: Descriptor[];
}

/** Table types with one table each, A/65 table 6.3. */
const SINGLE = [
  "Terrestrial VCT, current",
  "Terrestrial VCT, next",
  "Cable VCT, current",
  "Cable VCT, next",
  "Channel ETT",
  "DCCSCT",
];

/** Name of table_type. */
export function mgtTableTypeName(type: number): string {
  const single = SINGLE[type];
  if (single !== undefined) return single;
  if (type >= 0x0100 && type <= 0x017f) return `EIT-${type - 0x0100}`;
  if (type >= 0x0200 && type <= 0x027f) return `Event ETT-${type - 0x0200}`;
  if (type >= 0x0301 && type <= 0x03ff) return `RRT of region ${type - 0x0300}`;
  if (type >= 0x0400 && type <= 0x0fff) return "user private";
  if (type >= 0x1400 && type <= 0x14ff) return `DCCT ${type - 0x1400}`;
  return "reserved";
}

/** Reads a master guide table; null where it is none. */
export function parseMgt(buf: Uint8Array, off: number, len: number): Mgt | null {
  const section = openAtsc(buf, off, len, MGT_TABLE_ID);
  if (section === null) return null;
  const { protocolVersion, reader } = section;
  const tables = reader.times(reader.u16(), 11, () => {
    const tableType = reader.u16();
    reader.skipBits(3);
    const tableTypePid = reader.bits(13);
    reader.skipBits(3);
    return {
      tableType,
      tableTypeName: mgtTableTypeName(tableType),
      tableTypePid,
      tableTypeVersionNumber: reader.bits(5),
      numberBytes: reader.u32(),
      descriptors: atscDescriptors(reader, MGT_TABLE_ID, 12),
    };
  });
  const descriptors = atscDescriptors(reader, MGT_TABLE_ID, 12);
  const mgt: Mgt = { table: "MGT", protocolVersion, tables, descriptors };
  return closed(mgt, reader);
}
