import { statfsSync, unlinkSync } from "node:fs";
import type { WireLog } from "../../wire/log.ts";

/** How long segments are kept; 0 for no limit. */
export interface RetentionLimits {
  readonly maxAgeMs: number;
  /** Octets of all segments together. */
  readonly maxBytes: number;
  /** Octets to be left free on the disk. */
  readonly minFreeBytes: number;
}

/** Who has to know before a file is deleted. */
export interface SegmentOwner {
  /** The file is about to go: it is no longer named in a playlist. */
  forget(name: string): void;
}

/** A whole segment, or what an earlier run left of one. */
export interface KeptSegment {
  readonly path: string;
  /** In its owner's folder. */
  readonly name: string;
  readonly owner: SegmentOwner;
  readonly bytes: number;
  /** When it was last written to, in milliseconds of Unix time. */
  readonly endMs: number;
}

/** Octets free for this user on the disk of `folder`; infinite where that is not known. */
export function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Deletes the oldest segments of all streams when they are too old, too many, or the disk is too full. */
export class Retention {
  /** Segments deleted, and their octets. */
  deleted = 0;
  deletedBytes = 0;
  readonly #limits: RetentionLimits;
  readonly #free: () => number;
  readonly #log: WireLog;
  /** Oldest first. */
  #kept: KeptSegment[] = [];
  #bytes = 0;
  #told = false;

  constructor(limits: RetentionLimits, free: () => number, log: WireLog) {
    this.#limits = limits;
    this.#free = free;
    this.#log = log;
  }

  /** Segments that are kept, and their octets. */
  get kept(): { readonly segments: number; readonly bytes: number } {
    return { segments: this.#kept.length, bytes: this.#bytes };
  }

  /** Takes up a segment of now or of an earlier run. */
  add(segment: KeptSegment): void {
    let at = this.#kept.length;
    while (at > 0 && (this.#kept[at - 1]?.endMs ?? 0) > segment.endMs) at--;
    this.#kept.splice(at, 0, segment);
    this.#bytes += segment.bytes;
  }

  /** Deletes what is beyond the limits at `nowMs` of Unix time; true when the disk has room for more. */
  enforce(nowMs: number): boolean {
    const { maxAgeMs, maxBytes, minFreeBytes } = this.#limits;
    const tooOld = (): boolean => maxAgeMs > 0 && nowMs - (this.#kept[0]?.endMs ?? nowMs) > maxAgeMs;
    while (tooOld() || (maxBytes > 0 && this.#bytes > maxBytes)) if (!this.#deleteOldest()) break;
    if (minFreeBytes === 0) return true;
    while (this.#free() < minFreeBytes) if (!this.#deleteOldest()) return false;
    return true;
  }

  #deleteOldest(): boolean {
    const oldest = this.#kept.shift();
    if (oldest === undefined) return false;
    this.#bytes -= oldest.bytes;
    // A player must not find a name whose file has gone.
    oldest.owner.forget(oldest.name);
    try {
      unlinkSync(oldest.path);
      this.deleted++;
      this.deletedBytes += oldest.bytes;
    } catch (error) {
      // Somebody else may have deleted it; another reason is worth a line.
      const gone = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!gone && !this.#told) {
        this.#told = true;
        this.#log("warning", `Old segments can't be deleted: ${String(error)}.`, { path: oldest.path });
      }
    }
    return true;
  }
}
