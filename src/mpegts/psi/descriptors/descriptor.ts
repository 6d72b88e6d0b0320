import { u32 } from "../../../bits/read.ts";
import { FieldReader, type Fields, hex } from "./field-reader.ts";
import { type DescriptorScope, entryOf } from "./registry.ts";

/** What is known where a descriptor loop stands; it decides how tags with several meanings are read. */
export interface DescriptorContext {
  /** table_id of the section that holds the loop. */
  readonly tableId: number;
  /** format_identifier of the program's registration_descriptor, in the loops of its streams. */
  readonly programFormat?: number;
  /** stream_type, in the loop of an elementary stream. */
  readonly streamType?: number;
  /** True where the transport stream is known to be by ATSC A/65. */
  readonly atsc?: boolean;
}

/**
 * One descriptor, plain data. Beside its tag and the name that its standard gives it (with `_descriptor`), its
 * fields: camel case of the standard's names. Where the content is not decoded it is in `hex`.
 */
export interface Descriptor extends Fields {
  readonly tag: number;
  readonly name: string;
  /** Of an extension descriptor (tag 0x3F or 0x7F): the tag that tells which. */
  readonly extensionTag?: number;
  /** Content that is not decoded, or the whole content of a malformed one. */
  readonly hex?: string;
  /** What does not fit: `descriptor_length` beyond the loop, or fields beyond descriptor_length. */
  readonly malformed?: string;
}

const REGISTRATION = 0x05;
const PRIVATE_DATA_SPECIFIER = 0x5f;

/**
 * Reads the descriptors `buf[off, off + len)` (the caller has checked that they are there), ISO/IEC 13818-1 2.6.
 * Whatever the octets are, it throws nothing and reads nothing outside; the result is bounded by `len`. A
 * descriptor that is cut by the end of the loop is the last one and `malformed`.
 */
export function parseDescriptors(
  buf: Uint8Array,
  off: number,
  len: number,
  context: DescriptorContext,
): Descriptor[] {
  const scope: DescriptorScope = { ...context, privateDataSpecifier: 0, loopFormat: 0 };
  const descriptors: Descriptor[] = [];
  const end = off + len;
  for (let at = off; at < end; ) {
    const there = end - at - 2;
    const length = there < 0 ? 0 : (buf[at + 1] as number);
    if (length > there) {
      const tag = buf[at] as number;
      const content = Math.max(0, there);
      const [, name] = entryOf(tag, buf, at + 2, content, scope);
      const rest = hex(buf, end - content, content);
      descriptors.push({ tag, name, hex: rest, malformed: "descriptor_length" });
      break;
    }
    descriptors.push(descriptor(buf, at, length, scope));
    // EN 300 468 6.2.31: holds for the private descriptors after it in the loop.
    if (buf[at] === PRIVATE_DATA_SPECIFIER && length >= 4) scope.privateDataSpecifier = u32(buf, at + 2);
    if (buf[at] === REGISTRATION && length >= 4) scope.loopFormat = u32(buf, at + 2);
    at += 2 + length;
  }
  return descriptors;
}

/** The descriptor whose tag is at `at`, with `length` octets of content. */
function descriptor(buf: Uint8Array, at: number, length: number, scope: DescriptorScope): Descriptor {
  const tag = buf[at] as number;
  const [, name, decode, extensionTag] = entryOf(tag, buf, at + 2, length, scope);
  const head = extensionTag === undefined ? { tag, name } : { tag, name, extensionTag };
  const skip = extensionTag === undefined ? 0 : 1;
  const content = hex(buf, at + 2 + skip, length - skip);
  if (decode === undefined) return content === "" ? head : { ...head, hex: content };
  const reader = new FieldReader(buf, at + 2 + skip, length - skip);
  const fields = decode(reader);
  if (reader.short) return { ...head, ...fields, hex: content, malformed: "fields beyond descriptor_length" };
  return reader.left > 0 ? { ...head, ...fields, hex: reader.restHex() } : { ...head, ...fields };
}
