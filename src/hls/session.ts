import type { RscapError } from "../report/error.ts";
import { type Finding, findingsOf } from "../report/finding.ts";
import type { HlsReport } from "../report/hls-schema.ts";
import type { Epoch } from "../report/time.ts";
import { hlsError, resolveAddress, shownAddress } from "./address.ts";
import { boundedPlaylist, MAX_SEGMENTS, type RefusedPlaylist } from "./bounds.ts";
import { PlaylistFollower } from "./follow.ts";
import { HttpClient, type HttpOptions } from "./http-client.ts";
import { lintPlaylist } from "./lint.ts";
import { OctetQueue } from "./octet-queue.ts";
import { pause } from "./patience.ts";
import type { MasterPlaylist, MediaPlaylist, Playlist, Segment, Variant } from "./playlist.ts";
import { type HlsRule, hlsCounters } from "./rules.ts";
import { SegmentLoader } from "./segment-loader.ts";
import { chooseVariant } from "./variant-choice.ts";

/** A day of segments of two seconds takes 5 MB. */
const MAX_PLAYLIST_OCTETS = 32 * 1024 * 1024;
/** Loads in a row that may fail before a replay gives up; a probe goes on. */
const MAX_FAILURES = 6;
/** Segments in a row that may be no transport stream before the first one that is. */
const MAX_FOREIGN = 5;
/** A player that joins starts no nearer to the end than this many target durations (RFC 8216, 6.3.3). */
const START_TARGETS = 3;

/** How long after a playlist was loaded its new segments are asked for, at most. */
const SEGMENT_WAIT_MS = 20;

/** Takes a sentence for people. */
export type HlsLog = (level: "info" | "warning", message: string) => void;

/** How a playlist is followed. */
export interface HlsOptions extends Omit<HttpOptions, "stop"> {
  /** See `chooseVariant`. */
  readonly variant: string;
  /** As a player that joins: from near the end, and on for as long as it takes. Else from the first segment. */
  readonly live: boolean;
  /** For what goes wrong and right again on the way; sentences. */
  readonly log: HlsLog;
}

/** A playlist as it was loaded, or why there is none. */
interface Loaded {
  readonly list: Playlist | RefusedPlaylist;
  readonly text: string;
  /** After redirections: what the addresses in it are relative to. */
  readonly base: URL;
}

/** A segment that is to be loaded. */
interface Pending {
  readonly segment: Segment;
  /** Of the version that listed it first. */
  readonly base: URL;
  /** It does not follow the one before, though the playlist does not say so. */
  apart: boolean;
}

/** Loads a playlist and its segments, follows it to its end, and knows all that was found on the way. */
export class HlsSession {
  /** As it was given. */
  readonly address: URL;
  readonly queue = new OctetQueue();
  readonly #options: HlsOptions;
  readonly #stop = new AbortController();
  readonly #client: HttpClient;
  readonly #counters = hlsCounters();
  readonly #follower: PlaylistFollower;
  readonly #loader: SegmentLoader;
  /** Rules that the version before broke as a whole. */
  #standing = new Set<HlsRule>();
  /** Media sequence number of the last segment whose lines were looked at. */
  #linted = Number.NEGATIVE_INFINITY;
  #media: URL;
  #variants: readonly Variant[] = [];
  #variant = -1;
  #renditions: readonly string[] = [];
  #loads = 0;
  #failures = 0;
  #failuresInRow = 0;
  #pending: Pending[] = [];
  #lastSequence = -1;
  /** It was complete from the start. */
  #complete = false;
  /** All of its segments were asked for so far, from its first one. */
  #whole = false;
  #nowNs: () => number = () => Number.NaN;

  constructor(address: URL, options: HlsOptions) {
    this.address = address;
    this.#media = address;
    this.#options = options;
    this.#client = new HttpClient({ ...options, stop: this.#stop.signal });
    const hit = (rule: HlsRule, n = 1): void => this.#counters[rule].hit(this.#nowNs(), n);
    this.#follower = new PlaylistFollower(hit);
    this.#loader = new SegmentLoader(this.#client, this.queue, hit);
  }

  /** Whether the playlist is complete: no further version is to come. */
  get ended(): boolean {
    return this.#follower.list?.ended === true;
  }

  /** More media waits than a player that joined near the end would have: it may be played a little faster. */
  get behind(): boolean {
    const list = this.#follower.list;
    if (list === null || list.ended || list.targetSeconds === 0) return false;
    const { meanBps } = this.#loader.rates;
    const waiting = meanBps > 0 ? (this.queue.waiting * 8) / meanBps : 0;
    const pending = this.#pending.reduce((sum, { segment }) => sum + (segment.durationSeconds || 0), 0);
    return waiting + pending > list.targetSeconds * (START_TARGETS + 1);
  }

  /** `nowNs` tells the time of the media that was given out last, for findings. */
  clock(nowNs: () => number): void {
    this.#nowNs = nowNs;
  }

  /**
   * Loads the playlist, chooses the variant, and begins to load segments. Rejects with an RscapError where there
   * is nothing to begin with.
   */
  async start(): Promise<void> {
    let askedMs = performance.now();
    let { list, base } = await this.#first(this.address);
    if (list.kind === "master") {
      this.#variants = list.variants;
      this.#renditions = list.renditions;
      if (list.renditions.length > 0) this.#hit("notFetched", list.renditions.length);
      this.#variant = chooseVariant(list.variants, this.#options.variant);
      const uri = list.variants[this.#variant]?.uri ?? "";
      const media = resolveAddress(uri, base);
      if (media === null)
        throw hlsError("hls-address", this.address, `the variant's address "${uri}" can't be fetched.`);
      this.#media = media;
      askedMs = performance.now();
      ({ list, base } = await this.#first(media));
    }
    if (list.kind !== "media") {
      throw hlsError(
        "hls-not-a-playlist",
        this.#media,
        "expected a media playlist, found a master playlist in its place.",
      );
    }
    if (list.iFramesOnly) {
      throw hlsError(
        "hls-i-frames-only",
        this.#media,
        "this playlist lists I-frames only (EXT-X-I-FRAMES-ONLY), for fast forward; give the address of the stream.",
      );
    }
    const { segments } = this.#follower.take(list, askedMs, performance.now());
    this.#complete = list.ended;
    const near = this.#options.live && !list.ended;
    this.#add(near ? fromNearEnd(segments, list.targetSeconds) : segments, base, false);
    this.#whole = list.ended || (list.mediaSequence === 0 && this.#pending.length === segments.length);
    this.#run().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : "for no reason given";
      this.queue.end(hlsError("hls-failed", this.#media, `it could not be followed any further: ${why}.`));
    });
  }

  /** The error for a playlist that brought no octet at all. */
  nothing(): RscapError {
    const { totals, foreign, trouble } = this.#loader;
    if (totals.leftOut > 0 && foreign !== "") {
      return hlsError(
        "hls-not-ts",
        this.#media,
        `expected segments of MPEG-2 transport stream, found: ${foreign}. rscap analyses transport streams only; ` +
          "choose a variant or an output of the packager that has them.",
      );
    }
    if (totals.failed + totals.leftOut > 0) {
      return hlsError(
        "hls-no-segment",
        this.#media,
        `no segment could be loaded: ${trouble || "see the server's log"}.`,
      );
    }
    return hlsError("hls-empty", this.#media, "the playlist lists no segment.");
  }

  /** What was found, and how loading went, by now. */
  report(epoch: Epoch): { hls: HlsReport; findings: Finding[] } {
    const { totals, rates, foreign } = this.#loader;
    const list = this.#follower.list;
    const variant = this.#variants[this.#variant];
    return {
      hls: {
        address: shownAddress(this.address),
        playlist: shownAddress(this.#media),
        type: this.#complete ? "vod" : list?.type === "EVENT" ? "event" : "live",
        ended: this.ended,
        variant:
          variant === undefined
            ? null
            : {
                number: this.#variant + 1,
                of: this.#variants.length,
                bandwidthBps: variant.bandwidthBps,
                averageBandwidthBps: variant.averageBandwidthBps,
                resolution: variant.width > 0 ? `${variant.width}x${variant.height}` : "",
                codecs: variant.codecs,
              },
        renditions: [...this.#renditions],
        targetDurationSeconds: list?.targetSeconds ?? 0,
        mediaSequence: this.#lastSequence < 0 ? null : this.#lastSequence,
        segments: { ...totals },
        foreign,
        bytes: this.queue.received,
        peakBps: rates.peakBps,
        meanBps: rates.meanBps,
        playlistLoads: this.#loads,
        playlistFailures: this.#failures,
        retries: this.#client.retries,
        redirections: this.#client.redirections,
      },
      findings: findingsOf(Object.values(this.#counters), "input", epoch),
    };
  }

  /** Ends all loading at once. */
  close(): void {
    this.#stop.abort();
    this.queue.end(null);
  }

  #hit(rule: HlsRule, n = 1): void {
    this.#counters[rule].hit(this.#nowNs(), n);
  }

  /** The playlist at `address`, which must be there. */
  async #first(address: URL): Promise<{ list: MediaPlaylist | MasterPlaylist; base: URL }> {
    const { list, text, base } = await this.#load(address);
    if (list.kind === "failed")
      throw hlsError("hls-unavailable", address, `the playlist can't be loaded: ${list.why}.`);
    if (list.kind !== "unreadable") {
      this.#lint(text, list.kind === "media" ? list : null);
      return { list, base };
    }
    throw hlsError(
      "hls-not-a-playlist",
      address,
      `expected an HLS playlist, found something else: ${list.why}.`,
    );
  }

  async #load(address: URL): Promise<Loaded> {
    const read = await this.#client.whole(address, MAX_PLAYLIST_OCTETS);
    if (!read.ok) {
      if (!this.#client.stopped) this.#failures++;
      return { list: { kind: "failed", why: read.why }, text: "", base: address };
    }
    this.#loads++;
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(read.octets);
    const list = boundedPlaylist(text);
    const named = [address, read.address].some(({ pathname }) => /\.m3u8?$/i.test(pathname));
    if (list.kind === "unreadable") this.#hit("unreadable");
    else if (!named && !isPlaylistType(read.contentType)) this.#hitOnce("contentType");
    if (list.kind === "failed") this.#failures++;
    return { list, text, base: read.address };
  }

  /** Each segment's faults count once, those of the playlist as a whole once for as long as they stand. */
  #lint(text: string, list: MediaPlaylist | null): void {
    const standing = new Set<HlsRule>();
    const base = list?.mediaSequence ?? 0;
    for (const { rule, segment } of lintPlaylist(text)) {
      if (segment < 0 || list === null) {
        if (segment >= 0 || !this.#standing.has(rule)) this.#hit(rule);
        if (segment < 0) standing.add(rule);
      } else if (base + segment > this.#linted) {
        this.#hit(rule);
      }
    }
    this.#standing = standing;
    if (list !== null) this.#linted = Math.max(this.#linted, base + list.segments.length - 1);
  }

  #hitOnce(rule: HlsRule): void {
    if (this.#counters[rule].count === 0) this.#hit(rule);
  }

  /** Playlist and segments, side by side, until one of them ends. */
  async #run(): Promise<void> {
    const following = this.#follow();
    await this.#loadSegments();
    await following;
    this.#loader.finish();
    this.#judgeAverage();
    this.queue.end(null);
  }

  /** AVERAGE-BANDWIDTH is of all segments (RFC 8216, 4.1, 4.3.4.2): a part of them tells nothing of it. */
  #judgeAverage(): void {
    const average = this.#variants[this.#variant]?.averageBandwidthBps ?? 0;
    const { totals, rates } = this.#loader;
    const missing = totals.failed + totals.passedOver + totals.leftOut + totals.gaps;
    const all = this.#whole && this.ended && missing === 0 && !this.#stop.signal.aborted;
    if (all && average > 0 && rates.meanBps > average) this.#hit("averageBandwidth");
  }

  async #follow(): Promise<void> {
    const stop = this.#stop.signal;
    while (!this.ended && !stop.aborted) {
      await pause(this.#follower.reloadInMs(performance.now()), stop);
      if (stop.aborted) return;
      const askedMs = performance.now();
      const { list: read, text, base } = await this.#load(this.#media);
      if (stop.aborted) return;
      if (read.kind !== "media") {
        if (read.kind === "master") this.#lint(text, null);
        this.#reloadFailed(read.kind === "master" ? "it is a master playlist now" : read.why, askedMs);
        if (read.kind === "failed") this.#hit("unavailable");
        if (this.#failuresInRow >= MAX_FAILURES && !this.#options.live) {
          const why = read.kind === "master" ? "it is a master playlist now" : read.why;
          this.queue.end(
            hlsError("hls-unavailable", this.#media, `the playlist can't be loaded any more: ${why}.`),
          );
          this.#stop.abort();
        }
        continue;
      }
      if (this.#failuresInRow > 0)
        this.#options.log("info", `${shownAddress(this.#media)} can be loaded again.`);
      this.#failuresInRow = 0;
      const wasStale = this.#follower.stale;
      const { segments, restarted, passedOver } = this.#follower.take(read, askedMs, performance.now());
      if (this.#follower.stale !== wasStale) this.#tellStale(wasStale);
      if (passedOver > 0) {
        this.#hit("segmentsPassed", passedOver);
        this.#loader.totals.passedOver += passedOver;
      }
      if (restarted) {
        this.#whole = false;
        this.#linted = Number.NEGATIVE_INFINITY;
      }
      this.#lint(text, read);
      this.#add(segments, base, restarted || passedOver > 0);
      this.#passOver(this.#pending.length - MAX_SEGMENTS);
    }
  }

  /** Has `segments` loaded, of the version at `base`; `apart` where they don't follow those before. */
  #add(segments: readonly Segment[], base: URL, apart: boolean): void {
    for (const [i, segment] of segments.entries())
      this.#pending.push({ segment, base, apart: apart && i === 0 });
  }

  /** Gives up the oldest `count` segments that wait: a server must not fill our memory. */
  #passOver(count: number): void {
    if (count <= 0) return;
    this.#pending.splice(0, count);
    const [next] = this.#pending;
    if (next !== undefined) next.apart = true;
    this.#hit("segmentsPassed", count);
    this.#loader.totals.passedOver += count;
  }

  #tellStale(before: boolean): void {
    const name = shownAddress(this.#media);
    if (before) this.#options.log("info", `${name} has new segments again.`);
    else this.#options.log("warning", `${name} has had no new segment for more than 1.5 target durations.`);
  }

  #reloadFailed(why: string, askedMs: number): void {
    this.#follower.failed(askedMs);
    this.#failuresInRow++;
    if (this.#failuresInRow === 1) {
      this.#options.log(
        "warning",
        `${shownAddress(this.#media)} can't be loaded: ${why}. It is tried again.`,
      );
    }
  }

  async #loadSegments(): Promise<void> {
    const stop = this.#stop.signal;
    while (!stop.aborted) {
      const pending = this.#pending.shift();
      if (pending === undefined) {
        if (this.ended) return;
        await pause(SEGMENT_WAIT_MS, stop);
        continue;
      }
      const { segment, base, apart } = pending;
      if (apart) this.#loader.cut(0);
      await this.#loader.load(segment, {
        base,
        targetSeconds: this.#follower.list?.targetSeconds ?? 0,
        live: !this.ended,
        complete: this.#complete,
        bandwidthBps: this.#variants[this.#variant]?.bandwidthBps ?? 0,
        listed: () => this.#follower.lists(segment.mediaSequence),
      });
      this.#lastSequence = segment.mediaSequence;
      const { loaded, leftOut } = this.#loader.totals;
      if (loaded === 0 && leftOut >= MAX_FOREIGN) {
        this.queue.end(this.nothing());
        this.#stop.abort();
      }
    }
  }
}

function isPlaylistType(contentType: string): boolean {
  return /^\s*(application\/vnd\.apple\.mpegurl|audio\/mpegurl)\s*(;|$)/i.test(contentType);
}

/** The last of `segments` that last three target durations together, as 6.3.3 has a player begin. */
function fromNearEnd(segments: readonly Segment[], targetSeconds: number): Segment[] {
  let from = segments.length;
  let seconds = 0;
  while (from > 0 && seconds < targetSeconds * START_TARGETS) {
    from--;
    seconds += segments[from]?.durationSeconds || 0;
  }
  return segments.slice(from);
}
