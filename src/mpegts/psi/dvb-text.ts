/**
 * Text of DVB service information, EN 300 468 annex A: the first octet selects a character table, or is already
 * a character of table 00 (ISO/IEC 6937 with the euro sign) where it is 0x20 or more.
 */
import { hex } from "./descriptors/field-reader.ts";

/** Stands where an octet has no character in its table. */
const NO_CHARACTER = "\ufffd";

/** Octets 0xA0 to 0xFF of ISO/IEC 6937, `.` where there is none; 0xC0 to 0xCF are marks, below. */
const ISO_6937_HIGH =
  "\u00a0¡¢£€¥.§¤‘“«←↑→↓" +
  "°±²³×µ¶·÷’”»¼½¾¿" +
  "................" +
  "―¹®©™♪¬¦....⅛⅜⅝⅞" +
  "ΩÆĐªĦ.ĲĿŁØŒºÞŦŊŉ" +
  "ĸæđðħıĳŀłøœßþŧŋ\u00ad";

/** Octets 0xC0 to 0xCF: marks that stand before their letter, as the combining character and alone. */
const ISO_6937_MARKS: readonly (readonly [combining: string, alone: string] | undefined)[] = [
  undefined,
  ["\u0300", "`"],
  ["\u0301", "\u00b4"],
  ["\u0302", "^"],
  ["\u0303", "~"],
  ["\u0304", "\u00af"],
  ["\u0306", "\u02d8"],
  ["\u0307", "\u02d9"],
  ["\u0308", "\u00a8"],
  ["\u0308", "\u00a8"],
  ["\u030a", "\u02da"],
  ["\u0327", "\u00b8"],
  undefined,
  ["\u030b", "\u02dd"],
  ["\u0328", "\u02db"],
  ["\u030c", "\u02c7"],
];

/** Parts of ISO/IEC 8859 by number; 1 to 15 without 12 (table A.4). */
const ISO_8859_LAST = 15;
const ISO_8859_MISSING = 12;

/** Part of ISO/IEC 8859 by the first octet 0x01 to 0x0B (table A.3): 5 to 15. */
const ISO_8859_BY_FIRST = 4;

const decoders = new Map<string, TextDecoder>();

function decoderOf(label: string): TextDecoder {
  let decoder = decoders.get(label);
  if (decoder === undefined) {
    // The only labels are those of this file, and Bun has them all. A byte order mark is no character of a text.
    decoder = new TextDecoder(label as Bun.Encoding);
    decoders.set(label, decoder);
  }
  return decoder;
}

/**
 * The text in `buf[off, off + len)`, which the caller has checked to be there. CR/LF (0x8A) is a line feed;
 * emphasis on and off (0x86, 0x87) and other control codes leave no trace; what has no character is U+FFFD. A
 * table that is not known shows as its number and the octets in hex.
 */
export function dvbText(buf: Uint8Array, off: number, len: number): string {
  if (len === 0) return "";
  const first = buf[off] as number;
  const rest = off + 1;
  const left = len - 1;
  if (first >= 0x20) return iso6937(buf, off, len);
  if (first >= 0x01 && first <= 0x0b) return iso8859(first + ISO_8859_BY_FIRST, buf, rest, left, first);
  switch (first) {
    case 0x10: {
      if (left < 2) return unknownTable(first, buf, rest, left);
      // Two octets: 0x00 and the part.
      const part = buf[rest] === 0 ? (buf[rest + 1] as number) : 0;
      return iso8859(part, buf, rest + 2, left - 2, first);
    }
    case 0x11:
      return wide("utf-16be", buf, rest, left);
    case 0x12:
      return wide("euc-kr", buf, rest, left);
    case 0x13:
      return wide("gb18030", buf, rest, left);
    case 0x14:
      return wide("big5", buf, rest, left);
    case 0x15:
      return wide("utf-8", buf, rest, left);
    default:
      return unknownTable(first, buf, rest, left);
  }
}

function unknownTable(first: number, buf: Uint8Array, off: number, len: number): string {
  return `[character table 0x${first.toString(16).padStart(2, "0")}] ${hex(buf, off, len)}`;
}

/** Character table 00. */
function iso6937(buf: Uint8Array, off: number, len: number): string {
  let text = "";
  let mark: readonly [combining: string, alone: string] | undefined;
  for (let i = off; i < off + len; i++) {
    const octet = buf[i] as number;
    if ((octet & 0xf0) === 0xc0) {
      if (mark !== undefined) text += mark[1];
      mark = ISO_6937_MARKS[octet & 0x0f];
      if (mark === undefined) text += NO_CHARACTER;
      continue;
    }
    const character = iso6937Character(octet);
    if (mark === undefined) text += character;
    else if (octet === 0x20) text += mark[1];
    else text += character === "" || character === "\n" ? mark[1] + character : character + mark[0];
    mark = undefined;
  }
  if (mark !== undefined) text += mark[1];
  return text.normalize("NFC");
}

function iso6937Character(octet: number): string {
  if (octet >= 0xa0) {
    const character = ISO_6937_HIGH[octet - 0xa0] as string;
    return character === "." ? NO_CHARACTER : character;
  }
  if (octet === 0x8a) return "\n";
  return isControl(octet) ? "" : String.fromCharCode(octet);
}

/** C0, DEL and C1 (tables A.1 and A.2). */
function isControl(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/** A table of ISO/IEC 8859, without its control codes: there TextDecoder has characters of Windows. */
function iso8859(part: number, buf: Uint8Array, off: number, len: number, first: number): string {
  if (part < 1 || part > ISO_8859_LAST || part === ISO_8859_MISSING) {
    return unknownTable(first, buf, off, len);
  }
  const octets = new Uint8Array(len);
  let count = 0;
  for (let i = off; i < off + len; i++) {
    const octet = buf[i] as number;
    if (isControl(octet) && octet !== 0x8a) continue;
    octets[count] = octet === 0x8a ? 0x0a : octet;
    count += 1;
  }
  return decoderOf(`iso-8859-${part}`).decode(octets.subarray(0, count));
}

/** Tables of more than one octet a character; their control codes are U+E080 to U+E09F too (A.1). */
function wide(label: string, buf: Uint8Array, off: number, len: number): string {
  const text = decoderOf(label).decode(buf.subarray(off, off + len));
  return text.replace(/[\u008a\ue08a]/g, "\n").replace(/(?!\n)[\p{Cc}\ue080-\ue09f]/gu, "");
}
