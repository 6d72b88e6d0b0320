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

/** A stream that is silent for this long gives its place to another, where all are taken. */
const SILENT_MS = 60_000;
/** Time until a place is looked for again. */
const RETRY_MS = 10_000;

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
  /** Of its first packets; others are not taken for such. */
  type: number;
  /** Null before the first packets, and as long as there is no place for the stream. */
  place: Place | null;
  /** When a place is looked for again. */
  retryMs: number;
}

/** What writes a stream, and when it was last given something. */
interface Place {
  readonly segmenter: Segmenter;
  lastMs: number;
  gone: boolean;
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
  /** By stream, and TS or RTP: a sender that goes on with other contents begins other segments. */
  readonly #places = new Map<string, Place>();
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
    this.#tracks[index] ??= { facts, type: RECORD.none, place: null, retryMs: Number.NEGATIVE_INFINITY };
  }

  take(record: SinkRecord): void {
    const track = this.#tracks[record.track];
    if (track === undefined) return;
    const { facts } = track;
    const wallMs =
      facts.wall && !Number.isNaN(record.firstSeconds)
        ? record.firstSeconds * 1000 + record.firstNs / 1e6
        : Date.now();
    const nowMs = performance.now();
    if (track.type === RECORD.none) track.type = record.type;
    if (track.place === null || track.place.gone) track.place = this.#placeOf(track, record, nowMs);
    const { place } = track;
    if (place === null || record.type !== track.type) {
      this.#unwanted += record.packets;
      return;
    }
    place.lastMs = nowMs;
    place.segmenter.take(record, wallMs);
  }

  poll(nowMs: number): void {
    for (const { segmenter } of this.#places.values()) segmenter.poll(nowMs);
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
    for (const { segmenter } of this.#places.values()) segmenter.close();
    for (const folder of this.#used) folder.end();
    this.#retention.enforce(Date.now());
  }

  #placeOf(track: SegmentTrack, record: SinkRecord, nowMs: number): Place | null {
    const rtp = record.type === RECORD.rtp;
    if ((!rtp && record.type !== RECORD.ts) || nowMs < track.retryMs) return null;
    const { facts } = track;
    const id = `${facts.probe}/${facts.stream}`;
    const key = `${rtp ? "rtp" : "ts"} ${id}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const folder = this.#hasPlace(nowMs) ? this.#folderOf(id, facts) : null;
    if (folder === null) {
      track.retryMs = nowMs + RETRY_MS;
      return null;
    }
    this.#used.add(folder);
    const segmenter = rtp
      ? new RtpSegmenter(this.#context, folder, streamInfoOf(facts), epochOf(record.firstSeconds, facts.wall))
      : new TsSegmenter(this.#context, folder, folder.hasHistory);
    const made: Place = { segmenter, lastMs: nowMs, gone: false };
    this.#places.set(key, made);
    return made;
  }

  /** Where all places are taken, the stream that is silent for longest gives way. */
  #hasPlace(nowMs: number): boolean {
    if (this.#places.size < FILES_MAX) return true;
    let oldest = nowMs - SILENT_MS;
    let silent: string | null = null;
    for (const [key, { lastMs }] of this.#places) {
      if (lastMs > oldest) continue;
      oldest = lastMs;
      silent = key;
    }
    const place = silent === null ? undefined : this.#places.get(silent);
    if (silent === null || place === undefined) return false;
    place.segmenter.close();
    place.gone = true;
    this.#places.delete(silent);
    return true;
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
