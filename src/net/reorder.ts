import { ReorderMemory, SlotOwner } from "./packet-slots.ts";
import { looksLikeRtp, rtpSsrc } from "./rtp.ts";
import { type DeliverPacket, RtpCounters, RtpSource, type RtpSourceContext } from "./rtp-source.ts";

/** Packets that wait for a missing one, unless set otherwise. */
const REORDER_WINDOW_PACKETS = 64;

/** Time that a packet waits for a missing one, unless set otherwise. */
const REORDER_WINDOW_NS = 50e6;

/** The largest window in packets: beyond it the history of what has come would not reach far enough back. */
const MAX_REORDER_WINDOW_PACKETS = 4096;

/** Senders (SSRCs) on one flow that are told apart; the one unheard for longest makes room for a new one. */
export const MAX_SOURCES = 4;

/** How a reorder window is set up. */
export interface RtpReorderOptions {
  /** Packets that may wait for a missing one, 0 (nothing waits) to MAX_REORDER_WINDOW_PACKETS; default 64. */
  readonly windowPackets?: number;
  /** Nanoseconds of packet time that a packet may wait for a missing one; default 50 ms. */
  readonly windowNs?: number;
  /**
   * Takes the packets in order. One in order comes straight from the buffer given to `push`; one that had to wait,
   * from a slot of the window, which stays as it is until `release` is called.
   */
  readonly deliver: DeliverPacket;
  /** The consumer must copy, before it returns, whatever it still refers to: a slot is about to be overwritten. */
  readonly release: () => void;
  /**
   * A new sequence begins: packets delivered from now on do not follow those before. `sameSource` when a sender that
   * keeps its SSRC started again, which the packets themselves do not show.
   */
  readonly reset?: (sameSource: boolean) => void;
  /** Memory shared with other windows; default is REORDER_MEMORY_OCTETS of its own. */
  readonly memory?: ReorderMemory;
}

/**
 * Puts the RTP packets of one flow in sequence order, drops duplicates and counts loss (RFC 3550 A.1). Reads no
 * clock: time is the packets' own. Each SSRC has a sequence of its own, so two senders on one flow, their packets
 * interleaved, are each put in order and neither resets the other; a new SSRC counts as a restart, once. Memory:
 * twice `windowPackets` slots of 2 to 64 KiB a source, made when packets come out of order, within `memory`. Where
 * there is none left nothing waits.
 */
export class RtpReorder extends RtpCounters {
  readonly #context: RtpSourceContext;
  readonly #sources: RtpSource[] = [];
  #current: RtpSource | null = null;

  constructor(options: RtpReorderOptions) {
    super();
    const { windowPackets = REORDER_WINDOW_PACKETS, windowNs = REORDER_WINDOW_NS } = options;
    this.#context = {
      counters: this,
      owner: new SlotOwner(options.memory ?? new ReorderMemory(), options.release),
      windowPackets: Math.min(Math.max(Math.floor(windowPackets), 0), MAX_REORDER_WINDOW_PACKETS),
      windowNs,
      deliver: options.deliver,
      reset: options.reset ?? (() => {}),
    };
  }

  /**
   * Takes the UDP payload `buf[off, off + len)`, of `wireLength` octets on the wire, captured at `timeNs`. What is not RTP (see `looksLikeRtp`) counts as
   * invalid.
   */
  push(buf: Uint8Array, off: number, len: number, timeNs: number, wireLength = len): void {
    if (!looksLikeRtp(buf, off, len)) {
      this.invalid++;
      return;
    }
    this.take(buf, off, len, timeNs, wireLength);
  }

  /** The same for one whose fixed header the caller has checked: what follows that header need not fit. */
  take(buf: Uint8Array, off: number, len: number, timeNs: number, wireLength: number): void {
    const ssrc = rtpSsrc(buf, off);
    let source = this.#current;
    if (source === null || source.ssrc !== ssrc) source = this.#turnTo(ssrc);
    source.push(buf, off, len, timeNs, wireLength);
  }

  /** The sequence number that the current sender's next packet to deliver has; -1 when there is no sender. */
  get next(): number {
    return this.#current?.next ?? -1;
  }

  /** Shows each packet of the current sender that waits, in order; it goes on waiting. */
  waiting(show: DeliverPacket): void {
    this.#current?.waiting(show);
  }

  /** It is `nowNs` by packet time: packets that have waited for the window's time are delivered. */
  expire(nowNs: number): void {
    for (const source of this.#sources) source.expire(nowNs);
  }

  /** Delivers all packets that wait, and counts what is missing between them as lost. */
  flush(): void {
    for (const source of this.#sources) source.flush();
  }

  /** The flow is over: delivers what waits, lets the consumer copy it, and gives the memory back. */
  close(): void {
    this.flush();
    this.#context.owner.release();
    for (const source of this.#sources) source.free();
    this.#sources.length = 0;
    this.#current = null;
  }

  #turnTo(ssrc: number): RtpSource {
    if (this.#current !== null) this.#current.lastUse = this.packets;
    let source = this.#known(ssrc);
    if (source === null) {
      if (this.#sources.length > 0) {
        // What still waits of the other senders came before this packet.
        this.flush();
        this.restarts++;
        this.#context.reset(false);
      }
      source = this.#sources.length < MAX_SOURCES ? this.#add() : this.#leastRecent();
      source.begin(ssrc);
    }
    this.#current = source;
    return source;
  }

  #known(ssrc: number): RtpSource | null {
    for (const source of this.#sources) if (source.ssrc === ssrc) return source;
    return null;
  }

  #add(): RtpSource {
    const source = new RtpSource(this.#context);
    this.#sources.push(source);
    return source;
  }

  #leastRecent(): RtpSource {
    return this.#sources.reduce((oldest, source) => (source.lastUse < oldest.lastUse ? source : oldest));
  }
}
