import type { HlsRule } from "./rules.ts";
import {
  type Attributes,
  attributesOf,
  durationText,
  isDate,
  MASTER_TAGS,
  MEDIA_TAGS,
  tagOf,
} from "./tags.ts";
import { withVariables } from "./variables.ts";

/** A rule that the text of a playlist breaks. */
export interface LintFault {
  readonly rule: HlsRule;
  /** The segment whose lines break it, from 0; -1 for the playlist as a whole. */
  readonly segment: number;
}

/** Tags that may stand once in a playlist (RFC 8216, 4.3.1.2, 4.3.3, 4.3.5). */
const ONCE = new Set([
  "EXT-X-VERSION",
  "EXT-X-TARGETDURATION",
  "EXT-X-MEDIA-SEQUENCE",
  "EXT-X-DISCONTINUITY-SEQUENCE",
  "EXT-X-ENDLIST",
  "EXT-X-PLAYLIST-TYPE",
  "EXT-X-I-FRAMES-ONLY",
  "EXT-X-INDEPENDENT-SEGMENTS",
  "EXT-X-START",
]);

/** Attributes that must stand in each tag (4.3). */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  "EXT-X-KEY": ["METHOD"],
  "EXT-X-MAP": ["URI"],
  "EXT-X-MEDIA": ["TYPE", "GROUP-ID", "NAME"],
  "EXT-X-I-FRAME-STREAM-INF": ["BANDWIDTH", "URI"],
  "EXT-X-SESSION-DATA": ["DATA-ID"],
  "EXT-X-SESSION-KEY": ["METHOD"],
  "EXT-X-DATERANGE": ["ID"],
  "EXT-X-START": ["TIME-OFFSET"],
};

/** What the value of a tag must look like, where it is no list of attributes. */
const VALUE: Readonly<Record<string, RegExp>> = {
  "EXT-X-VERSION": /^\d{1,20}$/,
  "EXT-X-TARGETDURATION": /^\d{1,20}$/,
  "EXT-X-MEDIA-SEQUENCE": /^\d{1,20}$/,
  "EXT-X-DISCONTINUITY-SEQUENCE": /^\d{1,20}$/,
  "EXT-X-PLAYLIST-TYPE": /^(EVENT|VOD)$/,
  "EXT-X-BYTERANGE": /^\d{1,20}(@\d{1,20})?$/,
};

/** Attributes that are quoted-strings, wherever they stand (4.3). */
const QUOTED = new Set([
  ...["URI", "KEYFORMAT", "KEYFORMATVERSIONS", "BYTERANGE", "DATA-ID", "VALUE"],
  ...["GROUP-ID", "LANGUAGE", "ASSOC-LANGUAGE", "INSTREAM-ID", "CHARACTERISTICS", "CHANNELS"],
  ...["CODECS", "AUDIO", "VIDEO", "SUBTITLES", "ID", "CLASS", "START-DATE", "END-DATE"],
]);

/** Attributes that are of another type, and so without quotes. */
const UNQUOTED = new Set([
  ...["METHOD", "IV", "TYPE", "DEFAULT", "AUTOSELECT", "FORCED", "HDCP-LEVEL"],
  ...["BANDWIDTH", "AVERAGE-BANDWIDTH", "RESOLUTION", "FRAME-RATE", "TIME-OFFSET", "PRECISE"],
  ...["DURATION", "PLANNED-DURATION", "END-ON-NEXT", "SCTE35-CMD", "SCTE35-OUT", "SCTE35-IN"],
]);

/** What a key that is none must not have (4.3.2.4). */
const OF_KEYS = ["URI", "IV", "KEYFORMAT", "KEYFORMATVERSIONS"];

/** Attributes that are decimal integers (4.2). */
const INTEGERS = new Set(["BANDWIDTH", "AVERAGE-BANDWIDTH"]);

/** What a playlist must not hold: control characters but for the ends of lines, and what was no UTF-8 (4.1). */
const FORBIDDEN = /[^\P{Cc}\r\n]|\ufffd/u;

/**
 * Looks at the text of a playlist, line by line, for what breaks a rule of its syntax; what the lines mean
 * together is looked at elsewhere.
 */
export function lintPlaylist(text: string): LintFault[] {
  const body = text.replace(/^\uFEFF/, "");
  const lint = new Lint();
  if (body !== text || FORBIDDEN.test(body)) lint.faults.push({ rule: "encoding", segment: -1 });
  const read = withVariables(body);
  lint.run((read.ok ? read.text : body).split(/\r?\n/));
  return lint.faults;
}

class Lint {
  readonly faults: LintFault[] = [];
  readonly #seen = new Set<string>();
  #version = 1;
  #needed = 1;
  #mapNeeds = 0;
  #segments = 0;
  #discontinuities = 0;
  #extinf = false;
  /** EXTINF has come, and no address after it. */
  #open = false;
  readonly #dateRanges = new Set<string>();
  #streamInf = false;
  #range: "none" | "offset" | "relative" = "none";
  #rangeUri: string | null = null;
  #media = false;
  #master = false;
  /** The line at hand is not of one segment. */
  #ofAll = false;

  run(lines: readonly string[]): void {
    for (const written of lines) {
      const line = written.trim();
      if (!written.startsWith(line) || (line === "" && written !== "")) this.#blanks();
      if (line.startsWith("#EXT")) this.#tag(line);
      else if (line !== "" && !line.startsWith("#")) this.#address(line);
    }
    this.#end();
  }

  /** Before an element, or instead of one: 4.1 has none there. Players pass over them. */
  #blanks(): void {
    this.#ofAll = true;
    this.#hit("syntax");
  }

  #tag(line: string): void {
    const { name, value } = tagOf(line);
    this.#ofAll = ONCE.has(name);
    if (this.#ofAll && this.#seen.has(name)) this.#hit("repeated");
    this.#seen.add(name);
    if (MEDIA_TAGS.has(name)) this.#media = true;
    if (MASTER_TAGS.has(name)) this.#master = true;
    if (VALUE[name]?.test(value) === false) this.#hit("syntax");
    if (name === "EXT-X-PROGRAM-DATE-TIME" && !isDate(value)) this.#hit("syntax");
    this.#meaning(name, value);
    this.#attributes(name, value);
  }

  #meaning(name: string, value: string): void {
    if (name === "EXT-X-VERSION") this.#version = Number.parseInt(value, 10) || 1;
    if (name === "EXT-X-DISCONTINUITY") this.#discontinuities++;
    if (name === "EXT-X-MEDIA-SEQUENCE" && this.#segments > 0) this.#hit("order");
    if (name === "EXT-X-DISCONTINUITY-SEQUENCE" && this.#segments + this.#discontinuities > 0)
      this.#hit("order");
    if (name === "EXTINF") {
      if (this.#open) this.#hit("syntax");
      this.#open = true;
      const duration = durationText(value);
      // A rule of its own tells of what is no duration.
      this.#extinf = duration !== null;
      if (duration !== null && /^[^,]*\s,/.test(value)) this.#hit("syntax");
      if (duration?.includes(".") === true) this.#need(3);
    }
    if (name === "EXT-X-BYTERANGE") {
      this.#need(4);
      this.#range = value.includes("@") ? "offset" : "relative";
    }
    if (name === "EXT-X-I-FRAMES-ONLY") this.#need(4);
    if (name === "EXT-X-MAP") this.#mapNeeds = 6;
    if (name === "EXT-X-STREAM-INF") {
      if (this.#streamInf) this.#hit("bandwidthMissing");
      this.#streamInf = true;
    }
  }

  #attributes(name: string, value: string): void {
    const required = REQUIRED[name];
    if (required === undefined && name !== "EXT-X-STREAM-INF") return;
    const { found: list, sound } = attributesOf(value);
    if (!sound) {
      this.#hit("syntax");
      return;
    }
    if (required?.some((key) => !list.has(key)) === true) this.#hit("syntax");
    if (isMisquoted(name, list)) this.#hit("syntax");
    for (const key of INTEGERS) {
      if (/^\d+$/.test(list.get(key)?.text ?? "0") === false) this.#hit("syntax");
    }
    if (name === "EXT-X-KEY") {
      const method = list.get("METHOD")?.text;
      if (method !== "NONE" && method !== undefined && !list.has("URI")) this.#hit("syntax");
      if (method === "NONE" && OF_KEYS.some((key) => list.has(key))) this.#hit("syntax");
      if (list.has("IV")) {
        this.#need(2);
        if (!/^0[xX][0-9A-Fa-f]{32}$/.test(list.get("IV")?.text ?? "")) this.#hit("syntax");
      }
      if (list.has("KEYFORMAT") || list.has("KEYFORMATVERSIONS")) this.#need(5);
    }
    if (name === "EXT-X-DATERANGE") this.#dateRange(list);
    if (name === "EXT-X-STREAM-INF") {
      if (!list.has("BANDWIDTH")) this.#hit("bandwidthMissing");
      if (!list.has("CODECS")) this.#hit("codecsMissing");
    }
  }

  /**
   * A range begins with a START-DATE (4.3.2.7). What is added to it later, above all where a splice comes back, need not
   * say it again, as the example of 8.10 has it; the first tag may have left the playlist by then.
   */
  #dateRange(list: Attributes["found"]): void {
    const id = list.get("ID")?.text;
    const begun = (id !== undefined && this.#dateRanges.has(id)) || list.has("SCTE35-IN");
    if (id !== undefined && !begun && !list.has("START-DATE")) this.#hit("syntax");
    if (id !== undefined) this.#dateRanges.add(id);
  }

  /** A line that is no tag and no comment: the address of a segment or a playlist. */
  #address(uri: string): void {
    if (this.#streamInf) {
      this.#streamInf = false;
      return;
    }
    this.#ofAll = false;
    if (!this.#extinf) this.#hit("extinfMissing");
    this.#extinf = false;
    this.#open = false;
    if (this.#range === "relative" && this.#rangeUri !== uri) this.#hit("rangeOffset");
    this.#rangeUri = this.#range === "none" ? null : uri;
    this.#range = "none";
    this.#segments++;
  }

  #end(): void {
    this.#ofAll = true;
    if (this.#streamInf) this.#hit("bandwidthMissing");
    if (this.#open) this.#hit("syntax");
    if (this.#media && this.#master) this.#hit("mixed");
    if (this.#media && !this.#seen.has("EXT-X-TARGETDURATION")) this.#hit("targetMissing");
    if (this.#mapNeeds > 0) this.#need(this.#seen.has("EXT-X-I-FRAMES-ONLY") ? 5 : this.#mapNeeds);
    if (this.#version < this.#needed) this.#hit("version");
  }

  #hit(rule: HlsRule): void {
    this.faults.push({ rule, segment: this.#ofAll ? -1 : this.#segments });
  }

  #need(version: number): void {
    this.#needed = Math.max(this.#needed, version);
  }
}

/** Whether an attribute has quotes that its type does not have, or lacks those that it has (4.2). */
function isMisquoted(tag: string, list: Attributes["found"]): boolean {
  for (const [name, { quoted }] of list) {
    // EXT-X-STREAM-INF has no NAME by the standard: what stands there is nobody's to judge.
    if (!quoted && (QUOTED.has(name) || (name === "NAME" && tag === "EXT-X-MEDIA"))) return true;
    if (quoted && UNQUOTED.has(name)) return true;
  }
  return false;
}
