import { parse, setOptions, type types } from "hls-parser";
import type { Playlist, Segment, SegmentKey, Variant } from "./playlist.ts";

// It would write each complaint to standard error; what is wrong is found by our own rules, with its line.
setOptions({ strictMode: false, silent: true });

/** Sequence numbers are decimal integers of 64 bits (RFC 8216, 4.2); beyond this they can't be told apart. */
const MAX_SEQUENCE = Number.MAX_SAFE_INTEGER - 1e6;
/**
 * EXTINF with its title, which is not needed, and on which the library fails beyond ASCII. In its place comes whether
 * the duration is written in whole seconds.
 */
const EXTINF = /^(#EXTINF:[^,\r\n]*)(?:,[^\r\n]*)?$/gm;
const WHOLE = "whole";

/** A key is used as a block cipher's of this many octets (4.3.2.4). */
const IV_OCTETS = 16;

/**
 * Reads a playlist by hls-parser, which may give us anything for a damaged one: every field is looked at
 * before it is taken. Never throws.
 */
export function parsePlaylist(text: string): Playlist {
  if (!/^\uFEFF?#EXTM3U(?=[\s]|$)/.test(text)) return { kind: "unreadable", why: notAPlaylist(text) };
  let read: types.Playlist | undefined;
  try {
    read = parse(text.replaceAll(EXTINF, (_, tag: string) => `${tag},${tag.includes(".") ? "" : WHOLE}`));
  } catch (error) {
    return { kind: "unreadable", why: error instanceof Error ? error.message : "it can't be read" };
  }
  if (typeof read !== "object" || read === null) return { kind: "unreadable", why: "it holds no playlist" };
  return read.isMasterPlaylist ? master(read as types.MasterPlaylist) : media(read as types.MediaPlaylist);
}

function notAPlaylist(text: string): string {
  const start = text.slice(0, 200).trimStart();
  if (start === "") return "it is empty";
  if (start.startsWith("<")) return "it is a page of HTML or XML";
  return "its first line is not #EXTM3U";
}

function media(read: types.MediaPlaylist): Playlist {
  const type = read.playlistType;
  const segments = read.segments
    .filter(({ uri }) => typeof uri === "string" && uri !== "")
    .map((segment) => segmentOf(segment));
  return {
    kind: "media",
    targetSeconds: natural(read.targetDuration),
    mediaSequence: whole(read.mediaSequenceBase),
    discontinuitySequence: whole(read.discontinuitySequenceBase),
    ended: read.endlist === true,
    type: type === "VOD" || type === "EVENT" ? type : null,
    iFramesOnly: read.isIFrame === true,
    segments,
  };
}

function segmentOf(read: types.Segment): Segment {
  const { byterange, programDateTime } = read;
  const duration = read.duration;
  return {
    uri: read.uri,
    mediaSequence: whole(read.mediaSequenceNumber),
    discontinuitySequence: whole(read.discontinuitySequence),
    discontinuity: read.discontinuity === true,
    wholeSeconds: read.title === WHOLE,
    durationSeconds: typeof duration === "number" && duration >= 0 ? duration : Number.NaN,
    range:
      byterange === undefined || byterange === null
        ? null
        : { offset: whole(byterange.offset), length: whole(byterange.length) },
    key: keyOf(read.key),
    map: read.map !== undefined && read.map !== null,
    gap: read.gap === true,
    dateMs: programDateTime instanceof Date ? programDateTime.getTime() : Number.NaN,
  };
}

function keyOf(key: types.Segment["key"] | null): SegmentKey | null {
  if (key === undefined || key === null || key.method === "NONE") return null;
  const iv = key.iv === undefined ? null : new Uint8Array(key.iv);
  return {
    method: text(key.method),
    uri: text(key.uri),
    iv: iv !== null && iv.length === IV_OCTETS ? iv : null,
    format: key.format === undefined ? "identity" : text(key.format),
  };
}

function master(read: types.MasterPlaylist): Playlist {
  const renditions = new Set<string>();
  const variants: Variant[] = [];
  for (const variant of read.variants) {
    // An I-frame playlist is for fast forward: it is no stream.
    if (variant.isIFrameOnly === true || typeof variant.uri !== "string" || variant.uri === "") continue;
    for (const rendition of [...variant.audio, ...variant.video, ...variant.subtitles]) {
      if (text(rendition.uri) !== "")
        renditions.add(`${text(rendition.type)} ${text(rendition.name)}`.trim());
    }
    variants.push({
      uri: variant.uri,
      bandwidthBps: whole(variant.bandwidth),
      averageBandwidthBps: whole(variant.averageBandwidth),
      codecs: text(variant.codecs),
      width: whole(variant.resolution?.width),
      height: whole(variant.resolution?.height),
      frameRate: natural(variant.frameRate),
    });
  }
  return { kind: "master", variants, renditions: [...renditions] };
}

/** A number that is not negative; 0 for anything else. */
function natural(value: unknown): number {
  return typeof value === "number" && value >= 0 && Number.isFinite(value) ? value : 0;
}

/** A whole number that can be told apart from the next; 0 for what is none. */
function whole(value: unknown): number {
  return Math.min(Math.floor(natural(value)), MAX_SEQUENCE);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
