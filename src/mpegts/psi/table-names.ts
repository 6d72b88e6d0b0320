/** Names of single table_ids: ISO/IEC 13818-1 table 2-31, EN 300 468 table 2, A/65 table 4.1, SCTE 35. */
const NAMES = new Map<number, string>([
  [0x00, "PAT"],
  [0x01, "CAT"],
  [0x02, "PMT"],
  [0x03, "TSDT"],
  [0x04, "ISO/IEC 14496 scene description"],
  [0x05, "ISO/IEC 14496 object descriptor"],
  [0x06, "Metadata"],
  [0x07, "IPMP control information"],
  [0x08, "ISO/IEC 14496"],
  [0x09, "Green access unit"],
  [0x0a, "Quality access unit"],
  [0x0b, "Media orchestration access unit"],
  [0x3a, "DSM-CC multiprotocol encapsulation"],
  [0x3b, "DSM-CC U-N messages"],
  [0x3c, "DSM-CC download data"],
  [0x3d, "DSM-CC stream descriptors"],
  [0x3e, "DSM-CC private data (MPE)"],
  [0x3f, "DSM-CC addressable"],
  [0x40, "NIT actual"],
  [0x41, "NIT other"],
  [0x42, "SDT actual"],
  [0x46, "SDT other"],
  [0x4a, "BAT"],
  [0x4b, "UNT"],
  [0x4c, "INT"],
  [0x4d, "SAT"],
  [0x4e, "EIT present/following actual"],
  [0x4f, "EIT present/following other"],
  [0x70, "TDT"],
  [0x71, "RST"],
  [0x72, "Stuffing"],
  [0x73, "TOT"],
  [0x74, "AIT"],
  [0x75, "Container"],
  [0x76, "Related content"],
  [0x77, "Content identifier"],
  [0x78, "MPE-FEC"],
  [0x79, "RNT"],
  [0x7a, "MPE-IFEC"],
  [0x7b, "Protection message"],
  [0x7e, "DIT"],
  [0x7f, "SIT"],
  [0xc7, "MGT"],
  [0xc8, "TVCT"],
  [0xc9, "CVCT"],
  [0xca, "RRT"],
  [0xcb, "ATSC EIT"],
  [0xcc, "ETT"],
  [0xcd, "STT"],
  [0xd3, "DCCT"],
  [0xd4, "DCCSCT"],
  [0xfc, "Splice information"],
]);

/** Name of a table by its table_id. */
export function tableName(tableId: number): string {
  const name = NAMES.get(tableId);
  if (name !== undefined) return name;
  if (tableId >= 0x50 && tableId <= 0x5f) return "EIT schedule actual";
  if (tableId >= 0x60 && tableId <= 0x6f) return "EIT schedule other";
  if (tableId === 0x80 || tableId === 0x81) return "ECM";
  if (tableId >= 0x82 && tableId <= 0x8f) return "EMM";
  const hex = `0x${tableId.toString(16).toUpperCase().padStart(2, "0")}`;
  return `${tableId >= 0x80 ? "User private" : "Reserved"} ${hex}`;
}
