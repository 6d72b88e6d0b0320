import { rtpHeaderLength, rtpPaddingLength } from "../net/rtp.ts";

/** Where the payload of an RTP packet stands; one object is reused. */
export class PayloadSpan {
  /** First octet. */
  off = 0;
  /** Octets without padding. */
  len = 0;

  /** Finds the payload of the whole packet `buf[off, off + len)`; false where header or padding don't fit. */
  locate(buf: Uint8Array, off: number, len: number): boolean {
    const header = rtpHeaderLength(buf, off, len);
    const padding = rtpPaddingLength(buf, off, len);
    if (header < 0 || padding < 0) return false;
    this.off = off + header;
    this.len = len - header - padding;
    return true;
  }
}

/** `count` of something, in words: `1 gap`, `2,000 gaps`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
