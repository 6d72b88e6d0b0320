import { AUDIO_HEADER_BYTES, type AudioSyntax, audioFrame, readAudioFrame } from "./audio-frame.ts";
import type { Splitter, UnitSink } from "./splitter.ts";

const FIRST_OCTET: Readonly<Record<AudioSyntax, number>> = { mpeg: 0xff, adts: 0xff, loas: 0x56, ac3: 0x0b };

/**
 * Follows audio frames from header to header: a frame is an access unit. A header counts when the one before led
 * to it, so that a chance syncword starts nothing. The time stamp of a PES packet is that of the first frame that
 * commences in it (ISO/IEC 13818-1 2.4.3.7), later ones follow by their duration.
 */
export class AudioSplitter implements Splitter {
  /** Octets to the next header. */
  quiet = 0;
  readonly #syntax: AudioSyntax;
  readonly #sink: UnitSink;
  readonly #need: number;
  /** What a frame starts with. */
  readonly #first: number;
  readonly #frame = audioFrame();
  readonly #header = new Uint8Array(7);
  #have = 0;
  /** Time stamp of the PES packet, until a frame takes it. */
  #stamp = Number.NaN;
  /** Of the frame whose header is being read. */
  #ticks = Number.NaN;
  /** By the frame before and its duration. */
  #nextTicks = Number.NaN;
  /** The frame before led here. */
  #led = false;

  constructor(syntax: AudioSyntax, sink: UnitSink) {
    this.#syntax = syntax;
    this.#sink = sink;
    this.#first = FIRST_OCTET[syntax];
    this.#need = AUDIO_HEADER_BYTES[syntax];
  }

  pes(ticks: number): void {
    this.#stamp = ticks;
  }

  data(buf: Uint8Array, from: number, end: number, offset: number): void {
    const need = this.#need;
    let at = from;
    while (at < end) {
      if (this.quiet > 0) {
        const step = Math.min(this.quiet, end - at);
        this.quiet -= step;
        at += step;
        continue;
      }
      if (this.#have === 0) {
        if (!this.#led && buf[at] !== this.#first) {
          at += 1;
          continue;
        }
        this.#ticks = Number.isNaN(this.#stamp) ? this.#nextTicks : this.#stamp;
        this.#stamp = Number.NaN;
        // Nearly always: the whole header is here, and is one.
        if (this.#led && end - at >= need && readAudioFrame(this.#syntax, buf, at, this.#frame)) {
          if (this.#frame.length >= need) {
            this.#take(offset + at - from);
            at += need;
            continue;
          }
        }
      }
      this.#header[this.#have] = buf[at] as number;
      this.#have += 1;
      at += 1;
      if (this.#have === need) this.#read(offset + at - from - need);
    }
  }

  restart(): void {
    this.#have = 0;
    this.quiet = 0;
    this.#led = false;
    this.#stamp = Number.NaN;
    this.#nextTicks = Number.NaN;
  }

  #read(offset: number): void {
    const frame = this.#frame;
    if (!readAudioFrame(this.#syntax, this.#header, 0, frame) || frame.length < this.#need) {
      // No frame here: look on from the next octet that may start one.
      do {
        this.#header.copyWithin(0, 1, this.#have);
        this.#have -= 1;
      } while (this.#have > 0 && this.#header[0] !== this.#first);
      this.#ticks = this.#stamp;
      if (this.#have > 0) this.#stamp = Number.NaN;
      this.#nextTicks = Number.NaN;
      const led = this.#led;
      this.#led = false;
      if (led) this.#sink.lost();
      return;
    }
    this.#take(offset);
  }

  /** `#frame` was read at `offset`. */
  #take(offset: number): void {
    const frame = this.#frame;
    if (this.#led) {
      this.#sink.frame(frame);
      this.#sink.unit(offset, this.#ticks);
    }
    this.#led = true;
    this.#nextTicks = this.#ticks + frame.durationTicks;
    this.#have = 0;
    this.quiet = frame.length - this.#need;
  }
}
