import { u24 } from "../../bits/read.ts";
import { ALL_QUIET, type Splitter, type UnitSink } from "./splitter.ts";
import { decidingOctets, findVideoHeader, readVideoBuffers, type VideoSyntax } from "./video-headers.ts";

/** Octets of a PES packet that are kept to read a sequence header or parameter set from. */
const HEAD_BYTES = 512;
/** A header is looked for in so many octets from the start of a PES packet: access unit delimiter and VPS come before. */
const HEADER_WITHIN = 160;
/** So many PES packets are searched for further access units at first, and after that one in SEARCH_EVERY. */
const SEARCH_FIRST = 25;
const SEARCH_EVERY = 32;

/** What a start code means for access units. */
const OTHER = 0;
/** A picture, or slice, of the unit. */
const PICTURE = 1;
/** What a unit starts with. */
const START = 2;

/**
 * Finds access units of video. Nearly all streams have one in each PES packet, at its start, so that whole
 * payloads need no search; where a search of some of them finds more, all are searched from then on.
 */
export class VideoSplitter implements Splitter {
  quiet = 0;
  readonly #syntax: VideoSyntax;
  readonly #sink: UnitSink;
  readonly #head = new Uint8Array(HEAD_BYTES);
  /** Octets in `#head`; -1 while none are kept. */
  #kept = -1;
  /** So many octets of `#head` said the sizes that hold: the same ones again say nothing new. 0 is none. */
  #known = 0;
  #atStart = false;
  #ticks = Number.NaN;
  #packets = 0;
  #several = false;
  #search = false;
  /** Last three octets of the search. */
  #window = 0xffffff;
  /** The unit has its picture: what starts a unit now starts the next. */
  #picture = false;
  /** Units that started in the PES packet. */
  #units = 0;

  constructor(syntax: VideoSyntax, sink: UnitSink) {
    this.#syntax = syntax;
    this.#sink = sink;
  }

  pes(ticks: number): void {
    this.quiet = 0;
    if (this.#kept > 0) this.#readHead();
    this.#kept = -1;
    this.#atStart = true;
    this.#ticks = ticks;
    this.#units = 0;
    this.#window = 0xffffff;
    this.#search = this.#several || this.#packets < SEARCH_FIRST || this.#packets % SEARCH_EVERY === 0;
    this.#packets += 1;
  }

  data(buf: Uint8Array, at: number, end: number, offset: number): void {
    if (this.#atStart) {
      this.#atStart = false;
      this.#begin(buf, at, end, offset);
    }
    if (this.#kept >= 0) this.#keep(buf, at, end);
    if (this.#search) this.#find(buf, at, end, offset);
    else if (this.#kept < 0) this.quiet = ALL_QUIET;
  }

  restart(): void {
    this.quiet = 0;
    this.#kept = -1;
    this.#atStart = false;
    this.#search = false;
  }

  #begin(buf: Uint8Array, at: number, end: number, offset: number): void {
    if (!this.#repeats(buf, at, end)) {
      if (findVideoHeader(this.#syntax, buf, at, Math.min(end, at + HEADER_WITHIN)) >= 0) {
        this.#kept = 0;
        this.#known = 0;
      }
    }
    const zeros = buf[at] === 0 && buf[at + 1] === 0;
    const aligned = zeros && (buf[at + 2] === 1 || (buf[at + 2] === 0 && buf[at + 3] === 1));
    this.#picture = !aligned;
    if (aligned) this.#unit(offset);
    // The rest of a unit comes first: the time stamp is for the one that starts within (2.4.3.7).
    else this.#search = true;
  }

  /** The PES packet starts with the header that is known, octet by octet. */
  #repeats(buf: Uint8Array, at: number, end: number): boolean {
    const known = this.#known;
    if (known === 0 || end - at < known) return false;
    for (let i = 0; i < known; i += 1) if (buf[at + i] !== this.#head[i]) return false;
    return true;
  }

  #unit(offset: number): void {
    this.#units += 1;
    this.#sink.unit(offset, this.#ticks);
    this.#ticks = Number.NaN;
  }

  #keep(buf: Uint8Array, at: number, end: number): void {
    let kept = this.#kept;
    for (let from = at; from < end && kept < HEAD_BYTES; from += 1, kept += 1) {
      this.#head[kept] = buf[from] as number;
    }
    this.#kept = kept;
    if (kept === HEAD_BYTES) this.#readHead();
  }

  #readHead(): void {
    const kept = this.#kept;
    const found = readVideoBuffers(this.#syntax, this.#head, kept);
    this.#kept = -1;
    if (found === "none") return;
    if (found === "unknown") {
      this.#sink.sizes(null);
      return;
    }
    this.#known = decidingOctets(this.#syntax, this.#head, kept);
    this.#sink.sizes(found);
  }

  #find(buf: Uint8Array, at: number, end: number, offset: number): void {
    // A start code that goes on from the payload before has its value in the first three octets.
    let window = this.#window;
    const first = Math.min(end, at + 3);
    for (let from = at; from < first; from += 1) {
      const octet = buf[from] as number;
      if (window === 1) this.#startCode(octet, offset + from - at - 3);
      window = ((window << 8) | octet) & 0xffffff;
    }
    // From there on by the third octet of 00 00 01: one above 1 rules out three places at once.
    const last = end - 1;
    for (let from = at + 2; from < last; ) {
      const octet = buf[from] as number;
      if (octet > 1) {
        from += 3;
      } else if (octet === 0) {
        from += 1;
      } else {
        if (buf[from - 1] === 0 && buf[from - 2] === 0) {
          this.#startCode(buf[from + 1] as number, offset + from - at - 2);
        }
        from += 3;
      }
    }
    if (end - at > 3) window = u24(buf, end - 3);
    this.#window = window;
  }

  #startCode(code: number, offset: number): void {
    const meaning = startCodeMeaning(this.#syntax, code);
    if (meaning === OTHER) return;
    if (meaning === PICTURE) {
      this.#picture = true;
      return;
    }
    if (this.#picture) {
      if (this.#units > 0 && !this.#several) {
        this.#several = true;
        this.#sink.lost();
      }
      this.#unit(offset);
    }
    this.#picture = this.#syntax === "mpeg2" && code === 0;
  }
}

/**
 * MPEG video: sequence_header, group_of_pictures_header or picture_header (ISO/IEC 13818-2 6.1.1.6); AVC and HEVC: the
 * access unit delimiter, which the T-STD demands (ISO/IEC 13818-1 2.14.1, 2.17.1).
 */
function startCodeMeaning(syntax: VideoSyntax, code: number): number {
  if (syntax === "mpeg2") return code === 0xb3 || code === 0xb8 || code === 0 ? START : OTHER;
  const type = syntax === "avc" ? code & 0x1f : (code >> 1) & 0x3f;
  if (syntax === "avc") return type === 9 ? START : type === 1 || type === 5 ? PICTURE : OTHER;
  return type === 35 ? START : type < 32 ? PICTURE : OTHER;
}
