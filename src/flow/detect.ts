import { u8 } from "../bits/read.ts";
import { SYNC_BYTE } from "../mpegts/packet.ts";
import { detectPacketLength, type PacketLength, syncOffset } from "../mpegts/sync.ts";
import {
  looksLikeRtcp,
  rtpHeaderLength,
  rtpPaddingLength,
  rtpSequence,
  rtpSsrc,
  rtpVersion,
} from "../net/rtp.ts";

/** What one datagram looks like. */
export const LOOKS = { other: 0, tsUdp: 1, tsRtp: 2, rtp: 3 } as const;

/** One of LOOKS. */
export type Looks = (typeof LOOKS)[keyof typeof LOOKS];

/** Datagrams that are looked at before a flow without clear evidence is called `other`. */
export const MAX_HELD_DATAGRAMS = 16;

/** Datagrams in a row that must say so before a flow already judged is judged again. */
const CHANGE_OF_MIND = 3;

/** First octet and length of an RTP packet's payload, without header and padding. */
export class RtpPayload {
  off = 0;
  len = 0;

  /**
   * False when `buf[off, off + len)` is not an RTP packet. The end of a packet that the capture `cut` is
   * missing, and with it the count of padding octets.
   */
  locate(buf: Uint8Array, off: number, len: number, cut: boolean): boolean {
    if (len < 12 || rtpVersion(buf, off) !== 2) return false;
    const header = rtpHeaderLength(buf, off, len);
    if (header < 0) return false;
    const padding = cut ? 0 : rtpPaddingLength(buf, off, len);
    if (padding < 0 || header + padding > len) return false;
    this.off = off + header;
    this.len = len - header - padding;
    return true;
  }
}

/**
 * Decides what a flow carries from its first datagrams, and notices later when it has become something
 * else. Two sync bytes a packet length apart settle it at once; a lone TS packet or an RTP header without
 * TS behind it has to be seen again, as either could be chance.
 */
export class Detector {
  /** Packet length of the TS packets last seen by `look`. */
  packetLength: PacketLength = 188;
  #candidate: Looks = LOOKS.other;
  #agreeing = 0;
  #seen = 0;
  #ssrc = 0;
  #sequence = 0;
  /** Datagrams with the same SSRC and the same sequence number as the one before. */
  #repeats = 0;
  readonly #rtp = new RtpPayload();

  /** Whether the last `look` found evidence enough to decide by itself. */
  sure = false;

  /** How the datagram looks by itself. */
  look(buf: Uint8Array, off: number, len: number): Looks {
    this.sure = false;
    const rtp = this.#rtp.locate(buf, off, len, false);
    if (rtp) {
      // Before TS in any phase: behind an RTP header, TS packets look like TS that starts with 12 stray octets.
      const inside = detectPacketLength(buf, this.#rtp.off, this.#rtp.len);
      // RFC 2250 2: the payload is an integral number of TS packets. Video of one grey may hold 0x47 anywhere.
      if (inside !== 0 && this.#rtp.len % inside === 0) {
        this.packetLength = inside;
        this.sure = this.#rtp.len >= 2 * inside;
        return LOOKS.tsRtp;
      }
    }
    const length = detectPacketLength(buf, off, len);
    // What has an RTP header is TS only as whole packets from the start (192-octet ones may begin like RTP).
    if (length !== 0 && (!rtp || (len % length === 0 && u8(buf, off + syncOffset(length)) === SYNC_BYTE))) {
      this.packetLength = length;
      this.sure = len >= 2 * length;
      return LOOKS.tsUdp;
    }
    if (!rtp) return LOOKS.other;
    return looksLikeRtcp(buf, off, len) ? LOOKS.other : LOOKS.rtp;
  }

  /**
   * Takes the next datagram of an undecided flow. Returns what the flow carries once that is clear,
   * or -1 while it is not.
   */
  decide(buf: Uint8Array, off: number, len: number): Looks | -1 {
    const looks = this.look(buf, off, len);
    this.#seen++;
    if (this.sure) return looks;
    if (looks !== LOOKS.other) {
      const ssrc = looks === LOOKS.tsUdp ? 0 : rtpSsrc(buf, off);
      const sequence = looks === LOOKS.rtp ? rtpSequence(buf, off) : -1;
      const same = looks === this.#candidate && ssrc === this.#ssrc && this.#agreeing > 0;
      if (!same) this.#agreeing = 0;
      this.#repeats = same && sequence === this.#sequence ? this.#repeats + 1 : 0;
      this.#candidate = looks;
      this.#ssrc = ssrc;
      this.#sequence = sequence;
      // RFC 3550 A.1: a source is believed when its sequence numbers go on; a retransmitted query stands still.
      if ((looks !== LOOKS.rtp || this.#repeats === 0) && ++this.#agreeing >= CHANGE_OF_MIND) return looks;
    }
    return this.#seen >= MAX_HELD_DATAGRAMS ? this.guess() : -1;
  }

  /** The best answer that the datagrams so far allow: for a flow that ended early. */
  guess(): Looks {
    return this.#agreeing === 1 && this.#repeats >= CHANGE_OF_MIND - 1 && this.#candidate === LOOKS.rtp
      ? LOOKS.other
      : this.#candidate;
  }

  /**
   * Called with datagrams that do not fit what the flow was judged to be: true once enough in a row agree
   * that it carries `packetLength` TS packets, over UDP or RTP, after all.
   */
  reconsider(buf: Uint8Array, off: number, len: number): Looks | -1 {
    const looks = this.look(buf, off, len);
    if (!this.sure) {
      this.#agreeing = 0;
      return -1;
    }
    if (looks !== this.#candidate) this.#agreeing = 0;
    this.#candidate = looks;
    if (++this.#agreeing < CHANGE_OF_MIND) return -1;
    this.#agreeing = 0;
    return looks;
  }
}
