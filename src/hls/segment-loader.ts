import { createDecipheriv, type Decipheriv } from "node:crypto";
import { resolveAddress } from "./address.ts";
import { SegmentRates } from "./bandwidth.ts";
import type { HttpClient } from "./http-client.ts";
import { InitSections, type LoadedInit, tablesIn } from "./init-section.ts";
import { Intake } from "./intake.ts";
import type { OctetQueue } from "./octet-queue.ts";
import type { InitSection, Segment, SegmentKey } from "./playlist.ts";
import type { Hit } from "./rules.ts";
import { type SegmentContent, stampSeconds } from "./segment-content.ts";

/** Larger segments are cut off: a server must not keep us with one for ever. */
const MAX_SEGMENT_OCTETS = 4 * 1024 ** 3;
/** Of a live playlist a segment may take so many times as long as it lasts, and this long in any case. */
const LIVE_DURATIONS = 10;
const LIVE_MIN_MS = 30_000;
/** Shorter segments are judged together: a single one's way to the server and back says nothing. */
const SLOW_TARGETS = 0.5;
/** A key of AES-128 (RFC 8216, 5). */
const KEY_OCTETS = 16;
/** More than a key is not read. */
const MAX_KEY_OCTETS = 1024;
/** Keys that are remembered: a playlist goes from one to the next. */
const MAX_KEYS = 16;
/** Differences between EXTINF and time stamps up to this are no fault. */
const DURATION_TOLERANCE_SECONDS = 0.1;
/** EXTINF in whole seconds is rounded by up to half of one. */
const ROUNDED_TOLERANCE_SECONDS = 0.6;
/** Time stamps that are off by more than this from where the segment before ended don't go on from it. */
const JUMP_SECONDS = 0.5;

/** What became of the segments so far. */
export interface SegmentTotals {
  loaded: number;
  /** Could not be loaded. */
  failed: number;
  /** Left the playlist before they were loaded. */
  passedOver: number;
  /** Marked as missing by EXT-X-GAP. */
  gaps: number;
  /** Loaded or listed, but no transport stream that can be read. */
  leftOut: number;
  /** EXT-X-DISCONTINUITY. */
  discontinuities: number;
}

/** What the segment before held, for what must go on from it. */
interface Before {
  readonly pid: number;
  readonly endSeconds: number;
  readonly streams: string | null;
}

/** A segment that does not last as long as its EXTINF says, unless the next one begins then. */
interface DoubtfulDuration {
  readonly pid: number;
  readonly presentedSeconds: number;
  readonly saidSeconds: number;
  readonly tolerance: number;
  /** Wrong by more than the last access unit may last, so that it needs no next segment to tell. */
  readonly sure: boolean;
}

/** What a segment is judged by beside itself. */
export interface SegmentPlace {
  /** Of the playlist that lists it. */
  readonly base: URL;
  readonly targetSeconds: number;
  /** The playlist goes on: a slow download makes a player stop. */
  readonly live: boolean;
  /** The playlist was complete from the start. */
  readonly complete: boolean;
  /** BANDWIDTH of its variant in bits per second; 0 for none. */
  readonly bandwidthBps: number;
  /** Whether the playlist lists it still, as it was loaded last. */
  readonly listed: () => boolean;
}

/** Loads segments one after the other into the queue, and judges what they hold. */
export class SegmentLoader {
  readonly rates = new SegmentRates();
  readonly totals: SegmentTotals = {
    loaded: 0,
    failed: 0,
    passedOver: 0,
    gaps: 0,
    leftOut: 0,
    discontinuities: 0,
  };
  /** Why the last segment that was left out was: `fragmented MP4`. */
  foreign = "";
  /** Why the last segment that failed did, a clause. */
  trouble = "";
  readonly #client: HttpClient;
  readonly #queue: OctetQueue;
  readonly #hit: Hit;
  readonly #keys = new Map<string, Uint8Array>();
  readonly #inits: InitSections;
  /** The last one that was put into the queue, for segments without tables of their own. */
  #init: LoadedInit | null = null;
  #before: Before | null = null;
  #doubtful: DoubtfulDuration | null = null;
  /** Seconds of media that are missing before what comes next; negative where nothing is to be cut. */
  #missingSeconds = -1;
  /** Segments of a live playlist that are too short to tell whether they came too slowly. */
  #short = { segments: 0, seconds: 0, tookMs: 0 };

  constructor(client: HttpClient, queue: OctetQueue, hit: Hit) {
    this.#client = client;
    this.#queue = queue;
    this.#hit = hit;
    this.#inits = new InitSections(client);
  }

  /** What comes next does not follow: `seconds` of media are missing. */
  cut(seconds: number): void {
    this.#missingSeconds = Math.max(0, this.#missingSeconds) + (seconds || 0);
    this.#before = null;
    this.#short = { segments: 0, seconds: 0, tookMs: 0 };
    this.finish();
    this.rates.gap();
  }

  /** Loads `segment` to its end; what goes wrong is counted. */
  async load(segment: Segment, place: SegmentPlace): Promise<void> {
    if (segment.discontinuity) {
      this.totals.discontinuities++;
      this.cut(0);
    }
    if (segment.gap) {
      this.totals.gaps++;
      this.#hit("gap");
      this.cut(segment.durationSeconds);
      return;
    }
    const address = resolveAddress(segment.uri, place.base);
    if (address === null) {
      this.#failed(segment, "its address is none that can be fetched");
      return;
    }
    const init = segment.map === null ? null : await this.#initSection(segment, segment.map, place.base);
    if (init === "unknown") return;
    const cipher = await this.#cipher(segment, place.base);
    if (cipher === "unknown") return;
    const intake = new Intake(this.#queue, cipher, (head) => this.#enqueue(head, init));
    // What takes so much longer than it lasts is of no use to anybody.
    const mostMs = place.live
      ? Math.max(LIVE_MIN_MS, segment.durationSeconds * 1000 * LIVE_DURATIONS || 0)
      : undefined;
    const take = (piece: Uint8Array): Promise<void> | void => intake.take(piece);
    const end = await this.#client.pieces(address, segment.range, MAX_SEGMENT_OCTETS, take, mostMs);
    if (!end.ok) {
      if (this.#client.stopped) return;
      this.#broken(segment, place, end.status, end.why);
      return;
    }
    if (!(await intake.end())) {
      this.totals.leftOut++;
      this.#hit("key");
      this.cut(0);
      return;
    }
    if (intake.format !== "transport stream") {
      this.#leftOut(segment, intake.format);
      return;
    }
    this.totals.loaded++;
    if (place.live) this.#judgeTime(segment.durationSeconds, end.durationMs, place.targetSeconds);
    this.#judge(segment, place, end.octets, intake.content);
  }

  /**
   * Before the first octets of a segment, `head`, go into the queue: whether they follow the last. Returns the tables that
   * come before them by EXT-X-MAP, where the segment has none there (RFC 8216, 3.2).
   */
  #enqueue(head: Uint8Array, init: LoadedInit | null): Uint8Array | null {
    const tables = init === null ? null : tablesIn(head);
    // A decoder gets the section again where it starts anew, or where another one comes in force.
    const needed = init !== null && tables !== null && !tables.any;
    if (needed && this.#init !== init) this.#missingSeconds = Math.max(0, this.#missingSeconds);
    if (this.#missingSeconds >= 0) {
      this.#queue.cut(this.#missingSeconds);
      this.#missingSeconds = -1;
      this.#init = null;
    }
    if (needed && this.#init === null) {
      this.#init = init;
      // Small enough to wait beside any segment.
      void this.#queue.put(init.octets);
    }
    return init === null || tables?.first === true ? null : init.octets;
  }

  /** What EXT-X-MAP names; "unknown" where the segment is of no use with it or without, which is counted. */
  async #initSection(segment: Segment, map: InitSection, base: URL): Promise<LoadedInit | "unknown"> {
    const cipherOf = async (key: SegmentKey): Promise<Decipheriv | null> => {
      // Nothing but its IV tells where a section begins that has no number (4.3.2.5).
      const secret = key.format === "identity" && key.iv !== null ? await this.#key(key, base) : null;
      return secret === null ? null : createDecipheriv("aes-128-cbc", secret, key.iv);
    };
    const read = await this.#inits.load(map, base, cipherOf);
    if ("why" in read) {
      if (!this.#client.stopped) this.#failed(segment, read.why);
      return "unknown";
    }
    if (read.format === "transport stream") return read;
    this.#leftOut(segment, read.format);
    return "unknown";
  }

  #broken(segment: Segment, place: SegmentPlace, status: number, why: string): void {
    const gone = status === 404 || status === 410;
    if (gone && place.live && !place.listed()) {
      this.totals.passedOver++;
      this.#hit("segmentsPassed");
      this.cut(segment.durationSeconds);
    } else {
      this.#failed(segment, why);
    }
  }

  #failed(segment: Segment, why: string): void {
    this.trouble = why;
    this.totals.failed++;
    this.#hit("segmentMissing");
    this.cut(segment.durationSeconds);
  }

  #leftOut(segment: Segment, format: string): void {
    this.foreign = format;
    this.totals.leftOut++;
    this.#hit("format");
    this.cut(segment.durationSeconds);
  }

  #judgeTime(seconds: number, tookMs: number, targetSeconds: number): void {
    const short = this.#short;
    short.segments++;
    short.seconds += seconds || 0;
    short.tookMs += tookMs;
    if (short.seconds < targetSeconds * SLOW_TARGETS) return;
    if (short.tookMs > short.seconds * 1000) this.#hit("slow", short.segments);
    this.#short = { segments: 0, seconds: 0, tookMs: 0 };
  }

  #judge(segment: Segment, place: SegmentPlace, octets: number, content: SegmentContent): void {
    const largest = this.rates.add(octets, segment.durationSeconds, place.targetSeconds);
    // BANDWIDTH must be the peak where all segments were there already, else it should be a likely one (4.3.4.2).
    if (place.bandwidthBps > 0 && largest > place.bandwidthBps)
      this.#hit(place.complete ? "bandwidth" : "liveBandwidth");
    const { programs, streams, late } = content;
    if (programs === 0 || streams === null) this.#hit("noTables");
    else if (late) this.#hit("lateTables");
    if (programs > 1) this.#hit("programs");
    if (!late && content.pictures > 0 && content.entryPoints === 0) this.#hit("noEntryPoint");
    const before = this.#before;
    if (before !== null && streams !== null && before.streams !== null && streams !== before.streams) {
      this.#hit("streamsChanged");
    }
    const times = content.times();
    this.#before = null;
    if (times === null) return;
    const { pid, firstSeconds, presentedSeconds, durationSeconds, shownSeconds, stepSeconds } = times;
    if (before !== null && before.pid === pid) {
      const off = stampSeconds(firstSeconds, before.endSeconds);
      if (Math.abs(off) > JUMP_SECONDS) this.#hit("timestampJump");
    }
    this.#settleDuration(pid, presentedSeconds);
    const tolerance = segment.wholeSeconds ? ROUNDED_TOLERANCE_SECONDS : DURATION_TOLERANCE_SECONDS;
    const saidSeconds = segment.durationSeconds;
    const nearest = Math.min(...[durationSeconds, shownSeconds].map((each) => Math.abs(each - saidSeconds)));
    if (nearest > tolerance)
      this.#doubtful = {
        pid,
        presentedSeconds,
        saidSeconds,
        tolerance,
        sure: nearest > tolerance + stepSeconds,
      };
    this.#before = { pid, endSeconds: firstSeconds + durationSeconds, streams };
  }

  /** Nothing more comes: what was to be told by the segment after is told without. */
  finish(): void {
    this.#settleDuration(-1, Number.NaN);
  }

  /**
   * Pictures that come after a segment's last one may be shown before it, so that packagers count from its first picture
   * to the first of the next. An EXTINF that fits neither way is wrong.
   */
  #settleDuration(pid: number, presentedSeconds: number): void {
    const doubtful = this.#doubtful;
    this.#doubtful = null;
    if (doubtful === null) return;
    const toNextSeconds = stampSeconds(presentedSeconds, doubtful.presentedSeconds);
    const wrong =
      pid === doubtful.pid
        ? Math.abs(toNextSeconds - doubtful.saidSeconds) > doubtful.tolerance
        : doubtful.sure;
    if (wrong) this.#hit("duration");
  }

  /** How to decrypt `segment`: null where it is not encrypted, "unknown" where it can't be, which is counted. */
  async #cipher(segment: Segment, base: URL): Promise<Decipheriv | null | "unknown"> {
    const { key } = segment;
    if (key === null) return null;
    if (key.method === "SAMPLE-AES") {
      // Packets and headers stand as they are; only what the samples hold is encrypted.
      this.#hit("sampleEncrypted");
      return null;
    }
    if (key.method !== "AES-128" || key.format !== "identity") {
      this.#leftOut(segment, `encrypted by ${key.method} with keys of the form ${key.format}`);
      return "unknown";
    }
    const secret = await this.#key(key, base);
    if (secret === null) {
      if (this.#client.stopped) return "unknown";
      this.totals.leftOut++;
      this.#hit("key");
      this.cut(segment.durationSeconds);
      return "unknown";
    }
    return createDecipheriv("aes-128-cbc", secret, key.iv ?? sequenceIv(segment.mediaSequence));
  }

  async #key(key: SegmentKey, base: URL): Promise<Uint8Array | null> {
    const address = resolveAddress(key.uri, base);
    if (key.uri === "" || address === null) return null;
    const known = this.#keys.get(address.href);
    if (known !== undefined) return known;
    const read = await this.#client.whole(address, MAX_KEY_OCTETS);
    if (!read.ok) {
      this.trouble = `the key: ${read.why}`;
      return null;
    }
    if (read.octets.length !== KEY_OCTETS) {
      this.trouble = `the key has ${read.octets.length} octets, not ${KEY_OCTETS}`;
      return null;
    }
    const [oldest] = this.#keys.keys();
    if (this.#keys.size === MAX_KEYS && oldest !== undefined) this.#keys.delete(oldest);
    this.#keys.set(address.href, read.octets);
    return read.octets;
  }
}

/** The media sequence number as a big-endian integer of 128 bits (RFC 8216, 5.2). */
function sequenceIv(mediaSequence: number): Uint8Array {
  const iv = new Uint8Array(KEY_OCTETS);
  new DataView(iv.buffer).setBigUint64(8, BigInt(mediaSequence));
  return iv;
}
