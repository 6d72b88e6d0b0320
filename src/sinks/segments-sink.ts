import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { environmentError } from "../report/error.ts";
import type { WireLog } from "../wire/log.ts";
import {
  epochOf,
  type PacketSink,
  type SinkFigures,
  type SinkRecord,
  streamInfoOf,
  type TrackFacts,
} from "./queue/packet-sink.ts";
import { RECORD } from "./queue/ring.ts";
import { counted } from "./rtp-payload.ts";
import type { PlaylistType } from "./segments/playlist.ts";
import { freeBytes, Retention, type RetentionLimits } from "./segments/retention.ts";
import { RtpSegmenter } from "./segments/rtp-segmenter.ts";
import { type FolderOptions, listedIn, SegmentFolder } from "./segments/segment-folder.ts";
import type { SegmentContext, SegmentCounts, SegmentLimits } from "./segments/segment-output.ts";
import { TsSegmenter } from "./segments/ts-segmenter.ts";
import { FILES_MAX, fileName } from "./stream-files.ts";

/** Time between two looks at age, size and disk beside those before each segment. */
const RETENTION_MS = 10_000;

/** What is written, and for how long it is kept; structured-cloneable. */
export interface SegmentSettings {
  readonly folder: string;
  readonly limits: SegmentLimits;
  readonly name: string;
  readonly playlist: PlaylistType | "none";
  readonly playlistSize: number;
  readonly retention: RetentionLimits;
}

/** How to write. */
export interface SegmentsSinkOptions extends SegmentSettings {
  readonly log: WireLog;
}

interface Segmenter {
  take(record: SinkRecord, wallMs: number): void;
  poll(nowMs: number): void;
  close(): void;
}

interface SegmentTrack {
  readonly facts: TrackFacts;
  /** Null where the stream is not written; undefined before its first packets. */
  segmenter: Segmenter | null | undefined;
}

/**
 * Each stream in segments in a folder of its own: transport streams as .ts with a playlist, RTP without TS as pcap.
 * A segment is written under another name until it is whole.
 */
export class SegmentsSink implements PacketSink {
  readonly #options: SegmentsSinkOptions;
  readonly #retention: Retention;
  readonly #context: SegmentContext;
  readonly #counts: SegmentCounts = { segments: 0, packets: 0, bytes: 0, lost: 0, forced: 0 };
  readonly #tracks: (SegmentTrack | undefined)[] = [];
  readonly #segmenters = new Map<string, Segmenter>();
  readonly #folders = new Map<string, SegmentFolder>();
  /** Folders written to in this run. */
  readonly #used = new Set<SegmentFolder>();
  #nextRetentionMs = 0;
  #unwanted = 0;
  #told = false;

  /** Makes the folder, and takes up the segments of earlier runs; throws an environment error. */
  constructor(options: SegmentsSinkOptions) {
    this.#options = options;
    const { folder, limits, retention, log } = options;
    this.#retention = new Retention(retention, () => freeBytes(folder), log);
    const hasRoom = (): boolean => this.#retention.enforce(Date.now());
    this.#context = { limits, hasRoom, counts: this.#counts, log };
    try {
      mkdirSync(folder, { recursive: true });
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (!entry.isDirectory()) continue;
        const listed = listedIn(join(folder, entry.name));
        if (listed !== null && !this.#folders.has(listed.id)) this.#addFolder(listed.id, entry.name);
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw environmentError(
        "segments.folder",
        `Can't write segments to ${folder}: ${why}. Choose another folder with --segments (SEGMENTS).`,
        error,
      );
    }
  }

  track(index: number, facts: TrackFacts): void {
    this.#tracks[index] ??= { facts, segmenter: undefined };
  }

  take(record: SinkRecord): void {
    const track = this.#tracks[record.track];
    if (track === undefined) return;
    const { facts } = track;
    const wallMs =
      facts.wall && !Number.isNaN(record.firstSeconds)
        ? record.firstSeconds * 1000 + record.firstNs / 1e6
        : Date.now();
    track.segmenter ??= track.segmenter === undefined ? this.#segmenter(facts, record) : null;
    if (track.segmenter === null) this.#unwanted += record.packets;
    else track.segmenter.take(record, wallMs);
  }

  poll(nowMs: number): void {
    for (const segmenter of this.#segmenters.values()) segmenter.poll(nowMs);
    if (nowMs < this.#nextRetentionMs) return;
    this.#nextRetentionMs = nowMs + RETENTION_MS;
    this.#retention.enforce(Date.now());
  }

  figures(): SinkFigures {
    const { segments, packets, bytes, lost, forced } = this.#counts;
    const { deleted, deletedBytes, kept } = this.#retention;
    const keeps = `${counted(kept.segments, "segment")} of ${counted(kept.bytes, "octet")} kept`;
    const notes = [`${counted(segments, "segment")} written; ${keeps}.`];
    if (deleted > 0) {
      notes.push(`${counted(deleted, "old segment")} of ${counted(deletedBytes, "octet")} deleted.`);
    }
    if (forced > 0) notes.push(`${counted(forced, "segment")} ended without a place to start the next at.`);
    return { packets, bytes, lost, unwanted: this.#unwanted, files: [], notes };
  }

  close(): void {
    for (const segmenter of this.#segmenters.values()) segmenter.close();
    for (const folder of this.#used) folder.end();
    this.#retention.enforce(Date.now());
  }

  #segmenter(facts: TrackFacts, record: SinkRecord): Segmenter | null {
    const id = `${facts.probe}/${facts.stream}`;
    const known = this.#segmenters.get(id);
    if (known !== undefined) return known;
    const rtp = record.type === RECORD.rtp;
    if (!rtp && record.type !== RECORD.ts) return null;
    const folder = this.#segmenters.size < FILES_MAX ? this.#folderOf(id, facts) : null;
    if (folder === null) return null;
    this.#used.add(folder);
    const made = rtp
      ? new RtpSegmenter(this.#context, folder, streamInfoOf(facts), epochOf(record.firstSeconds, facts.wall))
      : new TsSegmenter(this.#context, folder, folder.hasHistory);
    this.#segmenters.set(id, made);
    return made;
  }

  /** The folder of a stream; null where there are too many, or the disk refuses it. */
  #folderOf(id: string, { probe, stream }: TrackFacts): SegmentFolder | null {
    const known = this.#folders.get(id);
    if (known !== undefined) return known;
    const taken = new Set([...this.#folders.values()].map(({ path }) => path));
    const names = [
      fileName(stream),
      fileName(`${probe}-${stream}`),
      `${fileName(stream)}-${this.#folders.size}`,
    ];
    const name = names.find((one) => !taken.has(join(this.#options.folder, one)));
    try {
      return name === undefined ? null : this.#addFolder(id, name);
    } catch (error) {
      if (!this.#told) {
        this.#told = true;
        this.#options.log("error", `Stream ${stream} is not written in segments: ${String(error)}.`, {
          stream,
        });
      }
      return null;
    }
  }

  #addFolder(id: string, name: string): SegmentFolder {
    const { folder, limits, playlist, playlistSize, log } = this.#options;
    const options: FolderOptions = {
      name: this.#options.name,
      playlist,
      targetSeconds: limits.seconds,
      playlistSize,
      log,
    };
    const made = new SegmentFolder(id, join(folder, name), options, this.#retention);
    this.#folders.set(id, made);
    return made;
  }
}
