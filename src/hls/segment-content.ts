import { detectTsLayout } from "../capture/tsfile-layout.ts";
import {
  payloadOffset,
  payloadUnitStartIndicator,
  randomAccessIndicator,
  SYNC_BYTE,
  TS_PACKET_BYTES,
  transportErrorIndicator,
  transportScramblingControl,
  tsPid,
} from "../mpegts/packet.ts";
import { SectionDemux } from "../mpegts/psi/section-demux.ts";
import { CODEC, type Codec } from "../mpegts/psi/stream-types.ts";
import { PAT_TABLE_ID, parsePat } from "../mpegts/psi/tables/pat.ts";
import { PMT_TABLE_ID, parsePmt } from "../mpegts/psi/tables/pmt.ts";
import { startsWithKeyframe } from "../mpegts/timing/keyframe.ts";
import { PES, pesStart, readPesStart } from "../mpegts/timing/pes.ts";

/** Octets of a segment's start by which its format is told. */
export const HEAD_OCTETS = 6 * TS_PACKET_BYTES;
/** Time stamps count 33 bits of 90 kHz. */
const STAMP_MODULUS = 2 ** 33;
const STAMP_HZ = 90_000;
/** Codecs whose entry points are known by their start codes. */
const ENTRY_CODECS: ReadonlySet<string> = new Set(["avc", "hevc", "mpeg2video", "mpeg1video"]);
/** Streams whose time stamps are kept of one segment; more than a program has. */
const MAX_TRACKS = 256;

/** What a segment turned out to be, in words; `transport stream` for what can be analysed. */
export function segmentFormat(buf: Uint8Array, end: number): string {
  if (end >= TS_PACKET_BYTES && detectTsLayout(buf, 0, end)?.stride === TS_PACKET_BYTES)
    return "transport stream";
  const text = Buffer.from(buf.buffer, buf.byteOffset, Math.min(end, 64)).toString("latin1");
  if (/^....(ftyp|styp|moof|moov|sidx|emsg|prft|mdat)/s.test(text)) return "fragmented MP4";
  if (text.startsWith("ID3") || /^\xff[\xf0-\xf9]/.test(text)) return "packed audio";
  if (/^(\xef\xbb\xbf)?WEBVTT/.test(text)) return "WebVTT subtitles";
  if (/^\s*</.test(text)) return "a page of HTML or XML";
  return end === 0 ? "empty" : "of a format that is not known";
}

/** Time stamps of one PID within a segment, in ticks of 90 kHz, without wrap-around. */
interface Track {
  readonly streamId: number;
  count: number;
  /** Presentation time stamp of the first access unit. */
  readonly firstPts: number;
  first: number;
  last: number;
  least: number;
  most: number;
  lastPts: number;
  leastPts: number;
  mostPts: number;
}

/** From when to when a segment lasts by its time stamps. */
export interface SegmentTimes {
  /** Of the stream that tells the time. */
  readonly pid: number;
  /** Decoding time stamp of its first access unit, in seconds. */
  readonly firstSeconds: number;
  /** Presentation time stamp of the same. */
  readonly presentedSeconds: number;
  /** As long as its access units last by their decoding times; NaN where there is but one. */
  readonly durationSeconds: number;
  /** The same by their presentation times. */
  readonly shownSeconds: number;
  /** Mean time between two of them: as much is not sure of either. */
  readonly stepSeconds: number;
}

/** What one segment holds: its tables, and from when to when it lasts by its time stamps. */
export class SegmentContent {
  octets = 0;
  packets = 0;
  /** Programs of the PAT; 0 until there is one. */
  programs = 0;
  /** Each stream of the PMT as `PID:type`, in an order of their own; null until there is a PMT. */
  streams: string | null = null;
  /** Packets of media came before PAT and PMT. */
  late = false;
  /** Access units of video whose codec is known, and those of them that a decoder can begin with. */
  pictures = 0;
  entryPoints = 0;
  /** By PID of the PMT. */
  readonly #codecs = new Map<number, Codec>();
  readonly #pmtPids = new Set<number>();
  readonly #tracks = new Map<number, Track>();
  readonly #carry = new Uint8Array(TS_PACKET_BYTES);
  #carried = 0;
  readonly #start = pesStart();
  readonly #demux = new SectionDemux({
    section: (_pid, buf, off, len) => this.#section(buf, off, len),
    crcError: () => {},
    malformed: () => {},
  });

  /** Takes the next octets of the segment, wherever they were cut. */
  push(piece: Uint8Array): void {
    this.octets += piece.length;
    let at = 0;
    if (this.#carried > 0) {
      at = Math.min(TS_PACKET_BYTES - this.#carried, piece.length);
      this.#carry.set(piece.subarray(0, at), this.#carried);
      this.#carried += at;
      if (this.#carried < TS_PACKET_BYTES) return;
      this.#packet(this.#carry, 0);
      this.#carried = 0;
    }
    for (; at + TS_PACKET_BYTES <= piece.length; at += TS_PACKET_BYTES) {
      // Damage within a segment is the analyser's to judge; here it only must not be taken for packets.
      while (at < piece.length && piece[at] !== SYNC_BYTE) at++;
      if (at + TS_PACKET_BYTES <= piece.length) this.#packet(piece, at);
      else break;
    }
    this.#carried = Math.max(0, piece.length - at);
    if (this.#carried > 0) this.#carry.set(piece.subarray(at));
  }

  /** By the first stream with video, else the first with audio; null where neither has a time stamp. */
  times(): SegmentTimes | null {
    let best: [number, Track] | null = null;
    for (const entry of this.#tracks) {
      const kind = this.#kind(entry[0], entry[1].streamId);
      if (kind === "video") {
        best = entry;
        break;
      }
      if (kind === "audio") best ??= entry;
    }
    if (best === null) return null;
    const [pid, { first, firstPts, least, most, leastPts, mostPts, count }] = best;
    // The last picture or frame lasts as long as the others on average; of one alone nobody can tell.
    const stepSeconds = count > 1 ? (most - least) / (count - 1) / STAMP_HZ : Number.NaN;
    return {
      pid,
      firstSeconds: first / STAMP_HZ,
      presentedSeconds: firstPts / STAMP_HZ,
      durationSeconds: (most - least) / STAMP_HZ + stepSeconds,
      shownSeconds: (mostPts - leastPts) / STAMP_HZ + stepSeconds,
      stepSeconds,
    };
  }

  /**
   * What comes without a pause and so tells the time. Subtitles and metadata (ID3 too) have time stamps, but only where
   * there is something to say. Without a name in the PMT, ISO/IEC 13818-1 table 2-22 tells by stream_id.
   */
  #kind(pid: number, streamId: number): "video" | "audio" | null {
    const codec = this.#codecs.get(pid);
    if (codec?.kind === "video" || codec?.kind === "audio") return codec.kind;
    if (codec !== undefined && codec.carriage !== null && codec !== CODEC.privatePes) return null;
    if (streamId >= 0xe0 && streamId <= 0xef) return "video";
    return streamId >= 0xc0 && streamId <= 0xdf ? "audio" : null;
  }

  #packet(buf: Uint8Array, off: number): void {
    if (buf[off] !== SYNC_BYTE || transportErrorIndicator(buf, off) === 1) return;
    this.packets++;
    const pid = tsPid(buf, off);
    if (pid === 0 || this.#pmtPids.has(pid)) {
      this.#demux.packet(buf, off, pid, Number.NaN, false);
      return;
    }
    // A PID of 16 to 8190 that is no table: tables of DVB (up to 0x1f) may come first.
    if (pid < 0x20 || pid === 0x1fff) return;
    const payload = payloadOffset(buf, off);
    if (payload === TS_PACKET_BYTES) return;
    if (this.streams === null) this.late = true;
    if (payloadUnitStartIndicator(buf, off) === 1 && transportScramblingControl(buf, off) === 0) {
      this.#pes(buf, off, payload, pid);
    }
  }

  #pes(buf: Uint8Array, packet: number, payload: number, pid: number): void {
    const start = this.#start;
    const off = packet + payload;
    if (readPesStart(buf, off, TS_PACKET_BYTES - payload, start) !== PES.header) return;
    const codec = this.#codecs.get(pid)?.id ?? "";
    if (ENTRY_CODECS.has(codec)) {
      this.pictures++;
      const entry =
        randomAccessIndicator(buf, packet) === 1 || startsWithKeyframe(buf, packet, off, start, codec);
      if (entry) this.entryPoints++;
    }
    const stamp = Number.isNaN(start.dts) ? start.pts : start.dts;
    if (Number.isNaN(stamp)) return;
    const track = this.#tracks.get(pid);
    if (track === undefined) {
      if (this.#tracks.size === MAX_TRACKS) return;
      const { pts, streamId } = start;
      const decoded = { first: stamp, last: stamp, least: stamp, most: stamp };
      this.#tracks.set(pid, {
        streamId,
        count: 1,
        ...decoded,
        firstPts: pts,
        lastPts: pts,
        leastPts: pts,
        mostPts: pts,
      });
      return;
    }
    const unwrapped = track.last + stampDifference(stamp, track.last);
    track.last = unwrapped;
    track.least = Math.min(track.least, unwrapped);
    track.most = Math.max(track.most, unwrapped);
    const shown = track.lastPts + stampDifference(start.pts, track.lastPts);
    track.lastPts = shown;
    track.leastPts = Math.min(track.leastPts, shown);
    track.mostPts = Math.max(track.mostPts, shown);
    track.count++;
  }

  #section(buf: Uint8Array, off: number, len: number): void {
    if (buf[off] === PAT_TABLE_ID) {
      const pat = parsePat(buf, off, len);
      if (pat === null) return;
      this.programs = Math.max(this.programs, pat.programs.length);
      for (const { programMapPid } of pat.programs) this.#pmtPids.add(programMapPid);
    } else if (buf[off] === PMT_TABLE_ID && this.streams === null) {
      const pmt = parsePmt(buf, off, len);
      if (pmt === null) return;
      for (const { elementaryPid, codec } of pmt.streams) this.#codecs.set(elementaryPid, codec);
      this.streams = pmt.streams
        .map(({ elementaryPid, streamType }) => `${elementaryPid}:${streamType}`)
        .sort()
        .join(" ");
    }
  }
}

/** How far `now` is from `before`, time stamps of 33 bits, forward or backward, whichever is nearer. */
export function stampDifference(now: number, before: number): number {
  const step = (((now - before) % STAMP_MODULUS) + STAMP_MODULUS) % STAMP_MODULUS;
  return step < STAMP_MODULUS / 2 ? step : step - STAMP_MODULUS;
}

/** Seconds from one first time stamp to another (`firstSeconds`), across the wrap of the counter. */
export function stampSeconds(now: number, before: number): number {
  return stampDifference(Math.round(now * STAMP_HZ), Math.round(before * STAMP_HZ)) / STAMP_HZ;
}
