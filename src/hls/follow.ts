import {
  durationSeconds,
  type InitSection,
  type MediaPlaylist,
  type Segment,
  type SegmentKey,
} from "./playlist.ts";
import type { Hit } from "./rules.ts";

/** Durations are sums of decimal fractions. */
const ROUNDING_SECONDS = 0.001;
/** By how much dates may differ from the durations between them (4.3.2.6 asks for no accuracy). */
const DATE_TOLERANCE_MS = 500;
/** New versions must come within this many target durations (RFC 8216, 6.2.1). */
const LATE_TARGETS = 1.5;
/** A removal must leave this many (6.2.2). */
const LEFT_TARGETS = 3;
/** Where no target duration is given, the playlist is loaded again after so long. */
const DEFAULT_TARGET_SECONDS = 2;
/** It is not loaded more often than this, whatever it says. */
const LEAST_RELOAD_MS = 500;
/** Segments that left the playlist and are still known: caches keep old copies for minutes. */
const MEMORY_SEGMENTS = 256;

/** What a newly loaded playlist brought. */
export interface PlaylistNews {
  /** It is not as it was before. */
  readonly changed: boolean;
  /** Segments that were not there before, in order. */
  readonly segments: readonly Segment[];
  /** The numbering began anew, so the new segments don't follow those before. */
  readonly restarted: boolean;
  /** Segments that came and went between two loads. */
  readonly passedOver: number;
}

/**
 * Follows a media playlist from version to version: what is new, what changed that must not (RFC 8216, 6.2.1
 * and 6.2.2), and when to load it again (6.3.4).
 */
export class PlaylistFollower {
  readonly #hit: Hit;
  #list: MediaPlaylist | null = null;
  /** Media sequence number of what was loaded last, taken or not. */
  #loadedSequence = 0;
  /** A version that may be of a packager that started again, until the next one tells. */
  #doubted: MediaPlaylist | null = null;
  /** Segments that the list named before, by media sequence number. */
  readonly #left = new Map<number, Segment>();
  /** Media sequence number after the last segment given out. */
  #next = 0;
  /** When the last new segment was seen first. */
  #seenMs = 0;
  #loadedMs = 0;
  #changed = true;
  #stale = false;
  /** The last date, and the seconds of segments since. */
  #dateMs = Number.NaN;
  #sinceDateMs = 0;

  constructor(hit: Hit) {
    this.#hit = hit;
  }

  /** The version loaded last. */
  get list(): MediaPlaylist | null {
    return this.#list;
  }

  /** The playlist has had no new segment for longer than it may. */
  get stale(): boolean {
    return this.#stale;
  }

  /** Whether the version loaded last still names the segment with this number. */
  lists(mediaSequence: number): boolean {
    const list = this.#list;
    return list !== null && mediaSequence >= list.mediaSequence && mediaSequence < endOf(list);
  }

  /**
   * Takes a version that was asked for at `askedMs` and was there at `loadedMs`, of one clock that only goes
   * forward.
   */
  take(list: MediaPlaylist, askedMs: number, loadedMs: number): PlaylistNews {
    const before = this.#list;
    const doubted = this.#doubted;
    const wentBack = before !== null && list.mediaSequence < this.#loadedSequence;
    this.#loadedMs = askedMs;
    this.#loadedSequence = list.mediaSequence;
    this.#doubted = null;
    if (before === null) return this.#accept(list, list.mediaSequence, false, loadedMs);
    if (wentBack) this.#hit("sequenceBack");
    if (this.#beginsAnew(list, before)) {
      if (doubted !== null && confirms(list, doubted))
        return this.#accept(list, doubted.mediaSequence, true, loadedMs);
      if (doubted === null && list.mediaSequence >= before.mediaSequence) this.#compare(list, before);
      this.#doubted = list;
      return this.#same(askedMs, before);
    }
    if (list.mediaSequence < before.mediaSequence) {
      if (endOf(list) <= this.#next) return this.#same(askedMs, before);
      return this.#accept(list, this.#next, false, loadedMs);
    }
    this.#compare(list, before);
    if (sameContent(list, before)) return this.#same(askedMs, before);
    return this.#accept(list, this.#next, false, loadedMs);
  }

  /** Milliseconds from `nowMs` to the next load, by 6.3.4. */
  reloadInMs(nowMs: number): number {
    const list = this.#list;
    const target = list === null ? DEFAULT_TARGET_SECONDS : list.targetSeconds || DEFAULT_TARGET_SECONDS;
    const wait = Math.max(LEAST_RELOAD_MS, target * 1000 * (this.#changed ? 1 : 0.5));
    return Math.max(0, this.#loadedMs + wait - nowMs);
  }

  /** A load failed: the next is tried after half a target duration, as if nothing had changed. */
  failed(askedMs: number): void {
    this.#loadedMs = askedMs;
    this.#changed = false;
  }

  /** There is nothing new in the version that was asked for at `askedMs`. */
  #same(askedMs: number, list: MediaPlaylist): PlaylistNews {
    this.#changed = false;
    this.#late(askedMs, list);
    return { changed: false, segments: [], restarted: false, passedOver: 0 };
  }

  /** A version without a new segment came: whether it should have had one by then (6.2.1). */
  #late(askedMs: number, list: MediaPlaylist): void {
    const late = askedMs - this.#seenMs > list.targetSeconds * 1000 * LATE_TARGETS;
    if (late && !this.#stale && list.targetSeconds > 0 && !list.ended) {
      this.#stale = true;
      this.#hit("stale");
    }
  }

  #accept(list: MediaPlaylist, next: number, restarted: boolean, loadedMs: number): PlaylistNews {
    const first = this.#list === null;
    this.#remember(list, restarted);
    this.#list = list;
    this.#changed = true;
    const segments = list.segments.filter(({ mediaSequence }) => mediaSequence >= next);
    if (segments.length > 0 || first) {
      this.#seenMs = loadedMs;
      this.#stale = false;
    } else {
      this.#late(this.#loadedMs, list);
    }
    // How long segments last that nobody saw is not known.
    if (restarted || list.mediaSequence > next) this.#dateMs = Number.NaN;
    for (const segment of segments) this.#judge(segment, list.targetSeconds);
    // A shorter version, which may be an old copy, does not take back what was given out.
    this.#next = restarted ? endOf(list) : Math.max(this.#next, endOf(list));
    return { changed: true, segments, restarted, passedOver: Math.max(0, list.mediaSequence - next) };
  }

  /** Keeps what `list` no longer names of the version before. */
  #remember(list: MediaPlaylist, restarted: boolean): void {
    const left = this.#left;
    if (restarted) left.clear();
    for (const segment of restarted ? [] : (this.#list?.segments ?? [])) {
      const { mediaSequence } = segment;
      if (mediaSequence >= list.mediaSequence && mediaSequence < endOf(list)) continue;
      left.delete(mediaSequence);
      left.set(mediaSequence, segment);
      const [oldest] = left.keys();
      if (left.size > MEMORY_SEGMENTS && oldest !== undefined) left.delete(oldest);
    }
  }

  /**
   * Whether the numbering of `list` went back to other segments than those that had its numbers; else it went on, or
   * is an old copy, as caches keep them.
   */
  #beginsAnew(list: MediaPlaylist, before: MediaPlaylist): boolean {
    if (list.mediaSequence >= before.mediaSequence && endOf(list) >= this.#next) return false;
    let known = 0;
    let other = 0;
    for (const segment of list.segments) {
      const old =
        before.segments[segment.mediaSequence - before.mediaSequence] ??
        this.#left.get(segment.mediaSequence);
      if (old === undefined) continue;
      if (sameResource(segment, old)) known++;
      else other++;
    }
    if (list.mediaSequence < before.mediaSequence) return other > 0 || known === 0;
    return known === 0 && other > 0;
  }

  #judge(segment: Segment, targetSeconds: number): void {
    const { durationSeconds: duration, discontinuity, dateMs } = segment;
    if (targetSeconds > 0 && Math.round(duration) > targetSeconds) this.#hit("overTarget");
    if (discontinuity) this.#dateMs = Number.NaN;
    if (!Number.isNaN(dateMs)) {
      const expectedMs = this.#dateMs + this.#sinceDateMs;
      if (Math.abs(dateMs - expectedMs) > DATE_TOLERANCE_MS) this.#hit("dateJump");
      this.#dateMs = dateMs;
      this.#sinceDateMs = 0;
    }
    this.#sinceDateMs += (duration || 0) * 1000;
  }

  #compare(list: MediaPlaylist, before: MediaPlaylist): void {
    if (list.targetSeconds !== before.targetSeconds) this.#hit("targetChanged");
    const removed = list.mediaSequence > before.mediaSequence;
    if (before.type === "EVENT" && removed) this.#hit("typeBroken");
    const left = durationSeconds(list.segments) + ROUNDING_SECONDS;
    if (removed && !list.ended && left < list.targetSeconds * LEFT_TARGETS) this.#hit("shortPlaylist");
    let changed = Math.max(0, endOf(before) - Math.max(endOf(list), list.mediaSequence));
    let renumbered = 0;
    const offset = list.mediaSequence - before.mediaSequence;
    for (let i = offset; i < before.segments.length; i++) {
      const old = before.segments[i];
      const now = list.segments[i - offset];
      if (old === undefined || now === undefined) break;
      if (!sameSegment(old, now) || !sameKey(old.key, now.key) || !sameMap(old.map, now.map)) changed++;
      else if (old.discontinuitySequence !== now.discontinuitySequence) renumbered++;
    }
    if (changed > 0) this.#hit("segmentChanged", changed);
    // One wrong number moves all that follow.
    if (renumbered > 0) this.#hit("discontinuitySequence");
  }
}

/** Media sequence number after the last segment of `list`. */
function endOf(list: MediaPlaylist): number {
  return list.mediaSequence + list.segments.length;
}

function sameSegment(a: Segment, b: Segment): boolean {
  return (
    a.uri === b.uri &&
    a.range?.offset === b.range?.offset &&
    a.range?.length === b.range?.length &&
    Object.is(a.durationSeconds, b.durationSeconds)
  );
}

function sameKey(a: SegmentKey | null, b: SegmentKey | null): boolean {
  if (a === null || b === null) return a === b;
  return a.method === b.method && a.uri === b.uri && a.format === b.format && `${a.iv}` === `${b.iv}`;
}

function sameMap(a: InitSection | null, b: InitSection | null): boolean {
  if (a === null || b === null) return a === b;
  return a.uri === b.uri && a.range?.offset === b.range?.offset && a.range?.length === b.range?.length;
}

function sameContent(a: MediaPlaylist, b: MediaPlaylist): boolean {
  return (
    a.mediaSequence === b.mediaSequence &&
    a.segments.length === b.segments.length &&
    a.ended === b.ended &&
    a.segments.every((segment, i) => {
      const other = b.segments[i];
      return other !== undefined && sameSegment(segment, other);
    })
  );
}

/** Whether `list` goes on from `doubted`, as what a packager makes does and an old copy does not. */
function confirms(list: MediaPlaylist, doubted: MediaPlaylist): boolean {
  if (list.mediaSequence < doubted.mediaSequence) return false;
  return endOf(list) > endOf(doubted) || list.ended;
}

/**
 * Whether two entries with the same number name the same media. A query may be a pass that is made anew for each
 * copy; a date tells the segments of two runs apart whose names are the same.
 */
function sameResource(a: Segment, b: Segment): boolean {
  return (
    withoutQuery(a.uri) === withoutQuery(b.uri) &&
    a.range?.offset === b.range?.offset &&
    !(Math.abs(a.dateMs - b.dateMs) > DATE_TOLERANCE_MS)
  );
}

function withoutQuery(uri: string): string {
  return uri.replace(/[?#].*$/s, "");
}
