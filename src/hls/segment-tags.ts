import type { ByteRange, InitSection, SegmentKey } from "./playlist.ts";
import { attributesOf, dateOf, durationText, MASTER_TAGS, MEDIA_TAGS, tagOf } from "./tags.ts";

/** A key is used as a block cipher's of this many octets (4.3.2.4). */
const IV_OCTETS = 16;
const IDENTITY = "identity";

/** Tags of segments that are read here. */
const OURS: ReadonlySet<string> = new Set([
  "EXTINF",
  "EXT-X-DISCONTINUITY",
  "EXT-X-KEY",
  "EXT-X-MAP",
  "EXT-X-PROGRAM-DATE-TIME",
  "EXT-X-DATERANGE",
]);
/** Tags of a master playlist that mean something to us. */
const VARIANTS: ReadonlySet<string> = new Set([
  "EXT-X-MEDIA",
  "EXT-X-STREAM-INF",
  "EXT-X-I-FRAME-STREAM-INF",
]);

/** What the tags before one segment's address say. */
export interface SegmentTags {
  readonly uri: string;
  /** NaN where EXTINF is missing or no number. */
  readonly durationSeconds: number;
  readonly wholeSeconds: boolean;
  /** Tags EXT-X-DISCONTINUITY before it, from the start of the playlist; 6.2.1 counts tags. */
  readonly discontinuities: number;
  /** At least one of them since the segment before. */
  readonly discontinuity: boolean;
  readonly key: SegmentKey | null;
  readonly map: InitSection | null;
  readonly dateMs: number;
}

/** A playlist's lines, sorted. */
export interface PlaylistLines {
  /** By its first tag that only one of the two kinds has (4.1); null where it has none. */
  readonly kind: "media" | "master" | null;
  /** In order; empty for a master playlist. */
  readonly segments: readonly SegmentTags[];
  /** The lines that are left, each address of a segment after an EXTINF that says nothing. */
  readonly rest: string;
}

/** Reads the tags of segments, and leaves those of the playlist. */
export function playlistLines(text: string): PlaylistLines {
  const lines = text.split("\n").map((line) => line.trim());
  const kind = kindOf(lines);
  const rest: string[] = ["#EXTM3U"];
  const reader = new SegmentReader();
  for (const line of lines) {
    const tag = line.startsWith("#EXT") ? tagOf(line) : null;
    if (line === "" || (tag === null && line.startsWith("#"))) continue;
    if (kind === "master") {
      if (tag === null || VARIANTS.has(tag.name)) rest.push(line);
    } else if (tag === null) {
      reader.address(line);
      rest.push("#EXTINF:0,", line);
    } else if (OURS.has(tag.name)) {
      reader.tag(tag.name, tag.value);
    } else if (!MASTER_TAGS.has(tag.name) && tag.name !== "EXTM3U") {
      rest.push(line);
    }
  }
  return { kind, segments: reader.segments, rest: rest.join("\n") };
}

function kindOf(lines: readonly string[]): PlaylistLines["kind"] {
  for (const line of lines) {
    if (!line.startsWith("#EXT")) continue;
    const { name } = tagOf(line);
    if (MEDIA_TAGS.has(name)) return "media";
    if (MASTER_TAGS.has(name)) return "master";
  }
  return null;
}

class SegmentReader {
  readonly segments: SegmentTags[] = [];
  #duration: string | null = null;
  #dateMs = Number.NaN;
  #discontinuities = 0;
  #discontinuity = false;
  #map: InitSection | null = null;
  /** By KEYFORMAT: a tag is in force until the next of the same (4.3.2.4). */
  readonly #keys = new Map<string, SegmentKey>();
  /** Of those in force the one that we can use best; all lead to the same key. */
  #key: SegmentKey | null = null;

  tag(name: string, value: string): void {
    if (name === "EXTINF") this.#duration = durationText(value);
    else if (name === "EXT-X-PROGRAM-DATE-TIME") this.#dateMs = dateOf(value);
    else if (name === "EXT-X-KEY") this.#keyTag(value);
    else if (name === "EXT-X-MAP") this.#mapTag(value);
    else if (name === "EXT-X-DISCONTINUITY") {
      this.#discontinuities++;
      this.#discontinuity = true;
    }
  }

  address(uri: string): void {
    const duration = this.#duration;
    this.segments.push({
      uri,
      durationSeconds: duration === null ? Number.NaN : Number.parseFloat(duration),
      wholeSeconds: duration !== null && !/\.\d/.test(duration),
      discontinuities: this.#discontinuities,
      discontinuity: this.#discontinuity,
      key: this.#key,
      map: this.#map,
      dateMs: this.#dateMs,
    });
    this.#duration = null;
    this.#discontinuity = false;
    this.#dateMs = Number.NaN;
  }

  #keyTag(value: string): void {
    const { found } = attributesOf(value);
    const method = found.get("METHOD")?.text ?? "";
    if (method === "NONE") {
      this.#keys.clear();
      this.#key = null;
      return;
    }
    const format = found.get("KEYFORMAT")?.text ?? IDENTITY;
    const key = { method, uri: found.get("URI")?.text ?? "", iv: ivOf(found.get("IV")?.text), format };
    this.#keys.set(format, key);
    this.#key = this.#keys.get(IDENTITY) ?? key;
  }

  #mapTag(value: string): void {
    const { found } = attributesOf(value);
    const range = rangeOf(found.get("BYTERANGE")?.text);
    this.#map = { uri: found.get("URI")?.text ?? "", range, key: this.#key };
  }
}

function ivOf(hex: string | undefined): Uint8Array | null {
  if (hex === undefined || !/^0[xX][0-9A-Fa-f]{32}$/.test(hex)) return null;
  return Uint8Array.from({ length: IV_OCTETS }, (_, i) =>
    Number.parseInt(hex.slice(2 + 2 * i, 4 + 2 * i), 16),
  );
}

/** Length and offset of EXT-X-MAP, where no offset means the start (4.3.2.5). */
function rangeOf(value: string | undefined): ByteRange | null {
  const match = /^(\d{1,15})(?:@(\d{1,15}))?$/.exec(value ?? "");
  return match === null ? null : { length: Number(match[1]), offset: Number(match[2] ?? 0) };
}
