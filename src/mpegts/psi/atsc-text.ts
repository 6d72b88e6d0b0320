import type { FieldReader, Fields } from "./descriptors/field-reader.ts";

/** One string of a multiple_string_structure. */
export interface AtscString extends Fields {
  readonly languageCode: string;
  /** The segments one after the other; those that are not decoded leave nothing here. */
  readonly text: string;
  /** Segments whose compression or mode is not decoded, with their octets in hex. */
  readonly undecoded?: readonly Fields[];
}

/** mode of a selection of UTF-16, A/65 table 6.42. */
const MODE_UTF_16 = 0x3f;
/** The last mode that is the high octet of UTF-16 characters (table 6.42: 0x00 to 0x33 with gaps). */
const MODE_LAST_PAGE = 0x33;

const utf16 = new TextDecoder("utf-16be");

/**
 * multiple_string_structure, A/65 6.10, from where `reader` stands; no more is read than it has. Text without
 * compression is decoded; the two Huffman codes of annex C and the Unicode compression (mode 0x3E) are shown as
 * hex, in `undecoded`.
 */
export function readMultipleString(reader: FieldReader): AtscString[] {
  return reader.times(reader.u8(), 4, () => oneString(reader));
}

function oneString(reader: FieldReader): AtscString {
  const languageCode = reader.language();
  const segments = reader.u8();
  let text = "";
  const undecoded: Fields[] = [];
  reader.times(segments, 3, () => {
    const compressionType = reader.u8();
    const mode = reader.u8();
    const bytes = reader.u8();
    const readable = compressionType === 0 && (mode <= MODE_LAST_PAGE || mode === MODE_UTF_16);
    if (readable) text += reader.take(bytes, segmentOf(mode));
    else undecoded.push({ compressionType, mode, hex: reader.hex(bytes) });
  });
  return undecoded.length > 0 ? { languageCode, text, undecoded } : { languageCode, text };
}

function segmentOf(mode: number): (buf: Uint8Array, off: number, len: number) => string {
  if (mode === MODE_UTF_16) return (buf, off, len) => plain(utf16.decode(buf.subarray(off, off + len)));
  return (buf, off, len) => {
    let text = "";
    for (let i = off; i < off + len; i++) text += String.fromCharCode((mode << 8) | (buf[i] as number));
    return plain(text);
  };
}

/** Line ends as line feeds, no other control codes, no halves of characters. */
function plain(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, "\n")
    .replace(/(?!\n)\p{Cc}/gu, "");
}
