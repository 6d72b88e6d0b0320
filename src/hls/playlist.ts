/** A part of a resource (EXT-X-BYTERANGE), in octets. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** How a segment is encrypted (RFC 8216, 4.3.2.4). */
export interface SegmentKey {
  /** `AES-128`, `SAMPLE-AES` or whatever else stands there; `NONE` is given as no key. */
  readonly method: string;
  /** As it stands in the playlist; empty where there is none. */
  readonly uri: string;
  /** 16 octets, or null: the media sequence number then takes its place. */
  readonly iv: Uint8Array | null;
  /** KEYFORMAT; `identity` unless told. */
  readonly format: string;
}

/** What comes before segments that need it (EXT-X-MAP; RFC 8216, 3.2 and 4.3.2.5). */
export interface InitSection {
  /** As it stands in the playlist. */
  readonly uri: string;
  readonly range: ByteRange | null;
  readonly key: SegmentKey | null;
}

/** One media segment of a playlist (RFC 8216, 3 and 4.3.2). */
export interface Segment {
  /** As it stands in the playlist. */
  readonly uri: string;
  readonly mediaSequence: number;
  /** Number of discontinuities before it, of the whole presentation (6.2.1). */
  readonly discontinuitySequence: number;
  /** EXT-X-DISCONTINUITY stands before it. */
  readonly discontinuity: boolean;
  /** EXTINF; NaN where it is missing or no number. */
  readonly durationSeconds: number;
  /** EXTINF is written without a fraction. */
  readonly wholeSeconds: boolean;
  readonly range: ByteRange | null;
  readonly key: SegmentKey | null;
  readonly map: InitSection | null;
  /** EXT-X-GAP: it is known to be missing. */
  readonly gap: boolean;
  /** EXT-X-PROGRAM-DATE-TIME of its first sample in milliseconds since 1970; NaN for none. */
  readonly dateMs: number;
}

/** A media playlist (RFC 8216, 4.3.3). */
export interface MediaPlaylist {
  readonly kind: "media";
  /** 0 where it is missing. */
  readonly targetSeconds: number;
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  /** Nothing more is to come: it has EXT-X-ENDLIST, or is of type VOD. */
  readonly ended: boolean;
  readonly type: "VOD" | "EVENT" | null;
  readonly iFramesOnly: boolean;
  readonly segments: readonly Segment[];
}

/** One stream of a master playlist (4.3.4.2). */
export interface Variant {
  readonly uri: string;
  /** BANDWIDTH in bits per second, the peak segment bit rate; 0 where it is missing. */
  readonly bandwidthBps: number;
  /** AVERAGE-BANDWIDTH in bits per second; 0 where it is missing. */
  readonly averageBandwidthBps: number;
  readonly codecs: string;
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
}

/** A master playlist (4.3.4). */
export interface MasterPlaylist {
  readonly kind: "master";
  readonly variants: readonly Variant[];
  /** Alternative renditions with a playlist of their own, as `AUDIO English`; they are not fetched. */
  readonly renditions: readonly string[];
}

/** What can't be read as a playlist, and why. */
export interface UnreadablePlaylist {
  readonly kind: "unreadable";
  readonly why: string;
}

/** What a playlist's text turned out to be. */
export type Playlist = MediaPlaylist | MasterPlaylist | UnreadablePlaylist;

/** Seconds that all segments of `playlist` last by their EXTINF. */
export function durationSeconds(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + (segment.durationSeconds || 0), 0);
}
