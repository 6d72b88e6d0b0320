import { rtpMarker, rtpTimestamp } from "../net/rtp.ts";
import { ruleCounters } from "../report/finding.ts";
import { type Epoch, formatTime } from "../report/time.ts";
import type { AncContent } from "../st2110/ancillary/content.ts";
import {
  ANC_DATA_HEADER,
  ANC_PAYLOAD_HEADER,
  ancColorDifference,
  ancCount,
  ancField,
  ancHorizontalOffset,
  ancLine,
  ancPlace,
  ancStream,
} from "../st2110/ancillary/header.ts";
import { ancName, hasWideWords, isType1 } from "../st2110/ancillary/names.ts";
import { ANC_RULES } from "../st2110/ancillary/rules.ts";
import { contentOf } from "../st2110/ancillary/sub-stream.ts";
import {
  alignedOctets,
  checksumWord,
  FRAME_WORDS,
  MAX_USER_WORDS,
  parityOk,
  unpackWords,
  wordAt,
} from "../st2110/ancillary/words.ts";
import type { ByteFile } from "./byte-file.ts";
import type { RtpWriter } from "./rtp-file.ts";
import { counted, PayloadSpan } from "./rtp-payload.ts";

/** DID, SDID and data count. */
const HEADER_WORDS = 3;
/** Octets that hold them. */
const HEADER_WORDS_OCTETS = 4;
/** Sub-streams that are decoded; those of more come only from damage or ill will. */
const MOST_DECODED = 64;
const FIELDS = ["progressive", "invalid", "first", "second"] as const;

/** Writes each ANC data packet of a flow as a line of JSON: where it stands, its words, and what they say. */
export class AncWriter implements RtpWriter {
  readonly #out: ByteFile;
  readonly #epoch: () => Epoch;
  readonly #span = new PayloadSpan();
  readonly #words = new Uint16Array(MAX_USER_WORDS + FRAME_WORDS);
  readonly #octets = new Uint8Array(MAX_USER_WORDS);
  readonly #contents = new Map<number, AncContent | null>();
  readonly #counters = ruleCounters(ANC_RULES);
  readonly #encoder = new TextEncoder();
  #written = 0;
  #broken = 0;

  constructor(out: ByteFile, epoch: () => Epoch) {
    this.#out = out;
    this.#epoch = epoch;
  }

  packet(buf: Uint8Array, off: number, len: number, timeNs: number): void {
    const span = this.#span;
    if (!span.locate(buf, off, len) || span.len < ANC_PAYLOAD_HEADER) {
      this.#broken++;
      return;
    }
    const end = span.off + span.len;
    const rtp = {
      time: Number.isNaN(timeNs) ? null : formatTime(this.#epoch(), timeNs),
      rtpTimestamp: rtpTimestamp(buf, off),
      marker: rtpMarker(buf, off) === 1,
      field: FIELDS[ancField(buf, span.off)],
    };
    let at = span.off + ANC_PAYLOAD_HEADER;
    for (let left = ancCount(buf, span.off); left > 0; left -= 1) {
      const head = at + ANC_DATA_HEADER;
      const dataCount = head + HEADER_WORDS_OCTETS <= end ? wordAt(buf, head, 2) & 0xff : -1;
      const after = head + alignedOctets(dataCount + FRAME_WORDS);
      if (dataCount < 0 || after > end) {
        this.#broken++;
        return;
      }
      const line = JSON.stringify({ ...rtp, ...this.#ancPacket(buf, at, dataCount, timeNs) });
      const octets = this.#encoder.encode(`${line}\n`);
      this.#out.write(octets, 0, octets.length);
      this.#written++;
      at = after;
    }
  }

  finish(): void {}

  notes(): string[] {
    const notes = [counted(this.#written, "ANC data packet")];
    if (this.#broken > 0) notes.push(`${counted(this.#broken, "RTP packet")} could not be read to the end`);
    return notes;
  }

  #ancPacket(buf: Uint8Array, at: number, dataCount: number, timeNs: number): Record<string, unknown> {
    const words = this.#words;
    const wordCount = dataCount + FRAME_WORDS;
    unpackWords(buf, at + ANC_DATA_HEADER, wordCount, words);
    const did = (words[0] as number) & 0xff;
    const second = (words[1] as number) & 0xff;
    const type1 = isType1(did);
    const stream = ancStream(buf, at);
    const parity = this.#parity(did, dataCount);
    const checksum = checksumWord(words, wordCount - 1) === words[wordCount - 1];
    const user = words.subarray(HEADER_WORDS, HEADER_WORDS + dataCount);
    return {
      line: ancLine(buf, at),
      horizontalOffset: ancHorizontalOffset(buf, at),
      colorDifference: ancColorDifference(buf, at) === 1,
      streamNumber: stream >= 0x80 ? stream & 0x7f : null,
      did,
      sdid: type1 ? null : second,
      dataBlockNumber: type1 ? second : null,
      ...ancName(did, type1 ? 0 : second),
      dataCount,
      parity,
      checksum,
      words: [...user].map((word) => word.toString(16).padStart(3, "0")).join(" "),
      decoded: parity && checksum ? this.#decode(buf, at, did, type1 ? 0 : second, dataCount, timeNs) : null,
    };
  }

  #parity(did: number, dataCount: number): boolean {
    const checked = hasWideWords(did) ? HEADER_WORDS : HEADER_WORDS + dataCount;
    for (let i = 0; i < checked; i += 1) if (!parityOk(this.#words[i] as number)) return false;
    return true;
  }

  /** Where the sub-stream stands after this packet; null for what has no decoder. */
  #decode(
    buf: Uint8Array,
    at: number,
    did: number,
    sdid: number,
    dataCount: number,
    timeNs: number,
  ): unknown {
    const stream = ancStream(buf, at);
    const key = (did * 256 + sdid) * 256 + (stream >= 0x80 ? stream : 0);
    let content = this.#contents.get(key);
    if (content === undefined) {
      if (this.#contents.size >= MOST_DECODED) return null;
      content = contentOf(did, sdid, this.#counters);
      this.#contents.set(key, content);
    }
    if (content === null) return null;
    for (let i = 0; i < dataCount; i += 1) this.#octets[i] = (this.#words[i + HEADER_WORDS] as number) & 0xff;
    content.packet(this.#octets, dataCount, timeNs, ancPlace(buf, at));
    return content.report(this.#epoch());
  }
}
