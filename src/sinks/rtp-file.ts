import { ByteFile } from "./byte-file.ts";
import type { FlowTaker } from "./rtp-flow.ts";
import type { StreamOutput } from "./stream-files.ts";
import type { TsFileOptions } from "./ts-file.ts";

/** Turns the RTP packets of one flow into the octets of a file. */
export interface RtpWriter extends FlowTaker {
  /** The flow is over: what is pending is written. */
  finish(): void;
  /** What was written, and what was not, in words. */
  notes(): string[];
}

/** The file of one RTP flow. */
export class RtpFile implements StreamOutput {
  /** RTP packets that went into it. */
  packets = 0;
  /** RTP packets that were not written: those in the buffer when that failed, and all after them. */
  lostPackets = 0;
  readonly bytes: ByteFile;
  #writer: RtpWriter | null = null;
  /** Packets that were whole in the buffer when it was written last. */
  #written = 0;
  /** 1 while a packet is on its way into the buffer. */
  #within = 0;

  /** Opens the file; throws an environment error. */
  constructor(options: TsFileOptions) {
    this.bytes = new ByteFile(options);
    this.bytes.onWritten = (all) => {
      if (all) this.#written = this.packets - this.#within;
      else this.lostPackets = this.packets - this.#written;
    };
  }

  /** Where it is written to now. */
  get path(): string {
    return this.bytes.path;
  }

  /** See ByteFile. */
  get regular(): boolean {
    return this.bytes.regular;
  }

  /** See ByteFile. */
  get readerGone(): boolean {
    return this.bytes.readerGone;
  }

  /** What was written, in words; nothing before there was a flow for it. */
  get notes(): string[] {
    return this.#writer?.notes() ?? [];
  }

  /** Says how the packets that follow are to be written. */
  use(writer: RtpWriter): void {
    this.#writer = writer;
  }

  /** See FlowTaker. */
  packet(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    this.packets++;
    if (this.bytes.broken) {
      this.lostPackets++;
      return;
    }
    this.#within = 1;
    this.#writer?.packet(buf, off, len, timeNs);
    this.#within = 0;
  }

  poll(nowMs: number): void {
    this.bytes.poll(nowMs);
  }

  rename(path: string): void {
    this.bytes.rename(path);
  }

  close(): void {
    try {
      if (!this.bytes.broken) this.#writer?.finish();
    } finally {
      this.bytes.close();
    }
  }
}
