/** What the tests of descriptors share. */
import { type Descriptor, type DescriptorContext, parseDescriptors } from "./descriptor.ts";

/** table_id of the PMT: where it does not matter which table it is. */
const PMT_TABLE_ID = 0x02;

/** Reads a loop written in hex, blanks between as one likes. */
export function readHex(octets: string, context: Partial<DescriptorContext> = {}): Descriptor[] {
  const buf = new Uint8Array(Buffer.from(octets.replaceAll(" ", ""), "hex"));
  return parseDescriptors(buf, 0, buf.length, { tableId: PMT_TABLE_ID, ...context });
}

/** Reads one descriptor of `tag` with the content `octets` in hex. */
export function readOne(tag: number, octets: string, context: Partial<DescriptorContext> = {}): Descriptor {
  const content = octets.replaceAll(" ", "");
  const head = Buffer.of(tag, content.length / 2).toString("hex");
  const [descriptor, ...others] = readHex(head + content, context);
  if (descriptor === undefined || others.length > 0) throw new Error("not one descriptor");
  return descriptor;
}

/** Letters in hex. */
export const letters = (text: string): string => Buffer.from(text, "latin1").toString("hex");
