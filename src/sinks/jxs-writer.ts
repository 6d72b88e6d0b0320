import { rtpMarker, rtpSequence } from "../net/rtp.ts";
import {
  JXS_HEADER_OCTETS,
  jxsPacket,
  jxsPacketization,
  jxsSep,
  jxsTransmission,
} from "../st2110/jpegxs/header.ts";
import { readPicture } from "../st2110/jpegxs/picture.ts";
import type { ByteFile } from "./byte-file.ts";
import type { RtpWriter } from "./rtp-file.ts";
import { counted, PayloadSpan } from "./rtp-payload.ts";

/** Octets of one picture at most: 8K at 8 bits a pixel is half of it. */
const MOST_OCTETS = 64 * 1024 * 1024;

/** SEP of the packets that carry the header segment in slice packetization (RFC 9134 4.3). */
const HEADER_SEP = 0x7ff;

/** Writes the codestreams of a JPEG XS flow one after the other; pictures that are not whole are left out and counted. */
export class JxsWriter implements RtpWriter {
  readonly #out: ByteFile;
  readonly #span = new PayloadSpan();
  #picture = new Uint8Array(64 * 1024);
  #used = 0;
  /** The open picture began with its first packet and nothing is missing so far. */
  #whole = false;
  #begun = false;
  #sequence = -1;
  #pictures = 0;
  #broken = 0;

  constructor(out: ByteFile) {
    this.#out = out;
  }

  packet(buf: Uint8Array, off: number, len: number): void {
    const sequence = rtpSequence(buf, off);
    const follows = this.#sequence < 0 || sequence === ((this.#sequence + 1) & 0xffff);
    this.#sequence = sequence;
    const span = this.#span;
    const readable = span.locate(buf, off, len) && span.len >= JXS_HEADER_OCTETS;
    if (!follows || !readable || jxsTransmission(buf, span.off) === 0) this.#whole = false;
    if (readable && this.#isFirst(buf, span.off)) {
      if (this.#begun) this.#broken++;
      this.#whole = jxsTransmission(buf, span.off) === 1;
      this.#used = 0;
    }
    this.#begun = true;
    if (readable && this.#whole) this.#add(buf, span.off + JXS_HEADER_OCTETS, span.len - JXS_HEADER_OCTETS);
    if (rtpMarker(buf, off) === 1) this.#end();
  }

  finish(): void {
    if (this.#begun) this.#broken++;
    this.#begun = false;
  }

  notes(): string[] {
    const notes = [counted(this.#pictures, "codestream")];
    if (this.#broken > 0) notes.push(`${counted(this.#broken, "incomplete picture")} not written`);
    return notes;
  }

  #isFirst(buf: Uint8Array, at: number): boolean {
    if (jxsPacket(buf, at) !== 0) return false;
    return jxsSep(buf, at) === (jxsPacketization(buf, at) === 1 ? HEADER_SEP : 0);
  }

  #add(buf: Uint8Array, off: number, len: number): void {
    const needed = this.#used + len;
    if (needed > MOST_OCTETS) {
      this.#whole = false;
      return;
    }
    if (needed > this.#picture.length) {
      const larger = new Uint8Array(Math.min(MOST_OCTETS, needed * 2));
      larger.set(this.#picture.subarray(0, this.#used));
      this.#picture = larger;
    }
    this.#picture.set(buf.subarray(off, off + len), this.#used);
    this.#used = needed;
  }

  #end(): void {
    const head = this.#whole ? readPicture(this.#picture, 0, this.#used) : null;
    const octets = head === null ? 0 : head.codestreamOctets || this.#used - head.boxOctets;
    if (head === null || head.boxOctets + octets > this.#used) this.#broken++;
    else {
      this.#out.write(this.#picture, head.boxOctets, octets);
      this.#pictures++;
    }
    this.#whole = false;
    this.#begun = false;
    this.#used = 0;
  }
}
