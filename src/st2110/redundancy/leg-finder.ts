import { rtpSequence } from "../../net/rtp.ts";

/** One packet in this many is looked at; both legs choose the same ones, by their sequence numbers. */
const SAMPLE_EVERY = 16;
/** Sampled packets that are remembered, of all flows. */
const ENTRIES = 8192;
/** Copies that must be seen before two flows are taken for legs. */
const COPIES_NEEDED = 8;
/** Copies further apart than this are no legs of ST 2022-7: the widest class bears 450 ms. */
const MAX_APART_NS = 1e9;
/** Pairs of flows that copies are counted for. */
const MAX_PAIRS = 1024;

/** True for the packets that a finder looks at, whatever came before. */
export function isSampled(buf: Uint8Array, off: number): boolean {
  return rtpSequence(buf, off) % SAMPLE_EVERY === 0;
}

/**
 * Finds flows that carry the same RTP packets, without an SDP: legs of ST 2022-7 agree in sequence number, timestamp,
 * SSRC and payload. Memory: 170 kB, whatever comes.
 */
export class LegFinder {
  /** Packets that were looked at. */
  sampled = 0;
  readonly #crc = new Uint32Array(ENTRIES);
  readonly #flow = new Int32Array(ENTRIES).fill(-1);
  readonly #timeNs = new Float64Array(ENTRIES);
  readonly #copies = new Map<number, number>();

  /**
   * Looks at the RTP packet `buf[off, off + len)` of flow number `flow`, 0 to 2^20 - 1. Returns the number of the flow
   * that it is a leg of once that is sure, and again with each further copy; else -1. `every` looks at the packet
   * whatever its number: the first ones of a flow, so that a slow one is known soon.
   */
  packet(flow: number, buf: Uint8Array, off: number, len: number, timeNs: number, every = false): number {
    if (!every && !isSampled(buf, off)) return -1;
    this.sampled++;
    const crc = Bun.hash.crc32(buf.subarray(off, off + len));
    const at = crc % ENTRIES;
    const other = this.#flow[at] as number;
    const known = this.#crc[at] === crc && other >= 0 && other !== flow;
    if (known && Math.abs(timeNs - (this.#timeNs[at] as number)) <= MAX_APART_NS)
      return this.#copy(flow, other);
    this.#crc[at] = crc;
    this.#flow[at] = flow;
    this.#timeNs[at] = timeNs;
    return -1;
  }

  /** Flow number `flow` is gone, and its number may be given to another. */
  forget(flow: number): void {
    for (let at = 0; at < ENTRIES; at++) if (this.#flow[at] === flow) this.#flow[at] = -1;
    for (const key of this.#copies.keys()) {
      if (key % 2 ** 20 === flow || Math.floor(key / 2 ** 20) === flow) this.#copies.delete(key);
    }
  }

  #copy(flow: number, other: number): number {
    const key = Math.min(flow, other) * 2 ** 20 + Math.max(flow, other);
    const copies = (this.#copies.get(key) ?? 0) + 1;
    if (copies === 1 && this.#copies.size >= MAX_PAIRS) this.#copies.clear();
    this.#copies.set(key, copies);
    return copies >= COPIES_NEEDED ? other : -1;
  }
}
