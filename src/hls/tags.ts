/** Tags by which a playlist is a media playlist (4.3.2, 4.3.3). */
export const MEDIA_TAGS: ReadonlySet<string> = new Set([
  "EXTINF",
  "EXT-X-BYTERANGE",
  "EXT-X-DISCONTINUITY",
  "EXT-X-KEY",
  "EXT-X-MAP",
  "EXT-X-PROGRAM-DATE-TIME",
  "EXT-X-DATERANGE",
  "EXT-X-TARGETDURATION",
  "EXT-X-MEDIA-SEQUENCE",
  "EXT-X-DISCONTINUITY-SEQUENCE",
  "EXT-X-ENDLIST",
  "EXT-X-PLAYLIST-TYPE",
  "EXT-X-I-FRAMES-ONLY",
]);

/** Tags by which it is a master playlist (4.3.4). */
export const MASTER_TAGS: ReadonlySet<string> = new Set([
  "EXT-X-MEDIA",
  "EXT-X-STREAM-INF",
  "EXT-X-I-FRAME-STREAM-INF",
  "EXT-X-SESSION-DATA",
  "EXT-X-SESSION-KEY",
]);

/** One attribute's value (RFC 8216, 4.2). */
export interface Attribute {
  /** Without its quotes. */
  readonly text: string;
  /** It is a quoted-string. */
  readonly quoted: boolean;
}

/** An attribute list (4.2): what can be read of it. */
export interface Attributes {
  readonly found: ReadonlyMap<string, Attribute>;
  /** It is written as 4.2 has it, and names nothing twice. */
  readonly sound: boolean;
}

/** One attribute and the comma after it; a value in quotes may hold commas (4.2). */
const ATTRIBUTE = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s][^,]*)(?:,|$)/y;
/** The same, however it is written. It fits anywhere, and takes at least one character. */
const ANY_ATTRIBUTE = /([^=,]*)(?:=\s*("[^"]*"?|[^,]*))?[^,]*(?:,|$)/y;

/** `#EXTINF` has a duration: digits and a point (4.2); what blanks there are before the comma is not its matter. */
const DURATION = /^(\d+(?:\.\d*)?|\.\d+)\s*(?:,|$)/;

/** ISO 8601 as 4.3.2.6 has it: extended or basic, a point or a comma, a zone of hours or hours and minutes. */
const DATE = /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:[.,](\d+))?(?:Z|([+-]\d\d)(?::?(\d\d))?)?$/;

/** Name and value of the tag in `line`, which begins with `#EXT`. */
export function tagOf(line: string): { readonly name: string; readonly value: string } {
  const colon = line.indexOf(":");
  return colon === -1
    ? { name: line.slice(1).trim(), value: "" }
    : { name: line.slice(1, colon).trim(), value: line.slice(colon + 1).trim() };
}

/** Reads an attribute list; of a damaged one as much as can be told apart. Of two with one name the first counts. */
export function attributesOf(value: string): Attributes {
  const found = new Map<string, Attribute>();
  let sound = true;
  let at = 0;
  while (at < value.length) {
    ATTRIBUTE.lastIndex = at;
    ANY_ATTRIBUTE.lastIndex = at;
    const strict = ATTRIBUTE.exec(value);
    const match = strict ?? ANY_ATTRIBUTE.exec(value);
    if (match === null) break;
    const name = (match[1] ?? "").trim();
    const written = (match[2] ?? "").trim();
    if (strict === null || found.has(name)) sound = false;
    if (name !== "" && !found.has(name)) {
      const quoted = written.startsWith('"');
      found.set(name, { text: quoted ? written.replace(/^"([^"]*)"?$/, "$1") : written, quoted });
    }
    at += match[0].length;
    while (value[at] === " ") at++;
  }
  return { found, sound: sound && found.size > 0 };
}

/** The duration in the value of EXTINF as it is written; null where there is none. */
export function durationText(value: string): string | null {
  return DURATION.exec(value)?.[1] ?? null;
}

/** Whether `value` is a date of EXT-X-PROGRAM-DATE-TIME. */
export function isDate(value: string): boolean {
  return DATE.test(value);
}

/** A date in milliseconds since 1970, without a zone as of UTC; NaN for what is none. */
export function dateOf(value: string): number {
  const match = DATE.exec(value);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second, fraction = "", zoneHours, zoneMinutes = "00"] = match;
  const zone = zoneHours === undefined ? "Z" : `${zoneHours}:${zoneMinutes}`;
  const ms = fraction.slice(0, 3).padEnd(3, "0");
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}${zone}`);
}
