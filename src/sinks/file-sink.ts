import { addressOf } from "../../ffi/memory.ts";
import type { Epoch } from "../report/time.ts";
import type { WireLog } from "../wire/log.ts";
import {
  epochOf,
  type PacketSink,
  type SinkFigures,
  type SinkRecord,
  sinceNs,
  streamInfoOf,
  type TrackFacts,
} from "./queue/packet-sink.ts";
import { RECORD } from "./queue/ring.ts";
import { RtpFiles } from "./rtp-files.ts";
import type { RtpFlow } from "./rtp-flow.ts";
import { StreamFiles, type StreamOutput } from "./stream-files.ts";
import { TsFile } from "./ts-file.ts";
import type { WriteFormat } from "./write-format.ts";

/** What to write, and how. */
export interface FileSinkOptions {
  readonly path: string;
  readonly format: WriteFormat;
  readonly flushMs: number;
  readonly stopped: () => boolean;
  readonly log: WireLog;
}

interface FileTrack {
  readonly facts: TrackFacts;
  ts: TsFile | null | undefined;
  flow: RtpFlow | null;
  epoch: Epoch;
}

/** The output file where it is one of several sinks: one file a stream, TS packets or RTP without TS. */
export class FileSink implements PacketSink {
  readonly #files: StreamFiles<StreamOutput>;
  readonly #ts: StreamFiles<TsFile> | null;
  readonly #rtp: RtpFiles | null;
  readonly #tracks: (FileTrack | undefined)[] = [];
  readonly #byId = new Map<string, TsFile | null>();
  #bytes = 0;
  #unwanted = 0;
  #base = 0;

  /** Opens the file; throws an environment error. */
  constructor(options: FileSinkOptions) {
    const { format } = options;
    if (format === "ts") {
      this.#ts = new StreamFiles(options, (file) => new TsFile(file));
      this.#rtp = null;
      this.#files = this.#ts;
    } else {
      this.#ts = null;
      this.#rtp = new RtpFiles({ ...options, format });
      this.#files = this.#rtp.files;
    }
  }

  track(index: number, facts: TrackFacts): void {
    // A probe that has started again goes on in its file.
    this.#tracks[index] ??= { facts, ts: undefined, flow: null, epoch: epochOf(Number.NaN, false) };
  }

  take(record: SinkRecord): void {
    const track = this.#tracks[record.track];
    if (track === undefined) return;
    if (record.type === RECORD.ts && this.#ts !== null) this.#takeTs(track, record, this.#ts);
    else if (record.type === RECORD.rtp && this.#rtp !== null) this.#takeRtp(track, record, this.#rtp);
    else this.#unwanted += record.packets;
  }

  poll(nowMs: number): void {
    this.#files.poll(nowMs);
  }

  figures(): SinkFigures {
    const { taken, lost } = this.#files.packets;
    return {
      packets: taken - lost,
      bytes: this.#bytes,
      lost,
      unwanted: this.#unwanted + (this.#rtp?.unwritten ?? 0),
      files: this.#files.files.map(({ probe, stream, file }) => ({
        probe,
        stream,
        path: file.path,
        packets: file.packets,
        lostPackets: file.lostPackets,
      })),
      notes: this.#rtp === null ? [] : [this.#rtp.describe()],
    };
  }

  close(): void {
    if (this.#rtp === null) this.#files.close();
    else this.#rtp.end();
  }

  #takeTs(track: FileTrack, record: SinkRecord, files: StreamFiles<TsFile>): void {
    if (track.ts === undefined) {
      const { probe, stream } = track.facts;
      const id = `${probe}/${stream}`;
      const known = this.#byId.get(id);
      track.ts = known === undefined ? files.add(probe, stream) : known;
      this.#byId.set(id, track.ts);
    }
    if (track.ts === null) {
      this.#unwanted += record.packets;
      return;
    }
    // All records stand in the same memory.
    if (this.#base === 0) this.#base = addressOf(record.buf);
    track.ts.append(this.#base + record.off, record.len);
    this.#bytes += record.len;
  }

  #takeRtp(track: FileTrack, record: SinkRecord, files: RtpFiles): void {
    if (track.flow === null) {
      track.epoch = epochOf(record.firstSeconds, track.facts.wall);
      track.flow = files.flow(track.facts.probe, streamInfoOf(track.facts), () => track.epoch);
    }
    const { epoch, flow } = track;
    const firstNs = sinceNs(record.firstSeconds, record.firstNs, epoch);
    const lastNs = sinceNs(record.lastSeconds, record.lastNs, epoch);
    const stepNs = record.packets > 1 ? (lastNs - firstNs) / (record.packets - 1) : 0;
    for (let i = 0, at = record.off; i < record.packets; i++) {
      const length = record.packetBytes(i);
      flow.packet(record.buf, at, length, Math.round(firstNs + i * stepNs));
      at += length;
    }
    this.#bytes += record.len;
  }
}
