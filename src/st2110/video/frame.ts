import { rtpHeaderLength, rtpMarker, rtpPaddingLength, rtpTimestamp } from "../../net/rtp.ts";
import { toNumber } from "../timing21/rational.ts";
import type { VideoFormat } from "./format-learner.ts";
import type { Packing } from "./sampling.ts";
import { SRD_STATUS, SrdHeaders } from "./srd.ts";

/** Octets of a frame at most: 8K of 16 bits and three samples a pixel. */
const MOST_OCTETS = 7680 * 4320 * 6;
const VIDEO_CLOCK_HZ = 90_000;
/** A frame of which less came is none: one field, of an interlaced one, is enough. */
const LEAST_SHARE = 0.5;

/** Where the samples of a frame stand in the buffer that it is put together in. */
export interface FrameLayout {
  readonly packing: Packing;
  readonly width: number;
  /** Lines of the frame, both fields together. */
  readonly height: number;
  /** Octets of a row; of a pair of lines in 4:2:0. */
  readonly rowOctets: number;
  /** Rows, the fields' woven together. */
  readonly rows: number;
}

/** The layout for a format; null when the packets do not show enough of it, or a frame is too large. */
export function frameLayout(format: VideoFormat): FrameLayout | null {
  const packing = format.candidates[0];
  const { width, height, rowStep } = format;
  if (packing === undefined || width === null || width % packing.pixels !== 0) return null;
  const rowOctets = (width / packing.pixels) * packing.octets;
  const rows = height / rowStep;
  const octets = rowOctets * rows;
  // Row numbers and offsets that no samples stand behind would ask for a lot of memory.
  if (!Number.isInteger(rows) || octets > MOST_OCTETS || octets !== format.octetsPerFrame) return null;
  return { packing, width, height, rowOctets, rows };
}

/** Takes each frame; the octets are valid during the call. `whole` is false where samples are of an older frame. */
export type FrameTaker = (frame: Uint8Array, whole: boolean) => void;

/**
 * Puts the frames of one flow together in a buffer that is reused. Fields are woven. What is missing keeps the samples
 * of the frame before; what does not fit into the frame is passed over.
 */
export class FrameAssembler {
  readonly layout: FrameLayout;
  /** Frames of which less than half came, or nothing, by the timestamps. */
  missing = 0;
  /** Frames before the first that began with its first sample. */
  partial = 0;
  readonly #format: VideoFormat;
  readonly #take: FrameTaker;
  readonly #frame: Uint8Array;
  readonly #srd = new SrdHeaders();
  readonly #ticks: number;
  #open = false;
  #seen = false;
  #timestamp = 0;
  #field = 0;
  #filled = 0;
  #lastStart = -1;

  constructor(format: VideoFormat, layout: FrameLayout, take: FrameTaker) {
    this.#format = format;
    this.layout = layout;
    this.#take = take;
    this.#frame = new Uint8Array(layout.rowOctets * layout.rows);
    this.#ticks = format.rate === null ? 0 : VIDEO_CLOCK_HZ / toNumber(format.rate);
  }

  /** One whole RTP packet in order. */
  packet(buf: Uint8Array, off: number, len: number): void {
    const header = rtpHeaderLength(buf, off, len);
    const padding = rtpPaddingLength(buf, off, len);
    if (header < 0 || padding < 0) return;
    const payload = len - header - padding;
    const srd = this.#srd;
    const at = off + header;
    if (srd.read(buf, at, payload, payload) !== SRD_STATUS.ok || srd.octets > payload - srd.headerOctets)
      return;
    const field = srd.field[0] as number;
    const timestamp = rtpTimestamp(buf, off);
    if (this.#begins(timestamp, field)) {
      if (this.#open) this.#end();
      this.#begin(timestamp, field === 0 && srd.row[0] === 0 && srd.offset[0] === 0);
    }
    this.#field = field;
    if (!this.#open) return;
    let from = at + srd.headerOctets;
    for (let i = 0; i < srd.count; i += 1) {
      this.#put(buf, from, i);
      from += srd.length[i] as number;
    }
    const last = this.#format.scan === "progressive" || field === 1;
    if (rtpMarker(buf, off) === 1 && last) this.#end();
  }

  /** The flow is over: a frame that is not whole is left out. */
  finish(): void {
    if (this.#open) this.partial += 1;
    this.#open = false;
  }

  /** True for the first packet of a frame; the second field of an interlaced one has a timestamp of its own. */
  #begins(timestamp: number, field: number): boolean {
    if (!this.#seen || (field === 0 && this.#field === 1)) return true;
    if (timestamp === this.#timestamp) return false;
    if (this.#format.scan !== "interlaced" || field === 0 || !this.#open) return true;
    const step = ((timestamp - this.#timestamp) >>> 0) / Math.max(1, this.#ticks);
    return this.#field === 0 && step >= 1;
  }

  #begin(timestamp: number, atStart: boolean): void {
    if (this.#lastStart >= 0 && this.#ticks > 0) {
      const steps = Math.round(((timestamp - this.#lastStart) | 0) / this.#ticks);
      if (steps > 1) this.missing += steps - 1;
    }
    // The capture may begin in mid-frame, with nothing to put in the place of what is not there.
    this.#open = this.#seen || atStart;
    if (!this.#open) this.partial += 1;
    this.#seen = true;
    this.#timestamp = timestamp;
    if (this.#open) this.#lastStart = timestamp;
    this.#filled = 0;
  }

  #end(): void {
    this.#open = false;
    if (this.#filled < this.#frame.length * LEAST_SHARE) {
      this.missing += 1;
      return;
    }
    this.#take(this.#frame, this.#filled >= this.#frame.length);
  }

  /** Copies segment `i` to its place. */
  #put(buf: Uint8Array, from: number, i: number): void {
    const { rowOctets, rows, packing } = this.layout;
    const srd = this.#srd;
    const length = srd.length[i] as number;
    const { scan, fieldRows, rowStep } = this.#format;
    const woven = scan === "progressive" ? 1 : 2;
    const fieldRow = (srd.row[i] as number) / rowStep;
    // The field with a line more than the other has the frame's first and last.
    const top = woven === 2 && fieldRows[1] > fieldRows[0] ? 1 : 0;
    const row = fieldRow * woven + (woven === 2 ? (srd.field[i] as number) ^ top : 0);
    const column = ((srd.offset[i] as number) / packing.pixels) * packing.octets;
    if (!Number.isInteger(row) || !Number.isInteger(column) || row >= rows || column + length > rowOctets)
      return;
    this.#frame.set(buf.subarray(from, from + length), row * rowOctets + column);
    this.#filled += length;
  }
}
