import { parse, setOptions, type types } from "hls-parser";
import type { Playlist, Segment, Variant } from "./playlist.ts";
import { playlistLines, type SegmentTags } from "./segment-tags.ts";
import { withVariables } from "./variables.ts";

// It would write each complaint to standard error; what is wrong is found by our own rules, with its line.
setOptions({ strictMode: false, silent: true });

/** Sequence numbers are decimal integers of 64 bits (RFC 8216, 4.2); beyond this they can't be told apart. */
const MAX_SEQUENCE = Number.MAX_SAFE_INTEGER - 1e6;
/** The library takes an apostrophe for a quote, which it is not (4.2): this character, which none may hold, stands for it. */
const APOSTROPHE = "\u0001";

/**
 * Reads a playlist: the tags of segments by ourselves, the others by hls-parser, which may give us anything for a
 * damaged one, so that every field is looked at before it is taken. Never throws.
 */
export function parsePlaylist(text: string): Playlist {
  if (!/^\uFEFF?#EXTM3U(?=[\s]|$)/.test(text)) return { kind: "unreadable", why: notAPlaylist(text) };
  const substituted = withVariables(text);
  if (!substituted.ok) return { kind: "unreadable", why: substituted.why };
  const { kind, segments, rest } = playlistLines(substituted.text);
  if (kind === null && segments.length > 0)
    return { kind: "unreadable", why: "it has no tag of a media or a master playlist" };
  let read: types.Playlist | undefined;
  try {
    read = parse(rest.replaceAll("'", APOSTROPHE));
  } catch (error) {
    return { kind: "unreadable", why: error instanceof Error ? error.message : "it can't be read" };
  }
  if (typeof read !== "object" || read === null) return { kind: "unreadable", why: "it holds no playlist" };
  return read.isMasterPlaylist
    ? master(read as types.MasterPlaylist)
    : media(read as types.MediaPlaylist, segments);
}

function notAPlaylist(text: string): string {
  const start = text.slice(0, 200).trimStart();
  if (start === "") return "it is empty";
  if (start.startsWith("<")) return "it is a page of HTML or XML";
  return "its first line is not #EXTM3U";
}

function media(read: types.MediaPlaylist, tags: readonly SegmentTags[]): Playlist {
  const type = read.playlistType;
  const base = whole(read.discontinuitySequenceBase);
  return {
    kind: "media",
    targetSeconds: natural(read.targetDuration),
    mediaSequence: whole(read.mediaSequenceBase),
    discontinuitySequence: base,
    // A playlist of type VOD can't change, and is not loaded again (4.3.3.5, 6.3.4).
    ended: read.endlist === true || type === "VOD",
    type: type === "VOD" || type === "EVENT" ? type : null,
    iFramesOnly: read.isIFrame === true,
    segments: tags.flatMap((each, i) => {
      const segment = read.segments[i];
      return segment === undefined ? [] : [segmentOf(segment, each, base)];
    }),
  };
}

function segmentOf(read: types.Segment, tags: SegmentTags, discontinuityBase: number): Segment {
  const { byterange } = read;
  const { discontinuities, ...rest } = tags;
  return {
    ...rest,
    mediaSequence: whole(read.mediaSequenceNumber),
    discontinuitySequence: discontinuityBase + discontinuities,
    range:
      byterange === undefined || byterange === null
        ? null
        : { offset: whole(byterange.offset), length: whole(byterange.length) },
    gap: read.gap === true,
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
      uri: text(variant.uri),
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
  return typeof value === "string" ? value.replaceAll(APOSTROPHE, "'") : "";
}
