import type { PacketOutput, StreamInfo } from "../report/output.ts";
import type { AnnouncedStream } from "./leg-output.ts";

/** A packet this far behind, or less, was passed on by the leg; further off it is of another numbering. */
const MOST_BEHIND = 4096;

/**
 * The output of a merged stream that goes on where one of its legs was passed on by itself: under the leg's id, in the
 * same stream of the output, and from the packet after the leg's last, so that none is missing and none comes twice.
 */
export class MergedOutput implements PacketOutput {
  /** Id that the merged stream is passed on as. */
  readonly id: string;
  readonly #output: PacketOutput;
  #handed: AnnouncedStream | null;
  #stream = -1;
  /** Sequence number that the leg would have passed on next; -1 once packets go out. */
  #next: number;

  /** `next` is the sequence number of the first packet to pass on, -1 for all of them. */
  constructor(output: PacketOutput, id: string, handed: AnnouncedStream | null, next: number) {
    this.#output = output;
    this.id = id;
    this.#handed = handed;
    this.#next = next;
  }

  /** What goes out next is of the RTP packet with this number. */
  packet(sequence: number): void {
    if (this.#next < 0) return;
    const behind = (this.#next - sequence) & 0xffff;
    if (behind === 0 || behind > MOST_BEHIND) this.#next = -1;
  }

  /** The numbers start again. */
  gap(): void {
    this.#next = -1;
  }

  open(stream: number, info: StreamInfo): void {
    const handed = this.#handed;
    this.#handed = null;
    if (handed?.info.kind === info.kind) {
      this.#stream = handed.stream;
      return;
    }
    if (handed !== null) this.#output.close(handed.stream);
    this.#stream = stream;
    this.#output.open(stream, { ...info, id: this.id });
  }

  packets(
    _stream: number,
    buf: Uint8Array,
    off: number,
    len: number,
    timeNs: number,
    datagrams: number,
  ): void {
    if (this.#next < 0) this.#output.packets(this.#stream, buf, off, len, timeNs, datagrams);
  }

  bufferEnd(): void {
    this.#output.bufferEnd();
  }

  close(): void {
    if (this.#stream >= 0) this.#output.close(this.#stream);
    this.#stream = -1;
  }

  /** Nothing more comes: the stream ends, even if nothing has been added to what the leg had. */
  end(): void {
    this.close();
    if (this.#handed !== null) this.#output.close(this.#handed.stream);
    this.#handed = null;
  }
}
