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

/** live: the last few segments; vod: all that are kept, but for the few that go next. */
export type PlaylistType = "live" | "vod";

/** When segments are deleted, one in so many leaves the list ahead of its file. */
const AHEAD = 100;

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

  /** Segments are only added at its end, until some are deleted. */
  get grows(): boolean {
    return this.#type === "vod";
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
    if (this.#type === "live") this.#drop(Math.max(0, this.#entries.length - this.#size));
  }

  /**
   * Forgets the segment `uri` and all before it: their files are to be deleted. True when it was there. Of a long list
   * one in a hundred goes with them, so that the next deletions leave the list as it is; a player that has just read
   * of those can still fetch them (6.2.2).
   */
  forget(uri: string): boolean {
    const at = this.#entries.findIndex((entry) => entry.uri === uri);
    if (at < 0) return false;
    const kept = this.#entries.length - at - 1;
    this.#drop(at + 1 + Math.floor(kept / AHEAD));
    return true;
  }

  #drop(count: number): void {
    for (const gone of this.#entries.splice(0, count)) {
      this.#sequence++;
      // It counts the tags that have gone (6.2.2).
      if (gone.discontinuity) this.#discontinuities++;
    }
  }

  /** The playlist as it stands in its file. */
  render(): string {
    return `${this.header()}${this.body(this.#sequence)}${this.ended ? "#EXT-X-ENDLIST\n" : ""}`;
  }

  /** The lines before the first segment. */
  header(): string {
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
    return `${lines.join("\n")}\n`;
  }

  /** The lines of the segments from number `from` on. */
  body(from: number): string {
    let text = "";
    for (const { uri, seconds, discontinuity, dateMs } of this.#entries.slice(from - this.#sequence)) {
      if (discontinuity) text += "#EXT-X-DISCONTINUITY\n";
      if (dateMs !== null) text += `#EXT-X-PROGRAM-DATE-TIME:${new Date(dateMs).toISOString()}\n`;
      text += `#EXTINF:${seconds.toFixed(6)},\n${encoded(uri)}\n`;
    }
    return text;
  }

  /** Goes on where the playlist `text` of an earlier run ended; leaves all as it is where that is none. */
  restore(text: string): void {
    const lines = text.split(/\r?\n/, LINES_MAX);
    if (lines[0] !== "#EXTM3U") return;
    // What follows the last line end is part of a line that a loss of power cut.
    lines.pop();
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
    if (this.#type === "live") this.#drop(Math.max(0, this.#entries.length - this.#size));
  }
}

function whole(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

function dateOf(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

/** A name as a relative reference: a colon, a question mark or a number sign in it would lead elsewhere (RFC 3986 4.2). */
function encoded(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

function decoded(line: string): string | null {
  try {
    return decodeURIComponent(line);
  } catch {
    return null;
  }
}
