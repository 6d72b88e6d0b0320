import type { Rational } from "../st2110/timing21/rational.ts";
import type { VideoFormat } from "../st2110/video/format-learner.ts";
import { FrameAssembler, type FrameLayout } from "../st2110/video/frame.ts";
import { PlaneReader, type Planes } from "../st2110/video/frame-planes.ts";
import type { ByteFile } from "./byte-file.ts";
import type { RtpWriter } from "./rtp-file.ts";
import { counted } from "./rtp-payload.ts";

/** Rate of a stream whose timestamps show none: Y4M has to have one. */
const ANY_RATE: Rational = { num: 25n, den: 1n };

/** Writes the frames of a video flow: as YUV4MPEG2, or raw, their pgroups as they came. */
export class VideoWriter implements RtpWriter {
  readonly #out: ByteFile;
  readonly #frames: FrameAssembler;
  readonly #planes: PlaneReader | null;
  readonly #format: VideoFormat;
  readonly #octets: Uint8Array;
  #written = 0;
  #mended = 0;
  #packed = new Uint8Array(0);

  constructor(out: ByteFile, format: VideoFormat, layout: FrameLayout, y4m: boolean) {
    this.#out = out;
    this.#format = format;
    this.#frames = new FrameAssembler(format, layout, (frame, whole) => this.#frame(frame, whole));
    this.#planes = y4m ? new PlaneReader(layout) : null;
    this.#octets = new TextEncoder().encode("FRAME\n");
    if (y4m) this.#text(y4mHeader(format, layout));
  }

  packet(buf: Uint8Array, off: number, len: number): void {
    this.#frames.packet(buf, off, len);
  }

  finish(): void {
    this.#frames.finish();
  }

  notes(): string[] {
    const { layout, partial, missing } = this.#frames;
    const { sampling, depth } = layout.packing;
    const others = this.#format.candidates.length - 1;
    const notes = [
      `${counted(this.#written, "frame")} of ${layout.width} x ${layout.height}, ${sampling}, ${depth} bits${others > 0 ? " (as the likeliest of several that fit)" : ""}`,
    ];
    if (this.#mended > 0) notes.push(`${counted(this.#mended, "frame")} with samples of the frame before`);
    if (missing > 0) notes.push(`${counted(missing, "frame")} missing`);
    if (partial > 0) notes.push(`${counted(partial, "frame")} cut by the capture not written`);
    return notes;
  }

  #frame(frame: Uint8Array, whole: boolean): void {
    this.#written++;
    if (!whole) this.#mended++;
    if (this.#planes === null) {
      this.#out.write(frame, 0, frame.length);
      return;
    }
    this.#out.write(this.#octets, 0, this.#octets.length);
    const planes = this.#planes.read(frame);
    for (const plane of [planes.y, planes.cb, planes.cr]) this.#plane(plane, planes);
  }

  /** Samples of 8 bits take an octet, deeper ones two, little-endian. */
  #plane(plane: Uint16Array, { depth }: Planes): void {
    if (depth > 8) {
      this.#out.write(new Uint8Array(plane.buffer), 0, plane.byteLength);
      return;
    }
    if (this.#packed.length < plane.length) this.#packed = new Uint8Array(plane.length);
    this.#packed.set(plane);
    this.#out.write(this.#packed, 0, plane.length);
  }

  #text(text: string): void {
    const octets = new TextEncoder().encode(text);
    this.#out.write(octets, 0, octets.length);
  }
}

/** First line of a YUV4MPEG2 stream, with FFmpeg's names for depths above 8. */
function y4mHeader(format: VideoFormat, layout: FrameLayout): string {
  const { sampling, depth } = layout.packing;
  const rate = format.rate ?? ANY_RATE;
  const names = { "4:2:2": "422", "4:4:4": "444", "4:2:0": "420", KEY: "mono" } as const;
  const name = names[sampling];
  const deep = sampling === "KEY" ? String(depth) : `p${depth}`;
  const colour = depth === 8 ? (sampling === "4:2:0" ? "420mpeg2" : name) : `${name}${deep}`;
  const scan = format.scan === "interlaced" ? "t" : "p";
  return `YUV4MPEG2 W${layout.width} H${layout.height} F${rate.num}:${rate.den} I${scan} A1:1 C${colour}\n`;
}
