/** Fields of RFC 8331 2.1 by offset. `off` is the first octet of the payload, or of an ANC data packet in it. */
import { u8, u16, u24, u32 } from "../../bits/read.ts";

/** Octets before the first ANC data packet. */
export const ANC_PAYLOAD_HEADER = 8;

/** Octets before the words of one ANC data packet. */
export const ANC_DATA_HEADER = 4;

/** F, 2 bits. */
export const FIELD = { progressive: 0, invalid: 1, first: 2, second: 3 } as const;

/** High 16 bits of the extended sequence number. */
export function ancExtendedSequence(buf: Uint8Array, off: number): number {
  return u16(buf, off);
}

/** Octets of all ANC data packets with their alignment. */
export function ancLength(buf: Uint8Array, off: number): number {
  return u16(buf, off + 2);
}

/** ANC_Count: ANC data packets in the payload; 0 in a keep-alive. */
export function ancCount(buf: Uint8Array, off: number): number {
  return u8(buf, off + 4);
}

/** F: see FIELD. */
export function ancField(buf: Uint8Array, off: number): number {
  return u8(buf, off + 5) >>> 6;
}

/** The 22 reserved bits, 0 from senders of today. */
export function ancReserved(buf: Uint8Array, off: number): number {
  return u24(buf, off + 5) & 0x3fffff;
}

/** C: 1 when the data uses the colour-difference channel. */
export function ancColorDifference(buf: Uint8Array, off: number): number {
  return u8(buf, off) >>> 7;
}

/** Line_Number, 11 bits; 0x7ff any, 0x7fe VANC after the switching line, 0x7fd more than 11 bits. */
export function ancLine(buf: Uint8Array, off: number): number {
  return (u32(buf, off) >>> 20) & 0x7ff;
}

/** Line and channel as one number: `Line_Number * 2 + C`. */
export function ancPlace(buf: Uint8Array, off: number): number {
  return ancLine(buf, off) * 2 + ancColorDifference(buf, off);
}

/** Horizontal_Offset, 12 bits; 0xfff any, 0xffe HANC, 0xffd SAV to EAV, 0xffc more than 12 bits. */
export function ancHorizontalOffset(buf: Uint8Array, off: number): number {
  return (u32(buf, off) >>> 8) & 0xfff;
}

/** S and StreamNum as 8 bits: 0x80 and more when the stream number is given. */
export function ancStream(buf: Uint8Array, off: number): number {
  return u8(buf, off + 3);
}

/** What a Line_Number without a line of its own stands for; null for a line. */
export function lineMeaning(line: number): string | null {
  if (line === 0x7ff) return "any line";
  if (line === 0x7fe) return "vertical ancillary space after the switching line";
  return line === 0x7fd ? "a line beyond 11 bits" : null;
}

/** What a Horizontal_Offset without a place of its own stands for; null for an offset. */
export function offsetMeaning(offset: number): string | null {
  if (offset === 0xfff) return "anywhere on the line";
  if (offset === 0xffe) return "horizontal ancillary space";
  if (offset === 0xffd) return "between SAV and EAV";
  return offset === 0xffc ? "an offset beyond 12 bits" : null;
}
