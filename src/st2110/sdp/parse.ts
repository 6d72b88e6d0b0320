/**
 * Session descriptions (RFC 8866) as ST 2110 uses them, line by line. A parser of our own and not sdp-transform: that
 * one drops lines which it can't match and keeps but the last of repeated attributes, so that nothing could be said
 * of either, knows no line numbers, and its types say string where a number comes (`mid`, `payloads`) and number where
 * text does (`ptime`).
 */
import type { SdpRuleName } from "./rules.ts";

/** Octets of a description that are read; real ones have about 2000. */
export const MAX_SDP_OCTETS = 256 * 1024;

/** Media descriptions that are kept. */
export const MAX_MEDIA = 256;

/** What breaks a rule: where, and what stands there. */
export interface SdpFault {
  readonly rule: SdpRuleName;
  /** Line, from 1; 0 for the description as a whole. */
  readonly line: number;
  /** What was found, in words; empty where the rule says it all. */
  readonly found: string;
}

/** One parameter of a=fmtp. */
export interface SdpParameter {
  readonly name: string;
  /** Null for a flag, which has no `=`. */
  readonly value: string | null;
}

/** An attribute `a=name:value` or `a=name`. */
export interface SdpAttribute {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/** `c=IN IP4 239.1.1.1/64`. */
export interface SdpConnection {
  readonly family: 4 | 6;
  readonly address: string;
  /** IPv4 multicast only. */
  readonly ttl: number | null;
  /** How many addresses from this one on: `/64/3` has 3 of IPv4, `/3` of IPv6. */
  readonly count: number;
  readonly line: number;
}

/** One media description, as far as it could be read. */
export interface SdpMedia {
  readonly line: number;
  /** `video`, `audio`, … */
  readonly kind: string;
  readonly port: number | null;
  readonly protocol: string;
  readonly payloadType: number | null;
  connection: SdpConnection | null;
  /** True when a c= that holds for it could not be read. */
  connectionUnreadable: boolean;
  /** b=AS in kbit/s. */
  bandwidthKbps: number | null;
  readonly attributes: SdpAttribute[];
  /** Of a=rtpmap for the payload type: `raw`, `L24`, `smpte291`, `jxsv`, …; null without. */
  encoding: string | null;
  clockRate: number | null;
  /** The third part of a=rtpmap. */
  channels: number | null;
  /** Of a=fmtp for the payload type, in their order. */
  parameters: SdpParameter[];
  /** Line of that a=fmtp; 0 without. */
  parametersLine: number;
}

/** A session description, as far as it could be read. */
export interface SdpSession {
  readonly name: string;
  readonly origin: string;
  /** That of the session, for media that have none. */
  readonly connection: SdpConnection | null;
  readonly attributes: readonly SdpAttribute[];
  readonly media: readonly SdpMedia[];
}

/** The first attribute called `name`, or null. */
export function attribute(of: { attributes: readonly SdpAttribute[] }, name: string): SdpAttribute | null {
  return of.attributes.find((candidate) => candidate.name === name) ?? null;
}

/** The value of the format parameter `name`; null where it is missing or a flag. Names are compared as written. */
export function parameter(media: SdpMedia, name: string): string | null {
  return media.parameters.find((candidate) => candidate.name === name)?.value ?? null;
}

/** True when the format parameter `name` is there, flag or not. */
export function hasParameter(media: SdpMedia, name: string): boolean {
  return media.parameters.some((candidate) => candidate.name === name);
}

/** A whole number of decimal digits, or null. */
export function wholeNumber(text: string | null | undefined): number | null {
  return text !== null && text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Reads `text`, whatever it is; what could not be read stands in the faults. */
export function parseSdp(text: string): { session: SdpSession; faults: SdpFault[] } {
  const faults: SdpFault[] = [];
  const reader = new Reader(faults);
  if (text.length > MAX_SDP_OCTETS) faults.push({ rule: "tooLong", line: 0, found: `${text.length} octets` });
  const lines = text.slice(0, MAX_SDP_OCTETS).split(/\r\n|\n|\r/);
  lines.forEach((line, i) => {
    if (line !== "") reader.line(line, i + 1);
  });
  return { session: reader.end(), faults };
}

class Reader {
  readonly #faults: SdpFault[];
  readonly #attributes: SdpAttribute[] = [];
  readonly #media: SdpMedia[] = [];
  #current: SdpMedia | null = null;
  #connection: SdpConnection | null = null;
  /** True when the session's c= could not be read. */
  #unreadable = false;
  #dropped = 0;
  #name = "";
  #origin = "";
  #letters = "";

  constructor(faults: SdpFault[]) {
    this.#faults = faults;
  }

  line(line: string, number: number): void {
    const letter = line[0] as string;
    if (!/^[a-z]=/.test(line)) {
      this.#fault("syntax", number, quoted(line));
      return;
    }
    const value = line.slice(2);
    if (this.#current === null && !this.#letters.includes(letter)) this.#letters += letter;
    if (letter === "s") this.#name = value;
    else if (letter === "o") this.#origin = value;
    else if (letter === "v" && value.trim() !== "0") this.#fault("order", number, quoted(line));
    else if (letter === "m") this.#startMedia(value, number);
    else if (letter === "c") this.#takeConnection(value, number);
    else if (letter === "b") this.#takeBandwidth(value);
    else if (letter === "a") this.#takeAttribute(value, number);
  }

  end(): SdpSession {
    if (!/^vos.*t/.test(this.#letters)) {
      const found = this.#letters === "" ? "nothing" : [...this.#letters].join(", ");
      this.#fault("order", 0, `the session has ${found}`);
    }
    if (this.#media.length === 0) this.#fault("noMedia", 0, "");
    if (this.#dropped > 0) this.#fault("tooLong", 0, `${this.#dropped + MAX_MEDIA} media`);
    for (const media of this.#media) {
      media.connection ??= this.#connection;
      this.#resolve(media);
    }
    return {
      name: this.#name,
      origin: this.#origin,
      connection: this.#connection,
      attributes: this.#attributes,
      media: this.#media,
    };
  }

  #fault(rule: SdpRuleName, line: number, found: string): void {
    this.#faults.push({ rule, line, found });
  }

  #startMedia(value: string, line: number): void {
    const [kind = "", port = "", protocol = "", ...formats] = value.trim().split(/ +/);
    if (kind === "" || formats.length !== 1) this.#fault("media", line, quoted(value));
    this.#current = {
      line,
      kind,
      port: wholeNumber(port.split("/")[0]),
      protocol,
      payloadType: wholeNumber(formats[0]),
      connection: null,
      connectionUnreadable: this.#unreadable,
      bandwidthKbps: null,
      attributes: [],
      encoding: null,
      clockRate: null,
      channels: null,
      parameters: [],
      parametersLine: 0,
    };
    if (this.#media.length < MAX_MEDIA) this.#media.push(this.#current);
    else this.#dropped++;
  }

  #takeConnection(value: string, line: number): void {
    const match = /^IN IP([46]) ([^\s/]+)(?:\/(\d+))?(?:\/(\d+))?\s*$/.exec(value);
    if (match === null) {
      this.#fault("connection", line, quoted(value));
      if (this.#current) this.#current.connectionUnreadable = true;
      else this.#unreadable = true;
      return;
    }
    const family = match[1] === "4" ? 4 : 6;
    const ttl = family === 4 ? wholeNumber(match[3]) : null;
    // IPv6 has no TTL, so that its only number is that of the addresses (RFC 8866 5.7).
    const count = Math.max(1, wholeNumber(match[family === 4 ? 4 : 3]) ?? 1);
    const connection: SdpConnection = { family, address: match[2] as string, ttl, count, line };
    if (this.#current) this.#current.connection = connection;
    else this.#connection = connection;
  }

  #takeBandwidth(value: string): void {
    const match = /^AS:(\d{1,15})\s*$/.exec(value);
    if (match && this.#current) this.#current.bandwidthKbps = Number(match[1]);
  }

  #takeAttribute(value: string, line: number): void {
    const colon = value.indexOf(":");
    const name = (colon < 0 ? value : value.slice(0, colon)).trim();
    const attribute = { name, value: colon < 0 ? "" : value.slice(colon + 1).trim(), line };
    (this.#current?.attributes ?? this.#attributes).push(attribute);
  }

  /** Takes a=rtpmap and a=fmtp of the payload type of m=. */
  #resolve(media: SdpMedia): void {
    for (const { name, value, line } of media.attributes) {
      if (name === "rtpmap") this.#takeRtpmap(media, value, line);
      else if (name === "fmtp") this.#takeFmtp(media, value, line);
    }
  }

  #takeRtpmap(media: SdpMedia, value: string, line: number): void {
    const match = /^(\d+) +([^\s/]+)\/(\d+)(?:\/(\d+))?$/.exec(value);
    if (match === null || Number(match[1]) !== media.payloadType || media.encoding !== null) {
      this.#fault("rtpmap", line, quoted(value));
      return;
    }
    media.encoding = match[2] as string;
    media.clockRate = Number(match[3]);
    media.channels = match[4] === undefined ? null : Number(match[4]);
  }

  #takeFmtp(media: SdpMedia, value: string, line: number): void {
    const space = value.indexOf(" ");
    const payloadType = wholeNumber(space < 0 ? value : value.slice(0, space));
    if (payloadType === null || payloadType !== media.payloadType || media.parametersLine !== 0) {
      this.#fault("fmtp", line, quoted(value));
      return;
    }
    media.parametersLine = line;
    const list = space < 0 ? "" : value.slice(space + 1);
    media.parameters = list.split(";").flatMap((part) => {
      const text = part.trim();
      if (text === "") return [];
      const equals = text.indexOf("=");
      const name = equals < 0 ? text : text.slice(0, equals).trim();
      return [{ name, value: equals < 0 ? null : text.slice(equals + 1).trim() }];
    });
    const names = new Set<string>();
    for (const { name } of media.parameters) {
      // Each DID and SDID announced has a parameter of its own (RFC 8331 3.1).
      if (names.has(name) && name !== "DID_SDID") this.#fault("fmtpDuplicate", line, quoted(name));
      if (/\s/.test(name)) this.#fault("fmtp", line, quoted(name));
      names.add(name);
    }
  }
}

/** Characters of a file's text that a finding repeats. */
const MAX_QUOTED = 60;

/** What a file says, marked as such for a finding; `printable` makes it fit to be shown. */
export function quoted(text: string): string {
  return `\`${text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text}\``;
}

/** Text without control characters, which a file may hold and a terminal would obey. */
export function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e…]/g, "?");
}
