import type { AudioFrame } from "./audio-frame.ts";
import type { BufferSizes } from "./buffer-sizes.ts";

/** Takes what a splitter finds in an elementary stream. Offsets are octets of the stream from where it began. */
export interface UnitSink {
  /** An access unit starts at `offset`; `ticks` is its decoding time, NaN without time stamp. */
  unit(offset: number, ticks: number): void;
  /** The stream says its buffers; null where no rule fits it. */
  sizes(sizes: BufferSizes | null): void;
  /** An audio frame, before its unit. */
  frame(frame: AudioFrame): void;
  /** Access units can't be told apart for sure from here on: start again. */
  lost(): void;
}

/** Octets of which none is worth a look, whatever they are, until a PES packet starts: more than there will be. */
export const ALL_QUIET = 0x3fff_ffff;

/** Finds the access units in the payload of PES packets. */
export interface Splitter {
  /**
   * So many further octets of payload hold nothing for it, as long as no PES packet starts: whoever keeps them from
   * `data` takes them off here.
   */
  quiet: number;
  /** A PES packet starts; `ticks` is the decoding time that it gives, NaN without. */
  pes(ticks: number): void;
  /** Its payload `buf[at, end)`, part by part; `offset` is that of `buf[at]`. */
  data(buf: Uint8Array, at: number, end: number, offset: number): void;
  /** Nothing is known from before. */
  restart(): void;
}
