import type { PacketOutput, StreamInfo } from "../report/output.ts";
import { type Epoch, NO_WALL_CLOCK } from "../report/time.ts";
import type { WireLog } from "../wire/log.ts";
import { STANDARD_OUTPUT } from "./open-output.ts";
import { RtpFile } from "./rtp-file.ts";
import { RtpFlow } from "./rtp-flow.ts";
import { counted } from "./rtp-payload.ts";
import { writerOf } from "./rtp-writers.ts";
import { StreamFiles } from "./stream-files.ts";
import { WRITTEN_KIND, type WriteFormat } from "./write-format.ts";

/** How to write RTP flows. */
export interface RtpFilesOptions {
  /** File as long as there is one stream; `-` for standard output. */
  readonly path: string;
  readonly format: Exclude<WriteFormat, "ts">;
  /** Longest time in ms that octets wait in the write buffer. */
  readonly flushMs: number;
  readonly stopped: () => boolean;
  readonly log: WireLog;
  /** What the packets' times count from; not needed where each flow brings its own. */
  readonly epoch?: () => Epoch;
}

/** Writes RTP flows without TS to files, one a flow: pcap, WAV, JSON lines, JPEG XS, Y4M or raw video. */
export class RtpFiles implements PacketOutput {
  /** TS packets, which none of these formats takes. */
  tsPackets = 0;
  readonly files: StreamFiles<RtpFile>;
  readonly #options: RtpFilesOptions;
  readonly #budget = { held: 0 };
  readonly #byStream: (RtpFlow | undefined)[] = [];
  /** A stream that comes back under its id goes on in its file. */
  readonly #byId = new Map<string, RtpFlow>();

  /** Opens the file; throws an environment error where it can't be written. */
  constructor(options: RtpFilesOptions) {
    this.#options = options;
    this.files = new StreamFiles(options, (file) => new RtpFile(file));
  }

  /** True when the reader of a pipe has gone. */
  get readerGone(): boolean {
    return this.files.readerGone;
  }

  /** RTP packets that went into no file. */
  get unwritten(): number {
    let unwritten = 0;
    for (const flow of this.#byId.values()) unwritten += flow.untaken;
    return unwritten;
  }

  open(stream: number, info: StreamInfo): void {
    if (info.kind === "rtp")
      this.#byStream[stream] = this.flow("", info, this.#options.epoch ?? (() => NO_WALL_CLOCK));
  }

  /** The flow of a stream of a probe. */
  flow(probe: string, info: StreamInfo, epoch: () => Epoch): RtpFlow {
    const key = `${probe}/${info.id}`;
    const known = this.#byId.get(key);
    if (known !== undefined) return known;
    const { format } = this.#options;
    const flow = new RtpFlow({
      wanted: WRITTEN_KIND[format],
      epoch,
      budget: this.#budget,
      open: (found) => {
        const make = writerOf(format, found, info, epoch);
        const file = make === null ? null : this.files.add(probe, info.id);
        if (make !== null) file?.use(make(file.bytes));
        return file;
      },
    });
    this.#byId.set(key, flow);
    return flow;
  }

  packets(stream: number, buf: Uint8Array, off: number, len: number, timeNs: number): void {
    const flow = this.#byStream[stream];
    if (flow === undefined) this.tsPackets += len / 188;
    else flow.packet(buf, off, len, timeNs);
  }

  /** Nothing is pending: packets are copied as they come. */
  bufferEnd(): void {}

  close(stream: number): void {
    delete this.#byStream[stream];
  }

  /** Writes what has waited for the flush time; `nowMs` is of `performance.now()`. */
  poll(nowMs: number): void {
    this.files.poll(nowMs);
  }

  /** Writes everything and closes the files. */
  end(): void {
    try {
      for (const flow of this.#byId.values()) flow.end();
    } finally {
      this.files.close();
    }
  }

  /** The same, saying what was written and what was not. */
  finish(): string {
    this.end();
    return this.describe();
  }

  /** What was written where, in sentences. */
  describe(): string {
    const { format } = this.#options;
    const sentences = this.files.files.map(({ file }) => {
      const name = file.path === STANDARD_OUTPUT ? "standard output" : file.path;
      const packets = counted(file.packets - file.lostPackets, "RTP packet");
      return `${packets} written to ${name}${file.notes.map((note) => `; ${note}`).join("")}.`;
    });
    if (sentences.length === 0) {
      const what = WRITTEN_KIND[format] === null ? "RTP" : KIND_NAMES[format];
      sentences.push(`Nothing written: no stream of ${what}, or its format is not known.`);
    }
    const lost = this.files.packets.lost;
    if (lost > 0) sentences.push(`${counted(lost, "RTP packet")} could not be written.`);
    if (this.unwritten > 0)
      sentences.push(`${counted(this.unwritten, "RTP packet")} of other streams not written.`);
    const empty = [...this.#byId.values()].filter((flow) => flow.empty).length;
    if (empty > 0)
      sentences.push(`${counted(empty, "RTP stream")} without a whole packet: the snap length cut them.`);
    if (this.tsPackets > 0)
      sentences.push(`${counted(this.tsPackets, "TS packet")} not written as ${format}.`);
    return sentences.join(" ");
  }
}

const KIND_NAMES: Record<Exclude<WriteFormat, "ts">, string> = {
  pcap: "RTP",
  wav: "audio",
  jsonl: "ancillary data",
  jxs: "JPEG XS",
  y4m: "uncompressed video",
  raw: "uncompressed video",
};
