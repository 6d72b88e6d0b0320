import type { PacketOutput, StreamInfo } from "../report/output.ts";

/** Octets of a TS packet. */
const TS_PACKET_LENGTH = 188;

/** Hands every packet to several outputs. */
export class FanOut implements PacketOutput {
  readonly #outputs: readonly PacketOutput[];

  constructor(outputs: readonly PacketOutput[]) {
    this.#outputs = outputs;
  }

  open(stream: number, info: StreamInfo): void {
    for (const output of this.#outputs) output.open(stream, info);
  }

  packets(
    stream: number,
    buf: Uint8Array,
    off: number,
    len: number,
    timeNs: number,
    datagrams: number,
  ): void {
    for (const output of this.#outputs) output.packets(stream, buf, off, len, timeNs, datagrams);
  }

  bufferEnd(): void {
    for (const output of this.#outputs) output.bufferEnd();
  }

  close(stream: number): void {
    for (const output of this.#outputs) output.close(stream);
  }
}

/**
 * Passes on only the streams that were chosen, and no more than a number of TS packets in all (an RTP
 * packet counts as one). `full` tells when that number is reached: the command then stops.
 */
export class ChosenPackets implements PacketOutput {
  /** TS packets passed on so far. */
  passed = 0;
  readonly #output: PacketOutput | null;
  readonly #ids: ReadonlySet<string>;
  readonly #limit: number;
  /** By stream index: octets of one packet, 0 for a stream that was not chosen. */
  readonly #unit: number[] = [];

  /** `ids` empty means all streams; `limit` 0 means no limit. */
  constructor(output: PacketOutput | null, ids: readonly string[], limit: number) {
    this.#output = output;
    this.#ids = new Set(ids);
    this.#limit = limit > 0 ? limit : Number.POSITIVE_INFINITY;
  }

  /** True once the limit is reached. */
  get full(): boolean {
    return this.passed >= this.#limit;
  }

  /** True when the stream of that id is passed on. */
  chooses(id: string): boolean {
    return this.#ids.size === 0 || this.#ids.has(id);
  }

  open(stream: number, info: StreamInfo): void {
    const chosen = this.chooses(info.id);
    this.#unit[stream] = chosen ? (info.kind === "ts" ? TS_PACKET_LENGTH : Number.POSITIVE_INFINITY) : 0;
    if (chosen) this.#output?.open(stream, info);
  }

  packets(
    stream: number,
    buf: Uint8Array,
    off: number,
    len: number,
    timeNs: number,
    datagrams: number,
  ): void {
    const unit = this.#unit[stream] as number;
    if (unit === 0) return;
    const room = this.#limit - this.passed;
    if (room <= 0) return;
    if (unit === Number.POSITIVE_INFINITY) {
      this.passed++;
      this.#output?.packets(stream, buf, off, len, timeNs, datagrams);
      return;
    }
    const count = len / TS_PACKET_LENGTH;
    const taken = Math.min(count, room);
    this.passed += taken;
    this.#output?.packets(stream, buf, off, taken * TS_PACKET_LENGTH, timeNs, datagrams);
  }

  bufferEnd(): void {
    this.#output?.bufferEnd();
  }

  close(stream: number): void {
    if (this.#unit[stream] !== 0) this.#output?.close(stream);
    this.#unit[stream] = 0;
  }
}
