import type { Decoder, DescriptorEntry } from "./field-reader.ts";

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

const ENTRIES = new Map<number, DescriptorEntry>();

/** The entry for `tag`, of which the content is `buf[off, off + len)`. */
export function entryOf(
  tag: number,
  _buf: Uint8Array,
  _off: number,
  _len: number,
  _scope: DescriptorScope,
): FoundEntry {
  return ENTRIES.get(tag) ?? [tag, tag < 0x40 ? "reserved_descriptor" : "user_private_descriptor"];
}
