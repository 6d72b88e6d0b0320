/** An HLS media playlist, RFC 8216: what `--segments` writes beside transport stream segments. */

/** One segment of a playlist. */
export interface PlaylistEntry {
  /** Name relative to the playlist. */
  readonly uri: string;
  readonly seconds: number;
  /** Its time stamps do not go on from those of the segment before, or packets are missing between them. */
  readonly discontinuity: boolean;
  /** Wall clock of its first packet in milliseconds of Unix time; null where it is not known. */
  readonly dateMs: number | null;
}

/** live: the last few segments; vod: all that are kept. */
export type PlaylistType = "live" | "vod";

/** Longest playlist that is read again, in lines. */
const LINES_MAX = 2_000_000;

/** The segments of one stream and the numbers that a player counts them by. */
export class Playlist {
  readonly #entries: PlaylistEntry[] = [];
  readonly #type: PlaylistType;
  readonly #size: number;
  /** Number of the first entry (4.3.3.2), and of discontinuities before it (4.3.3.3). */
  #sequence = 0;
  #discontinuities = 0;
  #target: number;
  /** Nothing more comes (4.3.3.4). */
  ended = false;

  /** `targetSeconds`: how long segments are meant to be; `size`: segments in a live playlist. */
  constructor(type: PlaylistType, targetSeconds: number, size: number) {
    this.#type = type;
    this.#target = Math.max(1, Math.ceil(targetSeconds));
    this.#size = size;
  }

  /** What is in it. */
  get entries(): readonly PlaylistEntry[] {
    return this.#entries;
  }

  /** Number that the next segment will have. */
  get next(): number {
    return this.#sequence + this.#entries.length;
  }

  /** Adds a segment at the end; a live playlist drops its oldest. */
  add(entry: PlaylistEntry): void {
    this.ended = false;
    // EXTINF, rounded, "MUST be less than or equal to the target duration" (4.3.3.1).
    this.#target = Math.max(this.#target, Math.round(entry.seconds));
    this.#entries.push(entry);
    while (this.#type === "live" && this.#entries.length > this.#size) this.#shift();
  }

  /** Forgets the segment `uri` and all before it: their files are to be deleted. True when it was there. */
  forget(uri: string): boolean {
    const at = this.#entries.findIndex((entry) => entry.uri === uri);
    for (let i = 0; i <= at; i++) this.#shift();
    return at >= 0;
  }

  #shift(): void {
    const first = this.#entries.shift();
    if (first === undefined) return;
    this.#sequence++;
    // It counts the tags that have gone (6.2.2).
    if (first.discontinuity) this.#discontinuities++;
  }

  /** The playlist as it stands in its file. */
  render(): string {
    const lines = [
      "#EXTM3U",
      "#EXT-X-VERSION:3",
      `#EXT-X-TARGETDURATION:${this.#target}`,
      `#EXT-X-MEDIA-SEQUENCE:${this.#sequence}`,
    ];
    if (this.#discontinuities > 0) lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${this.#discontinuities}`);
    // A list that loses segments at its front is neither (4.3.3.5).
    if (this.#type === "vod" && this.#sequence === 0) {
      lines.push(`#EXT-X-PLAYLIST-TYPE:${this.ended ? "VOD" : "EVENT"}`);
    }
    for (const { uri, seconds, discontinuity, dateMs } of this.#entries) {
      if (discontinuity) lines.push("#EXT-X-DISCONTINUITY");
      if (dateMs !== null) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(dateMs).toISOString()}`);
      lines.push(`#EXTINF:${seconds.toFixed(6)},`, encodeURI(uri));
    }
    if (this.ended) lines.push("#EXT-X-ENDLIST");
    return `${lines.join("\n")}\n`;
  }

  /** Goes on where the playlist `text` of an earlier run ended; leaves all as it is where that is none. */
  restore(text: string): void {
    const lines = text.split(/\r?\n/, LINES_MAX);
    if (lines[0] !== "#EXTM3U") return;
    let seconds = Number.NaN;
    let discontinuity = false;
    let dateMs: number | null = null;
    for (const line of lines) {
      const [, tag = "", value = ""] = /^#(EXT[A-Z-]*):?(.*)$/.exec(line) ?? [];
      if (tag === "EXT-X-TARGETDURATION") this.#target = Math.max(this.#target, whole(value));
      else if (tag === "EXT-X-MEDIA-SEQUENCE") this.#sequence = whole(value);
      else if (tag === "EXT-X-DISCONTINUITY-SEQUENCE") this.#discontinuities = whole(value);
      else if (tag === "EXT-X-DISCONTINUITY") discontinuity = true;
      else if (tag === "EXT-X-ENDLIST") this.ended = true;
      else if (tag === "EXT-X-PROGRAM-DATE-TIME") dateMs = dateOf(value);
      else if (tag === "EXTINF") seconds = Number.parseFloat(value);
      else if (line !== "" && !line.startsWith("#") && seconds >= 0 && Number.isFinite(seconds)) {
        const uri = decoded(line);
        if (uri !== null) this.#entries.push({ uri, seconds, discontinuity, dateMs });
        seconds = Number.NaN;
        discontinuity = false;
        dateMs = null;
      }
    }
    while (this.#type === "live" && this.#entries.length > this.#size) this.#shift();
  }
}

function whole(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

function dateOf(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

function decoded(line: string): string | null {
  try {
    return decodeURI(line);
  } catch {
    return null;
  }
}
