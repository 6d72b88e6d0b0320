import { rtpSsrc, rtpTimestamp } from "../net/rtp.ts";
import { type AudioEncoding, ENCODED_OCTETS } from "../st2110/audio/format.ts";
import type { ByteFile } from "./byte-file.ts";
import type { RtpWriter } from "./rtp-file.ts";
import { counted, PayloadSpan } from "./rtp-payload.ts";
import { type WavFormat, wavHeader } from "./wav-header.ts";

/** Longest silence by timestamps beyond the time that has passed by arrival: a sender can't make it longer. */
const AHEAD_SECONDS = 1;
const SILENCE = new Uint8Array(64 * 1024);

/**
 * Writes the samples of an audio flow as WAV: L16 and L24 as they are, of AM824 the 24 bits of each AES3 subframe.
 * What is missing by the timestamps becomes silence, so that the file is as long as the sound was.
 */
export class WavWriter implements RtpWriter {
  readonly #out: ByteFile;
  readonly #encoding: AudioEncoding;
  readonly #format: WavFormat;
  readonly #frameOctets: number;
  /** Octets of a sample of all channels in the file. */
  readonly #blockOctets: number;
  readonly #span = new PayloadSpan();
  #samples = new Uint8Array(4096);
  #dataOctets = 0;
  #expected = -1;
  #ssrc = -1;
  #firstNs = Number.NaN;
  #gaps = 0;
  #silent = 0;
  #jumps = 0;
  #refused = 0;

  constructor(out: ByteFile, encoding: AudioEncoding, sampleRateHz: number, channels: number) {
    this.#out = out;
    this.#encoding = encoding;
    this.#format = { sampleRateHz, channels, octets: encoding === "L16" ? 2 : 3 };
    this.#frameOctets = ENCODED_OCTETS[encoding] * channels;
    this.#blockOctets = this.#format.octets * channels;
    const header = wavHeader(this.#format, null);
    out.write(header, 0, header.length);
  }

  packet(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    const span = this.#span;
    if (!span.locate(buf, off, len) || span.len === 0 || span.len % this.#frameOctets !== 0) {
      this.#refused++;
      return;
    }
    if (Number.isNaN(this.#firstNs)) this.#firstNs = timeNs;
    const timestamp = rtpTimestamp(buf, off);
    const ssrc = rtpSsrc(buf, off);
    if (this.#expected >= 0) this.#fill((timestamp - this.#expected) | 0, ssrc, timeNs);
    this.#ssrc = ssrc;
    const count = span.len / this.#frameOctets;
    this.#expected = (timestamp + count) >>> 0;
    this.#convert(buf, span.off, span.len);
  }

  finish(): void {
    if (this.#dataOctets % 2 === 1) this.#out.write(SILENCE, 0, 1);
    this.#out.patch(0, wavHeader(this.#format, this.#dataOctets));
  }

  notes(): string[] {
    const { sampleRateHz, channels } = this.#format;
    const samples = this.#dataOctets / this.#blockOctets;
    const notes = [
      `${this.#encoding}, ${sampleRateHz} Hz, ${counted(channels, "channel")}, ${counted(samples, "sample")} each`,
    ];
    if (this.#gaps > 0)
      notes.push(`${counted(this.#silent, "sample")} of silence for ${counted(this.#gaps, "gap")}`);
    if (this.#jumps > 0) notes.push(`${counted(this.#jumps, "jump")} of the timestamp joined without a gap`);
    if (this.#refused > 0) notes.push(`${counted(this.#refused, "packet")} of another size not written`);
    return notes;
  }

  /** `missing` samples by the timestamps; below 0 the clock went back. */
  #fill(missing: number, ssrc: number, timeNs: number): void {
    if (missing === 0) return;
    const passed = Number.isNaN(timeNs) ? 0 : (timeNs - this.#firstNs) / 1e9;
    const rate = this.#format.sampleRateHz;
    const after = this.#dataOctets / this.#blockOctets + missing;
    const most = (Math.max(0, passed) + AHEAD_SECONDS) * rate;
    if (missing < 0 || ssrc !== this.#ssrc || after > most) {
      this.#jumps++;
      return;
    }
    this.#gaps++;
    this.#silent += missing;
    for (let left = missing * this.#blockOctets; left > 0; ) {
      const piece = Math.min(left, SILENCE.length);
      this.#put(SILENCE, piece);
      left -= piece;
    }
  }

  /** From big to little endian. */
  #convert(buf: Uint8Array, off: number, len: number): void {
    if (this.#samples.length < len) this.#samples = new Uint8Array(len);
    const to = this.#samples;
    const end = off + len;
    let at = 0;
    if (this.#encoding === "L16") {
      for (let i = off; i < end; i += 2) {
        to[at++] = buf[i + 1] as number;
        to[at++] = buf[i] as number;
      }
    } else {
      const step = ENCODED_OCTETS[this.#encoding];
      const last = step - 1;
      for (let i = off; i < end; i += step) {
        to[at++] = buf[i + last] as number;
        to[at++] = buf[i + last - 1] as number;
        to[at++] = buf[i + last - 2] as number;
      }
    }
    this.#put(to, at);
  }

  #put(octets: Uint8Array, len: number): void {
    this.#out.write(octets, 0, len);
    this.#dataOctets += len;
  }
}
