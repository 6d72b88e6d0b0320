import { environmentError } from "../report/error.ts";
import type { PacketOutput, StreamInfo } from "../report/output.ts";
import type { Epoch } from "../report/time.ts";
import { FrameAssembler, frameLayout } from "../st2110/video/frame.ts";
import { bmpOf, likelyMatrix, type Matrix } from "../st2110/video/frame-picture.ts";
import { PlaneReader } from "../st2110/video/frame-planes.ts";
import { type FlowTaker, RtpFlow } from "./rtp-flow.ts";
import type { Found } from "./rtp-probe.ts";

const JPEG_QUALITY = 90;

/** What to make of which frame. */
export interface StillOptions {
  /** Ends with .png, .jpg or .jpeg. */
  readonly path: string;
  /** `auto` goes by the number of lines. */
  readonly matrix: string;
  readonly epoch: () => Epoch;
}

interface Still {
  readonly bmp: Uint8Array;
  readonly what: string;
}

/** Keeps the first whole frame of the first ST 2110-20 stream that has one, and writes it as PNG or JPEG at the end. */
export class StillPicture implements PacketOutput {
  readonly #options: StillOptions;
  readonly #budget = { held: 0 };
  readonly #flows: (RtpFlow | undefined)[] = [];
  #still: Still | null = null;

  constructor(options: StillOptions) {
    this.#options = options;
  }

  open(stream: number, info: StreamInfo): void {
    if (info.kind !== "rtp") return;
    const { epoch } = this.#options;
    this.#flows[stream] = new RtpFlow({
      wanted: "video20",
      epoch,
      budget: this.#budget,
      open: (found) => this.#assembler(found, info.id),
    });
  }

  packets(stream: number, buf: Uint8Array, off: number, len: number, timeNs: number): void {
    if (this.#still === null) this.#flows[stream]?.packet(buf, off, len, timeNs);
  }

  /** Nothing is pending: packets are copied as they come. */
  bufferEnd(): void {}

  close(stream: number): void {
    if (this.#still === null) this.#flows[stream]?.end();
    delete this.#flows[stream];
  }

  /** Writes the picture and says so. Throws an environment error where it can't be written. */
  async finish(): Promise<string> {
    const { path } = this.#options;
    if (this.#still === null) {
      return `No still picture: no whole frame of ST 2110-20 whose format its packets show.`;
    }
    const { bmp, what } = this.#still;
    const image = new Bun.Image(bmp, { maxPixels: bmp.length });
    const coded = path.toLowerCase().endsWith(".png") ? image.png() : image.jpeg({ quality: JPEG_QUALITY });
    try {
      await Bun.write(path, await coded.bytes());
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw environmentError("still.write", `Can't write the still picture ${path}: ${why}.`, error);
    }
    return `Still picture written to ${path}: ${what}.`;
  }

  #assembler({ video }: Found, id: string): FlowTaker | null {
    const layout = video === null ? null : frameLayout(video);
    if (video === null || layout === null) return null;
    const reader = new PlaneReader(layout);
    return new FrameAssembler(video, layout, (frame, whole) => {
      if (!whole || this.#still !== null) return;
      const matrix = this.#matrix(layout.height);
      const { sampling, depth } = layout.packing;
      const what = `${layout.width} x ${layout.height} of ${id}, ${sampling}, ${depth} bits, colours of ${matrix}`;
      this.#still = { bmp: bmpOf(reader.read(frame), matrix), what };
    });
  }

  #matrix(height: number): Matrix {
    const { matrix } = this.#options;
    const known = matrix === "bt601" || matrix === "bt709" || matrix === "bt2020" || matrix === "rgb";
    return known ? matrix : likelyMatrix(height);
  }
}
