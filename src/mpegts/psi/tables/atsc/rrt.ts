import type { AtscString } from "../../atsc-text.ts";
import type { Descriptor } from "../../descriptors/descriptor.ts";
import type { FieldReader } from "../../descriptors/field-reader.ts";
import type { Malformed } from "../loop.ts";
import { atscDescriptors, closed, openAtsc, stringsWithLength } from "./section.ts";

/** table_id of the rating region table. */
export const RRT_TABLE_ID = 0xca;

/** One dimension of ratings. */
export interface RatingDimension {
  dimensionName: AtscString[];
  graduatedScale: boolean;
  values: { abbreviation: AtscString[]; ratingValue: AtscString[] }[];
}

/** Rating region table, A/65 6.4. */
export interface Rrt extends Malformed {
  table: "RRT";
  protocolVersion: number;
  ratingRegion: number;
  ratingRegionName: AtscString[];
  dimensions: RatingDimension[];
  descriptors: Descriptor[];
}

function dimension(reader: FieldReader): RatingDimension {
  const dimensionName = stringsWithLength(reader);
  reader.skipBits(3);
  const graduatedScale = reader.flag();
  const values = reader.times(reader.bits(4), 2, () => ({
    abbreviation: stringsWithLength(reader),
    ratingValue: stringsWithLength(reader),
  }));
  return { dimensionName, graduatedScale, values };
}

/** Reads a rating region table; null where it is none. */
export function parseRrt(buf: Uint8Array, off: number, len: number): Rrt | null {
  const section = openAtsc(buf, off, len, RRT_TABLE_ID);
  if (section === null) return null;
  const { header, protocolVersion, reader } = section;
  const ratingRegionName = stringsWithLength(reader);
  const dimensions = reader.times(reader.u8(), 2, () => dimension(reader));
  const descriptors = atscDescriptors(reader, RRT_TABLE_ID, 10);
  const ratingRegion = header.extension & 0xff;
  const rrt: Rrt = { table: "RRT", protocolVersion, ratingRegion, ratingRegionName, dimensions, descriptors };
  return closed(rrt, reader);
}
